"""One module per model family, all the same shape."""
