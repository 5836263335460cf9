"""Unattended runs: parameters checked, metrics and provenance recorded in the notebook, read back, shown as a page.

```python
from jina_notebook import report

report.metrics({"hybrid nDCG@10": 0.84})           # in a notebook, as a cell's last line
report.read("output/quickstart.ipynb").metrics     # afterwards, from anywhere
```

A report that runs again and again is compared with the run before it: `report.previous`, `report.compare`.
"""

from jina_notebook.report.archive import KEEP, Past, history, previous
from jina_notebook.report.execution import Outcome, Step, find_notebook, notebooks, parse_parameters, run
from jina_notebook.report.export import export_html
from jina_notebook.report.parameters import Choice, Flag, Model, Number, Text, Whole, check_parameters
from jina_notebook.report.provenance import provenance
from jina_notebook.report.record import METRICS_MIME, PROVENANCE_MIME, Metrics, Provenance, Recorded, metrics, read
from jina_notebook.report.trend import trend
from jina_notebook.report.verdict import Limit, Verdict, compare

__all__ = [
    "KEEP",
    "METRICS_MIME",
    "PROVENANCE_MIME",
    "Choice",
    "Flag",
    "Limit",
    "Metrics",
    "Model",
    "Number",
    "Outcome",
    "Past",
    "Provenance",
    "Recorded",
    "Step",
    "Text",
    "Verdict",
    "Whole",
    "check_parameters",
    "compare",
    "export_html",
    "find_notebook",
    "history",
    "metrics",
    "notebooks",
    "parse_parameters",
    "previous",
    "provenance",
    "read",
    "run",
    "trend",
]
