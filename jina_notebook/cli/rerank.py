"""`jina-notebook rerank QUERY [DOCUMENT]...`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import contents, items
from jina_notebook.cli.options import AsJson, Device, Dtype, ModelPath, Revision, Weights, option
from jina_notebook.cli.output import show
from jina_notebook.magics.rerank import COMMAND

if TYPE_CHECKING:
    from jina_notebook.results import Ranking

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def rerank(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What the documents are ordered for.")],
    document: Annotated[
        list[str] | None, typer.Argument(metavar="DOCUMENT", help="Documents; - reads them too.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--input", metavar="FILE", help="File with one document per line, or JSON lines. [default: a pipe]"
        ),
    ] = None,
    model: Annotated[str | None, option(COMMAND, "model")] = None,
    path: ModelPath = None,
    revision: Revision = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    top_n: Annotated[int | None, option(COMMAND, "top-n")] = None,
    return_documents: Annotated[
        bool, option(COMMAND, "return-documents", "--return-documents/--no-return-documents")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Order documents by relevance to a query, best first.

    Documents are words of the line, lines of --input FILE, or lines of a pipe; JSON lines with "text" or "image" too.
    """
    given = items(document or [], source, what="documents")
    loaded = Weights(path, revision, device, dtype).load("rerank", COMMAND, model, setting="reranker")
    ranking: Ranking = loaded.rerank(query, contents(given), top_n=top_n, return_documents=return_documents)
    show(ranking, _record(ranking, given, return_documents), as_json=as_json)


def _record(ranking: Ranking, given: list[Any], return_documents: bool) -> dict[str, Any]:
    """As Jina's API has it; `document` is what was read, with all its fields where it was a JSON object."""
    return {
        "query": ranking.query,
        "model": ranking.model,
        "revision": ranking.revision,
        "stand_in": ranking.stand_in,
        "results": [
            {
                "index": item.index,
                "relevance_score": item.relevance_score,
                "rank": item.rank,
                "document": given[item.index] if return_documents else None,
            }
            for item in ranking
        ],
    }
