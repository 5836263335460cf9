"""This run's metrics beside the previous run's, and the limits that decide whether the report fails.

```python
before = report.previous("retrieval-quality", "output")
verdict = report.compare(figures, before, {"hybrid nDCG@10": report.Limit(drop=0.02, at_least=0.4)})
verdict                 # a table, as a cell's last line
verdict.check()         # in the last cell, when everything is recorded: fails, naming every limit that was crossed
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jina_notebook.errors import InputError, OptionError, ThresholdError, did_you_mean
from jina_notebook.render.blocks import Cell, Column, Page, Table
from jina_notebook.render.clean import counted
from jina_notebook.render.display import Displayed
from jina_notebook.report.archive import Past
from jina_notebook.report.record import Metrics, Value

__all__ = ["Limit", "Verdict", "compare"]

SLACK = 1e-9  # 0.50 - 0.48 is a little more than 0.02
HINT = "The run is recorded in full, and later ones are compared with the run before it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How a metric may stand before the report fails; what is None is not looked at.

    `drop`, `rise`: how far it may fall or grow since the previous run, in its own unit, or with `relative=True` as a
    share of what it was (0.5: half). `at_least`, `at_most`: where it must stand whatever it was, also in a first run.

    Raises `InputError` for a limit that limits nothing, is negative or no number.
    """

    drop: float | None = None
    rise: float | None = None
    relative: bool = False
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in ("drop", "rise", "at_least", "at_most")}
        if all(value is None for value in given.values()):
            raise InputError("A limit limits nothing.", hint="Give drop=, rise=, at_least= or at_most=.")
        for name, value in given.items():
            if value is None:
                continue
            if not _is_number(value) or not math.isfinite(value) or (name in {"drop", "rise"} and value < 0):
                raise InputError(
                    f"The limit {name} is {value!r}, but takes a finite number"
                    f"{' of at least 0' if name in {'drop', 'rise'} else ''}."
                )

    def crossed(self, name: str, now: float, before: float | None) -> Iterator[str]:
        """A sentence, without its point, for each part of the limit that does not hold."""
        if self.at_least is not None and now < self.at_least - SLACK:
            yield f"{name} is {_shown(now)}, below {_bound(self.at_least)}"
        if self.at_most is not None and now > self.at_most + SLACK:
            yield f"{name} is {_shown(now)}, above {_bound(self.at_most)}"
        if before is None:
            return
        way = f"from {_shown(before)} to {_shown(now)}"
        if self.drop is not None and before - now > self._allowed(self.drop, before):
            yield f"{name} fell {way}, by more than {self._amount(self.drop)}"
        if self.rise is not None and now - before > self._allowed(self.rise, before):
            yield f"{name} rose {way}, by more than {self._amount(self.rise)}"

    def _allowed(self, amount: float, before: float) -> float:
        return (amount * abs(before) if self.relative else amount) + SLACK

    def _amount(self, amount: float) -> str:
        return f"{amount:.0%}" if self.relative else _bound(amount)

    def __str__(self) -> str:
        """What the table says: `drop 0.02, at least 0.4`."""
        moves = [(word, getattr(self, word)) for word in ("drop", "rise")]
        bounds = [("at least", self.at_least), ("at most", self.at_most)]
        told = [f"{word} {self._amount(value)}" for word, value in moves if value is not None]
        return ", ".join([*told, *(f"{word} {_bound(value)}" for word, value in bounds if value is not None)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metric: what it was, what it is, its limit, and the sentences of what was crossed."""

    name: str
    before: Value | None
    now: Value | None
    limit: Limit | None
    crossed: tuple[str, ...]

    @property
    def state(self) -> str:
        if self.crossed:
            return "CROSSED"
        if self.now is None:
            return "no longer recorded"
        if self.before is None:
            return "new, holds" if self.limit is not None else "new"
        return "holds" if self.limit is not None else ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Verdict(Displayed):
    """What `compare` gives: a row per metric, and whether every limit holds.

    `before` is the run that was compared with, or None.
    """

    rows: tuple[Row, ...]
    before: Past | None

    @property
    def crossed(self) -> tuple[str, ...]:
        """A sentence, without its point, for everything that is further than its limit."""
        return tuple(sentence for row in self.rows for sentence in row.crossed)

    @property
    def held(self) -> bool:
        """Whether nothing was crossed."""
        return not self.crossed

    def check(self, *, hint: str = HINT) -> None:
        """Does nothing where every limit holds. Raises `ThresholdError` that names everything that was crossed."""
        if self.held:
            return
        since = f" since the run of {self.before.recorded_at}" if self.before is not None else ""
        found = counted(len(self.crossed), "threshold was", "thresholds were")
        raise ThresholdError(f"{found} crossed{since}: {'; '.join(self.crossed)}.", hint=hint)

    def page(self) -> Page:
        """What was crossed first, then the metrics in the order they were recorded in, those that are gone last."""
        columns = (
            Column("name", "metric"),
            Column("before", "before", "right"),
            Column("now", "now", "right"),
            Column("change", "change", "right"),
            Column("limit", "limit"),
            Column("state", "state"),
        )
        rows = tuple(_cells(row) for row in sorted(self.rows, key=lambda row: not row.crossed))
        limited = [row for row in self.rows if row.limit is not None]
        if self.before is None:
            facts: tuple[tuple[str, str], ...] = (("compared with", "no earlier run of this kind"),)
        else:
            facts = (("compared with", f"the run of {self.before.recorded_at}, {Path(self.before.path).name}"),)
        broken = sum(bool(row.crossed) for row in limited)
        title = f"{broken} of {counted(len(limited), 'limit')} crossed" if broken else _all_hold(len(limited))
        notes = tuple(f"{sentence}." for sentence in self.crossed)
        return Page("verdict", title, facts, (Table(columns, rows, empty="no metrics"),), notes)


def compare(
    current: Mapping[str, Value] | Metrics, before: Past | None, limits: Mapping[str, Limit] | None = None
) -> Verdict:
    """This run's metrics against an earlier run's: a table, and `.check()` that fails where a limit is crossed.

    `current`: the metrics of this run, as `report.metrics` takes or gives them. `before`: what `report.previous` gave;
    without it only `at_least` and `at_most` are looked at. `limits`: metric name to `Limit`.

    Raises `OptionError` for a limit of a metric that this run does not have, `InputError` where it is no number.
    """
    values = dict(current.values if isinstance(current, Metrics) else current)
    earlier = dict(before.recorded.metrics) if before is not None else {}
    for name in limits or {}:
        if name not in values:
            raise OptionError(
                f"There is a limit for {name!r}, which is not among the metrics.",
                hint=did_you_mean(name, values) or f"The metrics: {', '.join(values)}.",
            )
        if not _is_number(values[name]):
            raise InputError(f"There is a limit for {name!r}, which is {values[name]!r} and no number.")
    rows = [_row(name, earlier.get(name), now, (limits or {}).get(name)) for name, now in values.items()]
    rows += [_row(name, was, None, None) for name, was in earlier.items() if name not in values]
    return Verdict(rows=tuple(rows), before=before)


def _row(name: str, before: Value | None, now: Value | None, limit: Limit | None) -> Row:
    was = float(before) if _is_number(before) and before is not None else None
    crossed = tuple(limit.crossed(name, float(now), was)) if limit is not None and now is not None else ()
    return Row(name=name, before=before, now=now, limit=limit, crossed=crossed)


def _cells(row: Row) -> tuple[Cell, ...]:
    change = ""
    if _is_number(row.before) and _is_number(row.now) and row.before is not None and row.now is not None:
        moved = float(row.now) - float(row.before)
        change = "" if abs(moved) < SLACK else f"{'+' if moved > 0 else '−'}{_shown(abs(moved))}"
    elif row.before is not None and row.now is not None and row.before != row.now:
        change = "another"
    limit = str(row.limit) if row.limit is not None else ""
    return (row.name, _value(row.before), _value(row.now), change, limit, row.state)


def _value(value: Value | None) -> Cell:
    return _shown(value) if _is_number(value) and value is not None else value


def _shown(value: Value | float) -> str:
    """Enough digits to see a difference that matters."""
    if isinstance(value, str | bool):
        return str(value)
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:,.1f}"


def _bound(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _all_hold(limits: int) -> str:
    few = {0: "No limits", 1: "The limit holds", 2: "Both limits hold"}
    return few.get(limits, f"All {limits} limits hold")
