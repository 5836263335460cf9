"""From a metric's name, as people write it, to what computes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from jina_notebook.errors import OptionError, did_you_mean

__all__ = ["measures_of"]

EXAMPLES = "nDCG@10, R@100, RR@10, AP, AP@10, P@5, Success@1"
STEM = re.compile(r"[^@(]*")
CUTOFF = re.compile(r"@\s*(-?\d+)\s*$")


def measures_of(metrics: str | Sequence[str]) -> dict[str, Any]:
    """Each metric's name as it was given, and its measure of `ir_measures`.

    Raises `OptionError` for none, an unknown name, a cutoff below 1 or missing, or one that needs a program that is not
    installed.
    """
    names = [metrics] if isinstance(metrics, str) else [str(metric) for metric in metrics]
    if not names:
        raise OptionError("metrics is empty.", hint=f"Name at least one, for example {EXAMPLES}.")
    return {name: _measure(name) for name in names}


def _measure(name: str) -> Any:
    import ir_measures

    cutoff = CUTOFF.search(name)
    if cutoff and int(cutoff.group(1)) < 1:
        raise OptionError(
            f"the metric {name!r} has the cutoff {cutoff.group(1)}, which must be at least 1.",
            hint=f"Metrics are written like {EXAMPLES}.",
        )
    try:
        measure = ir_measures.parse_measure(name)
    except NameError as error:
        raise OptionError(
            f"there is no metric {name!r}; metrics are written like {EXAMPLES}.",
            hint=_nearest(name) or "Names are those of ir_measures.",
        ) from error
    except (ValueError, SyntaxError) as error:
        raise OptionError(
            f"the metric {name!r} cannot be read; metrics are written like {EXAMPLES}.",
            hint="A cutoff is a whole number after @.",
        ) from error
    _check_parameters(name, measure)
    if not any(p.is_available() and p.supports(measure) for p in ir_measures.DefaultPipeline.providers):
        raise OptionError(
            f"the metric {name!r} needs a program that is not installed; {EXAMPLES} do not.",
            hint="Choose another metric.",
        )
    return measure


def _check_parameters(name: str, measure: Any) -> None:
    try:
        measure.validate_params()
    except AssertionError as error:
        needs_cutoff = "cutoff" in measure.SUPPORTED_PARAMS and "cutoff" not in measure.params
        raise OptionError(
            f"the metric {name!r} lacks a parameter or has one that it does not take.",
            hint=f"Write it with a cutoff, for example {name}@10." if needs_cutoff else f"Allowed are {EXAMPLES}.",
        ) from error


def _nearest(name: str) -> str:
    """The metric that was meant, with the cutoff that was given."""
    import ir_measures

    stem = STEM.match(name)
    rest = name[stem.end() :] if stem else ""
    known = [str(measure) for measure in ir_measures.measures.registry]
    same = [measure for measure in known if measure.casefold() + rest == name.casefold()]
    near = f"did you mean {same[0]}{rest}?" if same else did_you_mean(name, [measure + rest for measure in known])
    return near[:1].upper() + near[1:]
