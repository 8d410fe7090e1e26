"""What other programs wrote, or are to read."""
