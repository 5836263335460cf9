"""Small corpora with graded judgments, and the reader of the layout that they are kept in.

```python
from jina_notebook import data

support = data.load("support")
support.corpus[0]["title"], support.queries["q01"], support.qrels["q01"]
```
"""

from __future__ import annotations

from importlib import resources

from jina_notebook.data.beir import Collection, read_beir
from jina_notebook.errors import OptionError, did_you_mean

__all__ = ["Collection", "load", "names", "read_beir"]


def names() -> tuple[str, ...]:
    """The corpora that come with the package."""
    root = resources.files(__name__)
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.joinpath("corpus.jsonl").is_file()))


def load(name: str = "support") -> Collection:
    """One of the package's own corpora, read anew at each call, so that changing it changes nobody else's.

    Raises `OptionError` for an unknown name.
    """
    known = names()
    if name not in known:
        near = did_you_mean(name, known)
        raise OptionError(
            f"there is no corpus {name!r}; there are {', '.join(known)}.",
            hint=near[:1].upper() + near[1:] or "A folder of your own is read by jina_notebook.data.read_beir(folder).",
        )
    with resources.as_file(resources.files(__name__) / name) as folder:
        return read_beir(folder)
