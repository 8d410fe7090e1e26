"""What every other folder may use: errors, options, arrays, the vocabulary, files, document hashes."""
