"""Miniature checkpoints in the official layouts, for our own tests and for users' CI."""

from jina_notebook.testing.checkpoints import tiny_checkpoint, tiny_names

__all__ = ["tiny_checkpoint", "tiny_names"]
