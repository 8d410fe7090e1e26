"""Loss, surprisal and classification."""
