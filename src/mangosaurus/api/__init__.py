"""What Python users call: `Model`, `fit` and the other verbs, reports."""
