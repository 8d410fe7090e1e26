"""Files, tables, folders and standard input become a `Corpus`."""
