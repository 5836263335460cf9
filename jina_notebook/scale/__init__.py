"""Beyond one machine: embed and index data sets on a Ray cluster, and what that would take.

```python
import jina_notebook as jn

jn.scale.plan(10_000_000, 300, "jina-embeddings-v3")
jn.scale.index("corpus/*.parquet", "kb", model="jina-embeddings-v3", address="auto")
```

`plan` needs nothing else; `embed` and `index` need the extra `scale`.
"""

from __future__ import annotations

from jina_notebook.scale.embedding import embed
from jina_notebook.scale.indexing import index
from jina_notebook.scale.sizing import plan

__all__ = ["embed", "index", "plan"]
