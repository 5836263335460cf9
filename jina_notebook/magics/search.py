"""`%%jina_search`: a query to hits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError
from jina_notebook.magics.options import Command, Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request
    from jina_notebook.results import Hits
    from jina_notebook.results.searches import Searches

__all__ = ["COMMAND", "MODES", "act"]

MODES = ("hybrid", "vector", "exact", "lexical", "late-interaction")

COMMAND = Command(
    name="jina_search",
    summary="searches an index by words, by meaning, or by both",
    words="QUERY",
    body="one query per line",
    options=(
        Option(name="index", help="index or indices to search, separated by commas", kind="names", source="indices"),
        Option(name="mode", help="how to search; hybrid without it", choices=MODES),
        Option(name="k", help="how many hits", kind="number", least=1),
        Option(name="num-candidates", help="effort of the vector search, k to 10,000", kind="number", least=1),
        Option(name="filter", help="Elasticsearch query that every hit must match", kind="json"),
        Option(name="rerank", help="model that orders the first hits anew", source="models"),
        Option(name="rerank-top", help="how many hits are reranked", kind="number", least=1),
        Option(name="fusion", help="how hybrid search fuses", choices=("rrf", "linear")),
        Option(name="model", help="model of an index that does not name its own", source="models"),
        Option(name="input", help="Python object with the query: text, image, or a list of them", source="variables"),
        Option(name="connection", help="named connection to use", source="connections"),
        Option(name="raw", help="leaves {{ name }} as it is", kind="bool"),
    ),
    examples=(
        '%jina_search "something warm to drink" --index shop --k 5',
        "",
        "%%jina_search --index shop --mode lexical --out hits",
        "what's new?",
    ),
    models=lambda card: card.reranks or card.embeds,
)


def act(request: Request) -> Hits | Searches:
    """Searches for the query; for several, one after the other."""
    from jina_notebook import searching
    from jina_notebook.results.searches import Searches

    index = request.options.get("index")
    if not index:
        raise OptionError("There is no index to search.", hint='Name it: %jina_search "…" --index NAME.')
    options = request.only(
        "mode", "k", "num_candidates", "filter", "rerank", "rerank_top", "fusion", "model", "connection"
    )
    for name in ("rerank", "model"):
        held = request.namespace.get(options.get(name, ""))
        if held is not None and hasattr(held, "card"):
            options[name] = held
    queries: list[Any] = request.items()
    found = [searching.search(query, index if len(index) > 1 else index[0], **options) for query in queries]
    return found[0] if len(found) == 1 else Searches(tuple(found))
