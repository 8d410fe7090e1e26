"""The command line: a file per command. `__main__` lists them."""
