"""Jina's search models on your own CPU or GPU, and Elasticsearch, in a notebook.

```python
import jina_notebook as jn

model = jn.load("jina-embeddings-v3")
jn.index([{"id": "1", "text": "green tea"}], "shop", model=model, id="id")
jn.search("something warm to drink", "shop")
```

Names are explicit and lazy: importing this module imports neither torch nor elasticsearch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import JinaNotebookError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jina_notebook import scale, widgets
    from jina_notebook.catalog import ModelCard, models
    from jina_notebook.chunking import chunk
    from jina_notebook.comparing import compare_indices
    from jina_notebook.elastic.connection import Connection, connect
    from jina_notebook.evaluation import evaluate
    from jina_notebook.families.structured import table_document, tool_document
    from jina_notebook.families.weights import choose_weights
    from jina_notebook.images import read_image
    from jina_notebook.indexing import index
    from jina_notebook.loading import load, loaded, unload
    from jina_notebook.pdf import pdf_pages
    from jina_notebook.results import (
        Answer,
        Embeddings,
        Evaluation,
        Hit,
        Hits,
        IndexComparison,
        IndexReport,
        RankedDocument,
        Ranking,
        Reading,
        SimilarityMap,
    )
    from jina_notebook.searching import more_like, search
    from jina_notebook.serving.server import Server, serve
    from jina_notebook.similarity import similarity_map

__version__ = "0.1.0"

_HOMES = {
    "Answer": "results",
    "Connection": "elastic.connection",
    "Embeddings": "results",
    "Evaluation": "results",
    "Hit": "results",
    "Hits": "results",
    "IndexComparison": "results",
    "IndexReport": "results",
    "ModelCard": "catalog",
    "RankedDocument": "results",
    "Ranking": "results",
    "Reading": "results",
    "Server": "serving.server",
    "SimilarityMap": "results",
    "choose_weights": "families.weights",
    "chunk": "chunking",
    "compare_indices": "comparing",
    "connect": "elastic.connection",
    "evaluate": "evaluation",
    "index": "indexing",
    "load": "loading",
    "loaded": "loading",
    "models": "catalog",
    "more_like": "searching",
    "pdf_pages": "pdf",
    "read_image": "images",
    "search": "searching",
    "serve": "serving.server",
    "similarity_map": "similarity",
    "table_document": "families.structured",
    "tool_document": "families.structured",
    "unload": "loading",
}

_ROOMS = ("scale", "widgets")  # modules that are used as jn.NAME.…

__all__ = [
    "Answer",
    "Connection",
    "Embeddings",
    "Evaluation",
    "Hit",
    "Hits",
    "IndexComparison",
    "IndexReport",
    "JinaNotebookError",
    "ModelCard",
    "RankedDocument",
    "Ranking",
    "Reading",
    "Server",
    "SimilarityMap",
    "choose_weights",
    "chunk",
    "compare_indices",
    "connect",
    "evaluate",
    "index",
    "load",
    "load_ipython_extension",
    "loaded",
    "models",
    "more_like",
    "pdf_pages",
    "read_image",
    "scale",
    "search",
    "serve",
    "similarity_map",
    "table_document",
    "tool_document",
    "unload",
    "unload_ipython_extension",
    "widgets",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext jina_notebook`: registers the magics and their completion. Imports no torch."""
    from jina_notebook.magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext jina_notebook`: takes the magics and their completion away again."""
    from jina_notebook.magics import unregister

    unregister(shell)
