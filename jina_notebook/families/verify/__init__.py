"""Golden values: numbers that a model's publisher, or another implementation, gave for its real weights."""

from __future__ import annotations

from jina_notebook.families.verify.checks import golden, verify
from jina_notebook.families.verify.verdicts import Verdict, Verification

__all__ = ["Verdict", "Verification", "golden", "verify"]
