"""Live widgets: search explorer, late-interaction inspector, Matryoshka explorer, embedding map and gallery.

```python
import jina_notebook as jn

jn.widgets.SearchExplorer("shop", query="something warm to drink")
```

Each also has a static form, a picture and a table, that is in the cell's output at once. They need the extra
`widgets`; without it this module can be imported, and making a widget says what to install.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import MissingExtraError

if TYPE_CHECKING:
    from jina_notebook.widgets.embedding_map import EmbeddingMap
    from jina_notebook.widgets.gallery import Gallery
    from jina_notebook.widgets.late_interaction import LateInteractionInspector
    from jina_notebook.widgets.matryoshka import MatryoshkaExplorer
    from jina_notebook.widgets.search_explorer import SearchExplorer

__all__ = ["EmbeddingMap", "Gallery", "LateInteractionInspector", "MatryoshkaExplorer", "SearchExplorer"]

_HOMES = {
    "EmbeddingMap": "embedding_map",
    "Gallery": "gallery",
    "LateInteractionInspector": "late_interaction",
    "MatryoshkaExplorer": "matryoshka",
    "SearchExplorer": "search_explorer",
}
_NEEDED = ("anywidget", "ipywidgets", "traitlets")


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        return _missing(name, error.name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _missing(name: str, package: str) -> Any:
    """What stands for a widget where its package is not installed: making one says so."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise MissingExtraError(
            f"{name} needs the package {package}, which is not installed.",
            hint='Install the extra widgets: pip install "jina-notebook[widgets]", then restart the kernel.',
        )

    refuse.__name__ = refuse.__qualname__ = name
    return refuse
