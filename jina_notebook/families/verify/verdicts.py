"""What a verification says: one verdict per check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Verdict", "Verification", "compare_number", "compare_vector"]

Status = Literal["pass", "fail", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check: what was expected, what came, how far apart they may be, and where the expected value is from.

    `status` is `"note"` where there is nothing to compare with: a value to look at, or a check that does not apply.
    """

    check: str
    status: Status
    expected: str
    got: str
    tolerance: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All verdicts on one model's weights."""

    model: str
    revision: str
    path: str
    dtype: str
    verdicts: tuple[Verdict, ...]

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The checks that did not come out as they should."""
        return tuple(verdict for verdict in self.verdicts if verdict.status == "fail")

    @property
    def passed(self) -> bool:
        """Whether no check failed and at least one had something to compare with."""
        return not self.failed and any(verdict.status == "pass" for verdict in self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "passed": self.passed, "verdicts": [asdict(verdict) for verdict in self.verdicts]}

    def __str__(self) -> str:
        width = max((len(verdict.check) for verdict in self.verdicts), default=0)
        lines = [f"{self.model} at revision {self.revision} in {self.dtype}, from {self.path}"]
        for verdict in self.verdicts:
            within = f"  ({verdict.tolerance})" if verdict.tolerance else ""
            lines.append(
                f"{verdict.status}  {verdict.check:<{width}}  expected {verdict.expected}  got {verdict.got}{within}"
            )
        counted = sum(verdict.status == "pass" for verdict in self.verdicts)
        lines.append(
            f"{counted} passed, {len(self.failed)} failed, {len(self.verdicts) - counted - len(self.failed)} to note"
        )
        return "\n".join(lines)


def compare_number(check: str, expected: float, got: float, tolerance: float, source: str) -> Verdict:
    """Passes where the two are at most `tolerance` apart; NaN never passes."""
    return Verdict(
        check=check,
        status="pass" if abs(got - expected) <= tolerance else "fail",
        expected=f"{expected:.4f}",
        got=f"{got:.4f}",
        tolerance=f"± {tolerance:g}",
        source=source,
    )


def compare_vector(
    check: str,
    expected: Sequence[float],
    vector: NDArray[np.float32],
    *,
    cosine: float | None,
    tolerance: float | None,
    source: str,
) -> Verdict:
    """Compares a vector's first values: their cosine is at least `cosine`, none is off by more than `tolerance`."""
    want = np.asarray(expected, dtype=np.float64)
    have = np.asarray(vector[: len(want)], dtype=np.float64)
    norms = float(np.linalg.norm(want) * np.linalg.norm(have))
    found = float(want @ have) / norms if norms else 0.0
    largest = float(np.abs(want - have).max())
    good = (cosine is None or found >= cosine) and (tolerance is None or largest <= tolerance)
    limits = [f"cosine ≥ {cosine:g}"] if cosine is not None else []
    limits += [f"each ± {tolerance:g}"] if tolerance is not None else []
    return Verdict(
        check=check,
        status="pass" if good else "fail",
        expected=_short(want),
        got=f"{_short(have)} (cosine {found:.4f}, largest difference {largest:.4f})",
        tolerance=", ".join(limits),
        source=source,
    )


def _short(values: NDArray[np.float64]) -> str:
    shown = " ".join(f"{value:.4f}" for value in values[:3])
    return f"[{shown}{' …' if len(values) > 3 else ''}]"
