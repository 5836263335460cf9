"""Search explorer: ask an index, see what was found, why, how ranks changed and where the time went."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import traitlets

from jina_notebook import searching
from jina_notebook.elastic.first_stage import MODES
from jina_notebook.elastic.targets import names_of
from jina_notebook.errors import InputError, OptionError
from jina_notebook.render.blocks import Block, Page
from jina_notebook.render.clean import clip, counted, visible
from jina_notebook.render.vendor import to_vendor
from jina_notebook.widgets.base import STATIC, Act, JinaWidget, refuse_unknown
from jina_notebook.widgets.figures import pictured, rank_lines

if TYPE_CHECKING:
    import pandas as pd

    from jina_notebook.elastic.connection import Connection
    from jina_notebook.protocols import Embedder, Reranks
    from jina_notebook.results import Hits
    from jina_notebook.widgets.jobs import Job

__all__ = ["SearchExplorer"]

SOURCE = 1000  # characters of a document that travel to the browser
MOST_HITS = 100
DRAWN = 20  # documents in the static picture
LISTED = 200  # indices to choose from

Settings = dict[str, Any]


class SearchExplorer(JinaWidget):
    """Search by hand: query, indices, mode, filter, reranking, rank changes, times, and the code that does the same.

    `index`: a name, alias or pattern, or several; the others of the server can be chosen in the widget. `query`: asked
    at once, in the cell, so that the output holds its hits. `mode`, `k` (at most 100), `filter`, `rerank`, `model` and
    `connection` are those of `jn.search`. `.hits` are the last hits, `.selection` the rows that are ticked.

    Raises what `jn.search` raises, and `OptionError` for an unknown argument.

    >>> explorer = jn.widgets.SearchExplorer("shop", query="something warm to drink")
    >>> explorer.selection
    """

    _esm = STATIC / "search_explorer.js"
    _css = STATIC / "search_explorer.css"

    modes = traitlets.List(list(MODES)).tag(sync=True)
    indices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    rerankers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    results = traitlets.Dict().tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        index: str | Sequence[str],
        *,
        query: str | None = None,
        mode: str = "hybrid",
        k: int = 10,
        filter: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,  # noqa: A002 - Elasticsearch's own name
        rerank: str | Reranks | None = None,
        model: str | Embedder | None = None,
        connection: Connection | str | None = None,
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self), unknown)
        from jina_notebook.elastic.connection import current

        self.hits: Hits | None = None
        self._server = current(connection)
        self._model = model
        self._given = rerank
        chosen = names_of(index)
        name = rerank if isinstance(rerank, str) else "" if rerank is None else rerank.name
        settings = {
            "query": query or "",
            "index": chosen,
            "mode": mode,
            "k": k,
            "filter": json.dumps(filter, ensure_ascii=False) if filter else "",
            "rerank": name,
        }
        super().__init__(
            indices=list(dict.fromkeys([*chosen, *_index_names(self._server)])),
            rerankers=list(dict.fromkeys([*([name] if name else []), *_rerankers()])),
            settings=settings,
        )
        if query is not None:
            self.search()

    def search(self, query: str | None = None, **changes: Any) -> Hits:
        """Searches now, in the calling cell, and shows it in the widget; `changes` are settings to change."""
        unknown = set(changes) - set(self.settings)
        if unknown:
            raise OptionError(f"a search has no setting {min(unknown)!r}; it has {', '.join(self.settings)}.")
        settings = {**self.settings, **changes, **({} if query is None else {"query": query})}
        settings["index"] = names_of(settings["index"])
        self._worker.run("Searching", lambda job: self._searched(settings, job))
        assert self.hits is not None  # noqa: S101 - `_searched` has set it
        return self.hits

    @property
    def selection(self) -> pd.DataFrame:
        """The hits that are ticked, as `Hits.to_frame()` gives them."""
        if self.hits is None:
            import pandas as pd

            return pd.DataFrame(columns=["rank", "score", "id", "index"])
        return self.hits.to_frame().iloc[[row for row in self.selected if row < len(self.hits)]]

    @property
    def code(self) -> str:
        """The cell that does what the widget is set to."""
        return self._code(self.settings)

    def page(self) -> Page:
        """The hits with a picture of their ranks."""
        if self.hits is None:
            facts = (("index", ", ".join(self.settings["index"])), ("mode", self.settings["mode"]))
            return Page("search-explorer", "Search explorer", facts, (), ("Nothing was searched yet.",))
        page = self.hits.page()
        return replace(page, kind="search-explorer", blocks=(*page.blocks, *self._drawn(self.hits)))

    def acts(self) -> Mapping[str, Act]:
        return {"search": self._asked}

    def _asked(self, content: Mapping[str, Any]) -> None:
        settings = {**self.settings, **{k: v for k, v in content["settings"].items() if k in self.settings}}
        self._begin("Searching", lambda job: self._searched(settings, job))

    def _searched(self, settings: Settings, job: Job) -> Any:
        options = self._options(settings)
        hits = searching.search(settings["query"], settings["index"], connection=self._server, **options)
        job.check()

        def show() -> str:
            self.hits = hits
            self.selected = []
            self.settings = settings
            self.results = self._results(hits, settings)
            return f"{counted(len(hits), 'hit')} in {1000 * sum(hits.latency.values()):,.0f} ms."

        return show

    def _options(self, settings: Settings) -> dict[str, Any]:
        """Arguments of `jn.search`, checked as far as the browser's values can be wrong where a caller's cannot."""
        if not settings["index"]:
            raise InputError("No index is chosen.", hint="Tick at least one.")
        k = settings["k"]
        if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MOST_HITS:
            raise OptionError(f"k={k!r} is not a whole number from 1 to {MOST_HITS}.")
        options: dict[str, Any] = {"mode": settings["mode"], "k": k}
        if settings["filter"].strip():
            options["filter"] = _filter(settings["filter"])
        if settings["rerank"]:
            own = self._given if not isinstance(self._given, str) else None
            options["rerank"] = own if own is not None and own.name == settings["rerank"] else settings["rerank"]
        if self._model is not None and settings["mode"] != "lexical":
            options["model"] = self._model
        return options

    def _results(self, hits: Hits, settings: Settings) -> dict[str, Any]:
        explained = [
            {
                "stages": [[stage.name, stage.rank, float(stage.score)] for stage in hit.explanation],
                "source": _as_json(hit.source),
            }
            for hit in hits
        ]
        latency = [[stage, 1000 * seconds] for stage, seconds in hits.latency.items()]
        return {"page": to_vendor(hits.page()), "hits": explained, "latency": latency, "code": self._code(settings)}

    def _code(self, settings: Settings) -> str:
        index = settings["index"][0] if len(settings["index"]) == 1 else settings["index"]
        lines = [repr(settings["query"]), repr(index), f"mode={settings['mode']!r}", f"k={settings['k']}"]
        if settings["filter"].strip():
            lines.append(f"filter={_filter(settings['filter'])!r}")
        if settings["rerank"]:
            lines.append(f"rerank={settings['rerank']!r}")
        if self._model is not None:
            lines.append(f"model={self._model if isinstance(self._model, str) else self._model.name!r}")
        if self._server.name != "default":
            lines.append(f"connection={self._server.name!r}")
        return (
            "import jina_notebook as jn\n\nhits = jn.search(\n"
            + "".join(f"    {line},\n" for line in lines)
            + ")\nhits"
        )

    def _drawn(self, hits: Hits) -> tuple[Block, ...]:
        stages = list(dict.fromkeys(stage.name for hit in hits for stage in hit.explanation))
        if not stages or not len(hits):
            return ()
        ranks = {
            f"{hit.rank}. {hit.id}": {**{stage.name: stage.rank for stage in hit.explanation}, "result": hit.rank}
            for hit in hits[:DRAWN]
        }
        alt = "Ranks by stage: " + "; ".join(
            f"{name}: {', '.join(f'{stage} {rank}' for stage, rank in places.items())}"
            for name, places in ranks.items()
        )
        return (pictured(rank_lines(ranks, [*stages, "result"]), clip(alt, 600), "ranks by stage"),)


def _filter(text: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"The filter is no valid JSON at line {error.lineno}, column {error.colno}: {error.msg}.",
            hint='A filter looks like {"term": {"lang": "en"}}.',
        ) from None
    if not isinstance(value, dict | list):
        raise InputError(
            f"The filter is {text.strip()[:60]!r}, not an Elasticsearch query.",
            hint='A filter looks like {"term": {"lang": "en"}}.',
        )
    return value


def _as_json(source: Mapping[str, Any]) -> str:
    return clip(visible(json.dumps(dict(source), ensure_ascii=False, indent=1, default=str)), SOURCE)


def _index_names(server: Connection) -> list[str]:
    """Indices and aliases to choose from; hidden ones are not offered."""
    from jina_notebook.elastic.failures import explained

    with explained("list the indices"):
        answer = server.client.indices.get_alias(expand_wildcards="open").body
    names = set(answer) | {alias for entry in answer.values() for alias in entry.get("aliases", {})}
    return sorted(name for name in names if not name.startswith("."))[:LISTED]


def _rerankers() -> list[str]:
    from jina_notebook.catalog import CATALOGUE

    return [card.name for card in CATALOGUE if card.reranks]
