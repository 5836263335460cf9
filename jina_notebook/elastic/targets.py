"""What a search is aimed at: names resolved to indices, grouped by the model and the fields they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.fields import Fields, fields_of, filtered_fields
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.refusals import existing_names, missing_index, refusals_named
from jina_notebook.errors import IndexFitError, OptionError, RequestError, did_you_mean

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Target", "check_filters", "names_of", "resolve"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Indices that one request searches, because model and fields are the same.

    `path` is what the request names (an alias stays an alias), `indices` the indices behind it, `filters` what the
    alias would have filtered where its indices have to be named one by one.
    """

    path: tuple[str, ...]
    indices: tuple[str, ...]
    fields: Fields
    meta: IndexMeta | None = None
    filters: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name in messages."""
        return ", ".join(self.path)


def names_of(index: object) -> tuple[str, ...]:
    """The caller's `index`, one name or several, as a tuple. Raises `OptionError` for anything else."""
    parts = index.split(",") if isinstance(index, str) else list(index) if isinstance(index, list | tuple) else [index]
    names = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    if not names or len(names) < len(parts):
        raise OptionError(
            f"index={index!r} names no index.", hint='Give a name, a pattern such as "shop-*", or a list of them.'
        )
    return tuple(dict.fromkeys(names))


def resolve(client: Elasticsearch, names: Sequence[str], *, by_texts: bool = False) -> list[Target]:
    """Looks the names up and groups the indices behind them; one target where all fit together.

    With `by_texts` only the text fields have to be the same, which is enough for lexical search.
    Raises `IndexFitError` where a name does not exist.
    """
    from elasticsearch import AuthorizationException

    try:
        with refusals_named(client, names, doing="read the mapping of"):
            mappings: Json = client.indices.get_mapping(index=",".join(names)).body
    except RequestError as error:
        if not isinstance(error.__cause__, AuthorizationException):
            raise
        return [_by_field_types(client, names)]
    if not mappings:
        raise missing_index(", ".join(names), existing_names(client))
    groups: dict[object, list[tuple[str, Fields, IndexMeta | None]]] = {}
    for name, entry in sorted(mappings.items()):
        meta = IndexMeta.from_mapping(entry["mappings"].get("_meta"))
        fields = fields_of(entry["mappings"], meta)
        groups.setdefault(_fit(fields, meta, by_texts), []).append((name, fields, meta))
    if len(groups) == 1:
        return [_target(tuple(names), *groups.values())]
    filters = _alias_filters(client, names)
    targets = []
    for members in groups.values():
        target = _target(tuple(name for name, _, _ in members), members)
        targets.append(replace(target, filters=tuple(f for n in target.indices for f in filters.get(n, ()))))
    return targets


def _by_field_types(client: Elasticsearch, names: Sequence[str]) -> Target:
    """What a login that may search but not read mappings can still learn: the types of the fields."""
    with refusals_named(client, names, doing="search"):
        found: Json = client.field_caps(index=",".join(names), fields="*").body
    properties = {path: {"type": next(iter(kinds))} for path, kinds in found["fields"].items()}
    return Target(
        path=tuple(names),
        indices=tuple(found["indices"]),
        fields=fields_of({"properties": properties}),
        notes=("this login may not read mappings, so the named model is taken on trust",),
    )


def _fit(fields: Fields, meta: IndexMeta | None, by_texts: bool) -> object:
    if by_texts:
        return fields.texts
    return replace(meta, version="") if meta else None, fields.vector(), fields.tokens, fields.texts


def _target(path: tuple[str, ...], members: Sequence[tuple[str, Fields, IndexMeta | None]]) -> Target:
    every = [fields for _, fields, _ in members]
    union = replace(
        every[0],
        heavy=tuple(dict.fromkeys(path for fields in every for path in fields.heavy)),
        names=frozenset().union(*(fields.names for fields in every)),
        open_prefixes=tuple(dict.fromkeys(p for fields in every for p in fields.open_prefixes)),
    )
    return Target(path=path, indices=tuple(name for name, _, _ in members), fields=union, meta=members[0][2])


def _alias_filters(client: Elasticsearch, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The filters of those aliases that were named, by index; an index that was named itself is searched whole."""
    with refusals_named(client, names, doing="read the aliases of"):
        found: Json = client.indices.get_alias(index=",".join(names)).body
    return {
        index: [
            alias["filter"] for name, alias in entry["aliases"].items() if _named(name, names) and "filter" in alias
        ]
        for index, entry in found.items()
        if not _named(index, names)
    }


def _named(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def check_filters(targets: Sequence[Target], filters: Sequence[Json]) -> None:
    """Refuses a filter on a field that none of the indices has: the server would silently find nothing."""
    for name in (name for part in filters for name in part):
        if any(name in target.fields.names for target in targets):
            raise OptionError(
                f"The filter names the field {name!r} without saying how it must match.",
                hint=f'Write {{"term": {{"{name}": …}}}}.',
            )
    for name in filtered_fields(list(filters)):
        if any(target.fields.knows(name) for target in targets):
            continue
        known = sorted(n for n in set().union(*(t.fields.names for t in targets)) - _heavy(targets) if n[0] != "_")
        where = "; ".join(target.label for target in targets)
        raise IndexFitError(
            f"The filter names the field {name!r}, which {where} does not have.",
            hint=did_you_mean(name, known) or f"Its fields: {', '.join(known) or 'none'}.",
        )


def _heavy(targets: Sequence[Target]) -> set[str]:
    return {path for target in targets for path in target.fields.heavy}
