"""Measurements: `python -m benchmarks` runs what belongs together; the others are run by their names."""
