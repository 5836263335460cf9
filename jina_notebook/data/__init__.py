"""Small corpora with graded judgments, texts, pictures, PDFs and web pages, and the reader of their layout.

```python
from jina_notebook import data

support = data.load("support")
support.corpus[0]["title"], support.queries["q01"], support.qrels["q01"]
data.load("pictures").corpus[0]["image"]  # an absolute path
```

What each corpus holds and how it was made is written in README.md beside this file.
"""

from __future__ import annotations

from importlib import resources

from jina_notebook.data.attachments import attached
from jina_notebook.data.beir import Collection, read_beir
from jina_notebook.errors import OptionError, did_you_mean

__all__ = ["Collection", "load", "names", "read_beir"]


def names() -> tuple[str, ...]:
    """The corpora that come with the package."""
    root = resources.files(__name__)
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.joinpath("corpus.jsonl").is_file()))


def load(name: str = "support") -> Collection:
    """One of the package's own corpora, read anew at each call, so that changing it changes nobody else's.

    Pictures and PDFs are absolute paths into the installed package, which has to be a folder, as pip makes it; web
    pages and what is expected of them are handed out as content.

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
        return attached(read_beir(folder))
