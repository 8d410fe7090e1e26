"""The experts and their mixture, in NumPy."""
