"""`jina-notebook search QUERY INDEX...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import STANDARD_INPUT, items
from jina_notebook.cli.options import (
    AsJson,
    Device,
    Dtype,
    ModelPath,
    Url,
    Weights,
    indices,
    option,
    prefer,
)
from jina_notebook.cli.output import noted, show
from jina_notebook.errors import OptionError
from jina_notebook.magics import rerank as reranking
from jina_notebook.magics.search import COMMAND

if TYPE_CHECKING:
    from jina_notebook.results import Hits

__all__ = ["app"]

RERANK = "It orders the first hits anew."

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY|-", help="The query; - reads one per line of a pipe.")],
    index: Annotated[list[str], typer.Argument(metavar="INDEX...", help="Indices to search.", autocompletion=indices)],
    mode: Annotated[str, option(COMMAND, "mode")] = "hybrid",
    k: Annotated[int, option(COMMAND, "k", "--k", "-k")] = 10,
    num_candidates: Annotated[int | None, option(COMMAND, "num-candidates")] = None,
    filter: Annotated[str | None, option(COMMAND, "filter")] = None,  # noqa: A002 - Elasticsearch's own name
    rerank: Annotated[str | None, option(reranking.COMMAND, "model", "--rerank", more=RERANK)] = None,
    rerank_top: Annotated[int, option(COMMAND, "rerank-top")] = 50,
    rerank_path: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder with the checkpoint of --rerank.")
    ] = None,
    fusion: Annotated[str, option(COMMAND, "fusion")] = "rrf",
    model: Annotated[str | None, option(COMMAND, "model")] = None,
    path: ModelPath = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Search one index or several by words, by meaning, or by both.

    Each index is searched with the model that filled it; one that came from a folder is named with --model and --path.
    """
    from jina_notebook import searching
    from jina_notebook.elastic.connection import connect
    from jina_notebook.results.searches import Searches

    queries = items([], STANDARD_INPUT, what="queries") if query == STANDARD_INPUT else [query]
    options: dict[str, Any] = {"mode": mode, "k": k, "num_candidates": num_candidates, "filter": _filter(filter)}
    if path is not None and model is None:
        raise typer.BadParameter("--path needs the model's name: --model NAME.")
    if rerank_path is not None and rerank is None:
        raise typer.BadParameter("--rerank-path needs the reranker's name: --rerank NAME.")
    prefer(device, dtype)
    options["connection"] = connect(url)
    options["model"] = model if path is None else Weights(path).load("search", COMMAND, model)
    options["rerank"] = rerank
    if rerank is not None and rerank_path is not None:
        options["rerank"] = Weights(rerank_path).load("search", reranking.COMMAND, rerank)
    options["index"] = index if len(index) > 1 else index[0]
    with noted():
        found = [searching.search(_text(one), rerank_top=rerank_top, fusion=fusion, **options) for one in queries]
    shown = found[0] if len(found) == 1 else Searches(tuple(found))
    show(shown, [_record(hits) for hits in found], as_json=as_json)


def _text(query: Any) -> Any:
    return query.get("text", query) if isinstance(query, dict) else query


def _filter(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise OptionError(
            f"--filter is {text!r}, which is not JSON: {error.msg} at character {error.pos + 1}.",
            hint="""Put it in single quotes: --filter '{"term": {"kind": "tea"}}'.""",
        ) from error


def _record(hits: Hits) -> dict[str, Any]:
    return {
        "query": hits.query,
        "mode": hits.mode,
        "model": hits.model,
        "reranker": hits.reranker,
        "stand_in": hits.stand_in,
        "seconds": dict(hits.latency),
        "notes": list(hits.notes),
        "hits": [
            {
                "rank": hit.rank,
                "score": hit.score,
                "id": hit.id,
                "index": hit.index,
                "source": dict(hit.source),
                "explanation": [
                    {"stage": stage.name, "rank": stage.rank, "score": stage.score} for stage in hit.explanation
                ],
                "highlights": [str(highlight) for highlight in hit.highlights],
                "passage": hit.passage,
            }
            for hit in hits
        ],
    }
