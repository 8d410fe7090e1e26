"""The models: NumPy alone, no torch."""
