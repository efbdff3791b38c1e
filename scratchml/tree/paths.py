"""Which nodes each row passes on its way from the root to its leaf, as a sparse matrix of ones.

A row of the matrix has one entry for each node on the path. The path is found from its end: with
all rows standing at their leaves, each round writes down where they stand, from the last place of
their path to the first, and moves them up to the parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class PathMatrix:
    """Sparse matrix of ones in compressed rows (CSR): row i has one at its nodes.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_rows + 1,)
        Row i has its columns at ``indices[indptr[i]:indptr[i + 1]]``.
    indices : ndarray of int64
        Columns of the ones; in each row from the root to the leaf, which is ascending.
    n_columns : int
        Width of the matrix: the number of nodes.

    Attributes
    ----------
    data : ndarray of int64
        The entries, all 1.
    shape : tuple of int
        Rows and columns.
    nnz : int
        Number of ones.

    Notes
    -----
    ``scipy.sparse.csr_array((m.data, m.indices, m.indptr), shape=m.shape)`` makes SciPy's matrix
    of a PathMatrix `m`.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tree import PathMatrix
    >>> PathMatrix(np.array([0, 2, 4]), np.array([0, 1, 0, 2]), 3).toarray()
    array([[1, 1, 0],
           [1, 0, 1]])
    """

    def __init__(self, indptr: np.ndarray, indices: np.ndarray, n_columns: int) -> None:
        self.indptr = indptr
        self.indices = indices
        self.shape = (len(indptr) - 1, n_columns)

    @property
    def data(self) -> np.ndarray:
        """The entries, all 1."""
        return np.ones(len(self.indices), dtype=np.int64)

    @property
    def nnz(self) -> int:
        """Number of ones."""
        return len(self.indices)

    def toarray(self) -> np.ndarray:
        """Return the matrix with its zeros.

        Returns
        -------
        ndarray of int64, shape (n_rows, n_columns)
            Zeros and ones.
        """
        dense = np.zeros(self.shape, dtype=np.int64)
        dense[np.repeat(np.arange(self.shape[0]), np.diff(self.indptr)), self.indices] = 1
        return dense

    def todense(self) -> np.ndarray:
        """Return `toarray()`, under SciPy's other name for it.

        Returns
        -------
        ndarray of int64, shape (n_rows, n_columns)
            Zeros and ones.
        """
        return self.toarray()

    def __repr__(self) -> str:
        return f"PathMatrix(shape={self.shape}, nnz={self.nnz})"


def paths_to(leaves: Any, parent: Any, depth: Any) -> PathMatrix:
    """Return the paths that end in `leaves`.

    Parameters
    ----------
    leaves : ndarray of int64, shape (n_rows,)
        The node in which each row ends.
    parent : ndarray of int64, shape (n_nodes,)
        Parents; the root's is anything.
    depth : ndarray of int64, shape (n_nodes,)
        Number of nodes above each.
    """
    indptr = np.zeros(len(leaves) + 1, dtype=np.int64)
    np.cumsum(depth[leaves] + 1, out=indptr[1:])
    indices = np.empty(indptr[-1], dtype=np.int64)
    start, place, node = indptr[:-1], indptr[1:] - 1, np.asarray(leaves)
    while len(node):
        indices[place] = node
        below = place > start  # the root is not yet written
        start, place, node = start[below], place[below] - 1, parent[node[below]]
    return PathMatrix(indptr, indices, len(parent))


def side_by_side(parts: Sequence[PathMatrix]) -> tuple[PathMatrix, np.ndarray]:
    """Return matrices of equal height as one, and the column at which each begins (and the end).

    Parameters
    ----------
    parts : sequence of PathMatrix
        At least one; for a forest, one for each tree.
    """
    columns = np.cumsum([0, *(part.shape[1] for part in parts)])
    indptr = np.sum([part.indptr for part in parts], axis=0)
    indices = np.empty(indptr[-1], dtype=np.int64)
    begin = indptr[:-1].copy()  # where each row's next part goes
    for part, first in zip(parts, columns, strict=False):
        length = np.diff(part.indptr)
        shift = np.repeat(begin - part.indptr[:-1], length)
        indices[np.arange(part.nnz) + shift] = part.indices + first
        begin += length
    return PathMatrix(indptr, indices, int(columns[-1])), columns
