"""`jina-notebook evaluate --qrels FILE --runs NAME=FILE`."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.options import AsJson
from jina_notebook.cli.output import show
from jina_notebook.errors import OptionError

if TYPE_CHECKING:
    from jina_notebook.results import Evaluation
    from jina_notebook.results.comparison import Comparison
    from jina_notebook.results.listing import Row

__all__ = ["app"]

METRICS = "nDCG@10,R@100,RR@10"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def evaluate(
    qrels: Annotated[Path, typer.Option(metavar="FILE", help="Judgments: BEIR's table or TREC's qrels.")],
    runs: Annotated[
        list[str],
        typer.Option(metavar="NAME=FILE", help="Results: TREC's run or BEIR's JSON; repeatable."),
    ],
    queries: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="BEIR's queries.jsonl: a run with results for others is refused."),
    ] = None,
    metrics: Annotated[
        str, typer.Option(metavar="NAME[,NAME]", help="As ir_measures writes them: nDCG@10, R@100, RR@10, AP, P@5.")
    ] = METRICS,
    as_json: AsJson = False,
) -> None:
    """Measure runs by judgments, and compare every run with the first one, query by query."""
    from jina_notebook import evaluation
    from jina_notebook.data.beir import read_queries

    graded = evaluation.read_qrels(qrels)
    read = {name: evaluation.read_run(file) for name, file in _named(runs).items()}
    asked = read_queries(queries) if queries is not None else dict.fromkeys(itertools.chain(graded, *read.values()), "")
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    found = evaluation.evaluate(asked, graded, read, metrics=names)
    first, *others = found.metrics
    compared = [found.compare(first, other, metric) for metric in found.names for other in others]
    show(_Shown(found, compared), _record(found, compared), as_json=as_json)


class _Shown:
    """The table of runs, and under it the one of comparisons."""

    def __init__(self, found: Evaluation, compared: list[Comparison]) -> None:
        self._found = found
        self._compared = compared

    def __str__(self) -> str:
        from jina_notebook.results.listing import Listing

        if not self._compared:
            return str(self._found)
        rows: tuple[Row, ...] = tuple(
            {
                "run": one.b,
                "metric": one.metric,
                "difference": round(one.delta, 4),
                "better": one.wins,
                "equal": one.ties,
                "worse": one.losses,
                "p": round(one.p_value, 4),
            }
            for one in self._compared
        )
        note = "p: two-sided paired randomisation test over the judged queries."
        table = Listing("comparison", f"Against {self._compared[0].a}", tuple(rows[0]), rows, notes=(note,))
        return f"{self._found}\n\n{table}"


def _named(runs: list[str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for pair in runs:
        name, equals, file = pair.partition("=")
        if not equals or not name or not file:
            raise OptionError(f"--runs is {pair!r}, not NAME=FILE.", hint="For example --runs mine=run.trec.")
        if name in named:
            raise OptionError(f"The run {name!r} is given twice.", hint="Give each its own name.")
        named[name] = Path(file).expanduser()
    return named


def _record(found: Evaluation, compared: list[Comparison]) -> dict[str, Any]:
    return {
        "queries": found.queries,
        "metrics": found.metrics,
        "per_query": found.per_query,
        "comparisons": [
            {
                "a": one.a,
                "b": one.b,
                "metric": one.metric,
                "mean_a": one.mean_a,
                "mean_b": one.mean_b,
                "delta": one.delta,
                "wins": one.wins,
                "ties": one.ties,
                "losses": one.losses,
                "p_value": one.p_value,
            }
            for one in compared
        ],
    }
