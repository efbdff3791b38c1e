"""Embedding: rows of a table, looked up by number.

    y_n = W[i_n]               W (V, D), indices i of any shape (...), y (..., D)
    dW_v = sum of dy_n over all n with i_n = v

It is the product with a matrix of ones and zeros, and the backward half the product with its
transpose. A row that is looked up often has a gradient of as many summands; with `by_frequency`
that sum is divided by their number. The row of `padding` gets none.
"""

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import embedding_kernels as kernels
from scratchml.nn.ops.elementwise import compiled

_LARGE = 2**18  # numbers; below, one thread is done before a second one has woken
_PARTS = 8


def embedding_forward(weight, indices, padding=None, by_frequency=False):
    """Return weight[indices].

    Parameters
    ----------
    weight : ndarray of shape (V, D)
        The table.
    indices : ndarray of int64
        In [0, V).
    padding : int or None
        A row without a gradient.
    by_frequency : bool
        Whether gradients are divided by how often their row was looked up.
    """
    return weight.take(indices, axis=0), (weight.shape, indices, padding, by_frequency)


def embedding_backward(dy, cache):
    """Return dW, the rows of dy added up in the rows that they came from."""
    shape, indices, padding, by_frequency = cache
    dw = np.zeros(shape, dy.dtype)
    rows = np.ascontiguousarray(dy).reshape(-1, shape[1])  # (N, D)
    flat = indices.ravel()
    none = -1 if padding is None else padding
    if not compiled():
        kept = flat != none
        np.add.at(dw, flat[kept], rows[kept])
    elif rows.size < _LARGE:
        kernels.add_rows(rows, flat, none, 0, shape[0], dw)
    else:  # each chunk fills rows of its own, in the order of the indices
        parallel_chunks(
            lambda i, j: kernels.add_rows(rows, flat, none, i, j, dw),
            chunk_bounds(shape[0], -(-shape[0] // _PARTS)),
        )
    if by_frequency:
        looked_up, counts = np.unique(flat, return_counts=True)
        dw[looked_up] /= counts[:, None].astype(dy.dtype)
    return dw


def shorten_rows(weight, indices, most, p=2.0):
    """Scale the rows that are looked up and whose p-norm exceeds `most` down to it, in place."""
    rows = np.unique(indices)
    norms = np.linalg.norm(weight[rows], ord=p, axis=1)
    long = norms > most
    weight[rows[long]] *= (most / (norms[long] + 1e-7)).astype(weight.dtype)[:, None]
