"""Sampling, search and writing."""
