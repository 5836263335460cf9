"""`%%jina_rerank`: documents ordered by relevance to a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import OptionError
from jina_notebook.magics.models import MODEL_OPTIONS, model_of
from jina_notebook.magics.options import Command, Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request
    from jina_notebook.results import Ranking

__all__ = ["COMMAND", "act"]

COMMAND = Command(
    name="jina_rerank",
    summary="orders documents by relevance to a query",
    words="QUERY",
    body="one document per line, or JSON lines",
    options=(
        *MODEL_OPTIONS,
        Option(name="query", help="the query, where it does not stand on the line itself"),
        Option(name="top-n", help="how many documents to give back", kind="number", least=1),
        Option(name="return-documents", help="whether documents come back with their ranks", kind="bool"),
        Option(name="input", help="Python object with the documents: list, frame.column, hits", source="variables"),
        Option(name="raw", help="leaves {{ name }} as it is", kind="bool"),
    ),
    examples=(
        '%%jina_rerank "something warm to drink" --top-n 2',
        "iced tea",
        "hot chocolate",
        "",
        "%jina_rerank {{ question }} --input hits --out best",
    ),
    models=lambda card: card.reranks,
)


def act(request: Request) -> Ranking:
    """Reranks the documents for the query."""
    query = _query(request)
    documents = request.items(words=False)
    model = model_of(request, "reranker")
    return cast("Ranking", model.rerank(query, _plain(documents), **request.only("top_n", "return_documents")))


def _query(request: Request) -> Any:
    given = request.options.get("query")
    if bool(given) == bool(request.words):
        raise OptionError(
            "There is no query." if not given else "The query is given twice, on the line and with --query.",
            hint='Write it on the line: %%jina_rerank "something warm to drink".',
        )
    return given or request.words


def _plain(documents: list[Any]) -> list[Any]:
    """JSON lines as their texts; hits and everything else as they are."""
    return [item["text"] if isinstance(item, dict) and "text" in item else item for item in documents]
