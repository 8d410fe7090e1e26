"""The frame, charts and shading of pages that are one file."""
