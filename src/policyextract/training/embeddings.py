"""A start for the embedding table: vectors of pieces from what stands around them, by counting.

Positive pointwise mutual information of pieces within a few places of each other, factored by truncated SVD,
is what word2vec's skip-gram approximates (Levy and Goldberg 2014), and takes a minute where the encoder would
spend its first part of training on it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import svds

from policyextract.training.packing import Pools, Windows

__all__ = ["vectors"]

REACH = 4  # pieces on either side, weighted by one over their distance
SMOOTHING = 0.75  # exponent of the contexts' counts, as published for word2vec
WINDOWS_AT_ONCE = 8_000


def vectors(
    pools: Pools, vocabulary: int, size: int, *, scale: float, seed: int, most: int = 40_000
) -> npt.NDArray[np.float32]:
    """Vectors (vocabulary, ``size``) of standard deviation ``scale``, from up to ``most`` windows of each train pool."""
    random = np.random.default_rng(seed)
    counts = sparse.csr_matrix((vocabulary, vocabulary), dtype=np.float32)
    for (kind, _), windows in sorted(pools.items()):
        if kind == "train" and len(windows):
            chosen = np.sort(random.permutation(len(windows))[:most])
            for first in range(0, len(chosen), WINDOWS_AT_ONCE):
                counts = counts + _counts(windows[chosen[first : first + WINDOWS_AT_ONCE]], vocabulary)
    counts = (counts + counts.T).tocoo()
    row = np.asarray(counts.sum(axis=1)).ravel() + 1e-9
    context = row**SMOOTHING
    value = np.log(counts.data * context.sum() / (row[counts.row] * context[counts.col]))
    kept = value > 0
    table = sparse.csr_matrix(
        (value[kept], (counts.row[kept], counts.col[kept])), (vocabulary, vocabulary), dtype=np.float32
    )
    left, strength, _ = svds(table, k=size, random_state=seed)
    found = left * np.sqrt(strength)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    found = np.where(
        length > 0, found / np.maximum(length, 1e-9), random.normal(size=found.shape) / size**0.5
    )
    return np.asarray(found * (scale * size**0.5), np.float32)


def _counts(windows: Windows, vocabulary: int) -> sparse.csr_matrix:
    ids = windows[:, 1:-1].astype(np.int32)
    total = sparse.csr_matrix((vocabulary, vocabulary), dtype=np.float32)
    for distance in range(1, REACH + 1):
        left, right = ids[:, :-distance].ravel(), ids[:, distance:].ravel()
        weight = np.full(len(left), 1 / distance, np.float32)
        total = total + sparse.coo_matrix((weight, (left, right)), (vocabulary, vocabulary)).tocsr()
    return total
