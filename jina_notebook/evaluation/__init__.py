"""Judged queries, runs and what they are worth: nDCG, recall, MRR, MAP as the field defines them.

```python
import jina_notebook as jn
from jina_notebook import data

support = data.load("support")
jn.evaluate(support.queries, support.qrels, {
    "lexical": lambda query: jn.search(query, "support", mode="lexical", k=100),
    "vector": lambda query: jn.search(query, "support", mode="vector", k=100),
})
```
"""

from jina_notebook.evaluation.files import read_qrels, read_run
from jina_notebook.evaluation.latency import latency_summary
from jina_notebook.evaluation.scoring import evaluate

__all__ = ["evaluate", "latency_summary", "read_qrels", "read_run"]
