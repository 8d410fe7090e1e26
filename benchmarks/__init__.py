"""Measurements, to be run by hand: `python -m benchmarks.quality`, `python -m benchmarks.speed`."""
