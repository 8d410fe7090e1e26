"""Learn the spelling of a list of names or of a book, character by character, and write new ones."""

__version__ = "0.1.0"
