"""Everything that learns; the only folder that imports torch."""
