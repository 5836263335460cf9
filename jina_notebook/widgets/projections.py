"""Many dimensions to two: PCA, and UMAP where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import InputError, MissingExtraError, OptionError, did_you_mean

__all__ = ["PROJECTIONS", "available", "packed", "projected"]

PROJECTIONS = ("pca", "umap")
Vectors = NDArray[np.float32]
SKETCH, ROUNDS = 12, 8  # columns and rounds of the subspace iteration
SEED = 20_250_101
REACH = 0.95  # of the frame from -1 to 1 that points fill


def available() -> list[str]:
    """The projections that can be computed here."""
    return [name for name in PROJECTIONS if name != "umap" or importlib.util.find_spec("umap") is not None]


def projected(vectors: Vectors, how: Any) -> Vectors:
    """Float32 `(n, 2)`, the same at each call. `how`: "pca", "umap", or positions `(n, 2)` computed elsewhere.

    Raises `OptionError` for an unknown name, `MissingExtraError` without umap-learn, `InputError` for positions that
    do not fit.
    """
    if isinstance(how, str):
        if how not in PROJECTIONS:
            near = did_you_mean(how, PROJECTIONS)
            raise OptionError(f"projection={how!r} is not known; it is {' or '.join(PROJECTIONS)}.", hint=near or None)
        return _umap(vectors) if how == "umap" else _pca(vectors)
    given = np.asarray(how, dtype=np.float32)
    if given.shape != (len(vectors), 2) or not np.isfinite(given).all():
        raise InputError(
            f"The positions have the shape {given.shape}, not ({len(vectors)}, 2), or hold NaN or infinity.",
            hint='Give two finite numbers for each vector, or projection="pca".',
        )
    return given


def packed(positions: Vectors) -> bytes:
    """Centred and scaled into the frame, both axes alike, uint16 for x and y of every point."""
    if not len(positions):
        return b""
    low, high = positions.min(axis=0), positions.max(axis=0)
    reach = float(np.maximum((high - low).max() / 2, 1e-12))
    framed = (positions - (low + high) / 2) / reach * REACH
    data: bytes = np.round((framed + 1) * 32767.5).astype("<u2").tobytes()
    return data


def _pca(vectors: Vectors) -> Vectors:
    """The two directions of most variance, by subspace iteration: no matrix of all pairs is made."""
    count, size = vectors.shape
    if count < 2 or size < 2:
        return np.zeros((count, 2), np.float32)
    mean = vectors.mean(axis=0)
    basis = np.random.default_rng(SEED).normal(size=(size, min(SKETCH, size))).astype(np.float32)
    for _ in range(ROUNDS):
        basis = _spread(vectors, mean, np.linalg.qr(basis)[0])
    basis = np.linalg.qr(basis)[0]
    values, turns = np.linalg.eigh(basis.T @ _spread(vectors, mean, basis))
    axes = basis @ turns[:, np.argsort(-values)[:2]]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    places: Vectors = (vectors @ axes - mean @ axes).astype(np.float32)
    return places


def _spread(vectors: Vectors, mean: Vectors, basis: Vectors) -> Vectors:
    """The covariance times `basis`, without centring a copy of all vectors."""
    through = vectors @ basis - mean @ basis
    product: Vectors = vectors.T @ through - np.outer(mean, through.sum(axis=0))
    return product


def _umap(vectors: Vectors) -> Vectors:
    try:
        umap = importlib.import_module("umap")
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            'projection="umap" needs the package umap-learn, which is not installed.',
            hint='pip install umap-learn, or use projection="pca".',
        ) from error
    neighbours = min(15, max(len(vectors) - 1, 2))
    made = umap.UMAP(n_components=2, metric="cosine", n_neighbors=neighbours, random_state=SEED % 2**31, n_jobs=1)
    return np.asarray(made.fit_transform(vectors), dtype=np.float32)
