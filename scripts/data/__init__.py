"""Writes the pictures and PDFs of `jina_notebook/data`; run as `python -m scripts.data` from the repository's root."""
