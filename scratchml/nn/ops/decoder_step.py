"""A decoding step: what a layer of a Transformer does at one new position of a few sequences.

    q, k, v = W_in x + b_in             k and v are put behind those of the positions before
    a = softmax(K q / sqrt(E)) V        for each head
    h = norm(x + W_out a + b_out)
    y = norm(h + W_2 max(0, W_1 h + b_1) + b_2)

That is what attention, linear layers and normalisations compute one after the other; their
definitions are the definition of this. But each of them takes longer to be called than to work on
one row, and here that is done in few calls of compiled loops, without a tape.

Shapes: x (R, D), a row for each of R sequences; keys and values (R, H, capacity, E), D = H E.
"""

import numpy as np

from scratchml.nn.ops import decoder_step_kernels as kernels
from scratchml.nn.ops.elementwise import compiled
from scratchml.nn.ops.layer_norm import layer_norm_forward
from scratchml.nn.ops.layer_norm_kernels import normalise_rows
from scratchml.nn.ops.workspace import workspace

MOST = 16  # rows; with more, products by tiles are faster


def serves(rows: int, dtype: np.dtype) -> bool:
    """Return whether the functions below can be used for so many rows."""
    return 0 < rows <= MOST and dtype.char in "fd" and compiled()


def attend(
    x: np.ndarray,
    w: np.ndarray,
    b: "np.ndarray | None",
    buffers: tuple[np.ndarray, np.ndarray],
    S: int,
    bias: "np.ndarray | None" = None,
) -> np.ndarray:
    """Return what the queries take of the values, (R, D): the heads' outputs side by side.

    Parameters
    ----------
    x : ndarray of shape (R, D)
        The new position of each sequence.
    w : ndarray of shape (3 D, D) or (D, D)
        Projects x to queries, keys and values; or to queries only.
    b : ndarray of shape (3 D,) or (D,), or None
        Added to that.
    buffers : tuple of two ndarrays of shape (R, H, capacity, E)
        Keys and values. With W (3 D, D) those of the new position are written at S - 1.
    S : int
        How many positions there are, with the new one.
    bias : ndarray of shape (R, S), optional
        Added to the logits.
    """
    D = x.shape[1]
    x, w = np.ascontiguousarray(x), np.ascontiguousarray(w)
    y = np.empty(x.shape, x.dtype)
    work = workspace(len(x) * len(w) + S, x.dtype)
    b = x[0, :0] if b is None else b
    bias = x[:0] if bias is None else np.ascontiguousarray(bias)
    kernels.attend(x, w, b, *buffers, bias, y, work, S, len(w) == 3 * D)
    return y


def multiply(
    x: np.ndarray,
    w: np.ndarray,
    b: "np.ndarray | None",
    added: "np.ndarray | None" = None,
    rectify: bool = False,
) -> np.ndarray:
    """Return x W' + b + added, or max(0, x W' + b) + added: x (R, I), W (O, I), added (R, O)."""
    if x.shape[1] != w.shape[1] or (added is not None and added.shape[1] != len(w)):
        raise ValueError(
            f"a product of {x.shape} and the transpose of {w.shape} does not go with "
            f"{None if added is None else added.shape}"
        )
    x, w = np.ascontiguousarray(x), np.ascontiguousarray(w)
    y = np.empty((len(x), len(w)), x.dtype)
    b = x[0, :0] if b is None else b
    kernels.multiply(x, w, b, x[:0] if added is None else added, y, rectify)
    return y


def normalise(
    x: np.ndarray, w: "np.ndarray | None", b: "np.ndarray | None", eps: float, sizes: tuple
) -> np.ndarray:
    """Return the rows of x (R, D) with mean 0 and variance 1, times w, plus b; sizes is (D,)."""
    if w is None or b is None or not w.shape == b.shape == x.shape[1:]:
        y: np.ndarray = layer_norm_forward(x, w, b, eps, True, len(sizes))[0]
        return y
    y = np.empty(x.shape, x.dtype)
    normalise_rows(x, w, b, eps, y, np.empty((len(x), 3)), True)
    return y
