"""Files for other programs and from them; `native` is the model file."""
