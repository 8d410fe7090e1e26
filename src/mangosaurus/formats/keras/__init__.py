"""Networks that Keras wrote."""
