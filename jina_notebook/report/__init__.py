"""Unattended runs: parameters checked, metrics and provenance recorded in the notebook, read back, shown as a page.

```python
from jina_notebook import report

report.metrics({"hybrid nDCG@10": 0.84})           # in a notebook, as a cell's last line
report.read("output/quickstart.ipynb").metrics     # afterwards, from anywhere
```
"""

from jina_notebook.report.execution import Outcome, Step, find_notebook, notebooks, parse_parameters, run
from jina_notebook.report.export import export_html
from jina_notebook.report.parameters import Choice, Flag, Model, Number, Text, Whole, check_parameters
from jina_notebook.report.provenance import provenance
from jina_notebook.report.record import METRICS_MIME, PROVENANCE_MIME, Metrics, Provenance, Recorded, metrics, read

__all__ = [
    "METRICS_MIME",
    "PROVENANCE_MIME",
    "Choice",
    "Flag",
    "Metrics",
    "Model",
    "Number",
    "Outcome",
    "Provenance",
    "Recorded",
    "Step",
    "Text",
    "Whole",
    "check_parameters",
    "export_html",
    "find_notebook",
    "metrics",
    "notebooks",
    "parse_parameters",
    "provenance",
    "read",
    "run",
]
