"""Frozen result types: values, sequence behaviour and tables; no HTML inside.

Each hands itself to `render` as plain tables, bars, passages and grids.
"""

from jina_notebook.results.answers import Answer, Reading
from jina_notebook.results.comparison import Comparison
from jina_notebook.results.embeddings import Embeddings, PatchGrid, Vector
from jina_notebook.results.estimate import IndexEstimate
from jina_notebook.results.evaluation import Evaluation
from jina_notebook.results.hits import Hit, Hits, Stage
from jina_notebook.results.index_comparison import IndexComparison, IndexFigures
from jina_notebook.results.indexing import Failure, IndexReport
from jina_notebook.results.listing import Listing
from jina_notebook.results.ranking import RankedDocument, Ranking
from jina_notebook.results.scaling import BlockFailure, ScaleReport
from jina_notebook.results.similarity import SimilarityMap
from jina_notebook.results.sizing import Figure, IndexKind, ScalePlan

__all__ = [
    "Answer",
    "BlockFailure",
    "Comparison",
    "Embeddings",
    "Evaluation",
    "Failure",
    "Figure",
    "Hit",
    "Hits",
    "IndexComparison",
    "IndexEstimate",
    "IndexFigures",
    "IndexKind",
    "IndexReport",
    "Listing",
    "PatchGrid",
    "RankedDocument",
    "Ranking",
    "Reading",
    "ScalePlan",
    "ScaleReport",
    "SimilarityMap",
    "Stage",
    "Vector",
]
