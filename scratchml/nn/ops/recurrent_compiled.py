"""The loops of `scratchml.nn.ops.recurrent_loops`, under the same names, by compiled kernels.

The sequences of a batch are shared among threads; each row comes to the same bits whoever computes
it, so there may be as many chunks as threads.
"""

import numpy as np

from scratchml._core.jit import compiler
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, get_num_threads, parallel_chunks
from scratchml.nn.ops import recurrent_kernels as kernels
from scratchml.nn.ops.product_strips import ROWS, strip_width, whole
from scratchml.nn.ops.workspace import workspace

_WIDE = 256  # gates of a row
_WORTH_THREADS = 2e7  # multiplications, below which one thread is done before a second has woken


def serves(a, w_hr=None):
    """Return whether the loops below can stand in for the definition."""
    if w_hr is not None or a.size == 0 or a.dtype.char not in "fd":
        return False
    # For a single row, laying the weights in strips costs more than the product.
    return (len(a) > 1 or a.size < _WIDE) and compiler(needed=False) is not None


def rnn_loop(a, w_hh, h, order, relu=False):
    """Compute the states of an Elman network."""
    H, strips, steps = h.shape[1], _strips(w_hh, True), _steps(order)

    def run(numbers, sequences, lane):
        work = workspace(sequences * H + _group(sequences) * whole(H, lane), a.dtype)
        kernels.rnn_steps(a, strips, h, steps, numbers, work, relu)

    _share(run, order, a.size * H, a.itemsize)


def rnn_loop_back(dy, dh, h, w_hh, da, order, relu=False):
    """Compute the gradients of W_ih x + b + W_hh h."""
    H, strips, steps = h.shape[1], _strips(w_hh, False), _steps(order)

    def run(numbers, sequences, lane):
        work = workspace(_group(sequences) * (whole(H, lane) + H), dy.dtype)
        kernels.rnn_steps_back(dy, dh, h, strips, da, steps, numbers, work, relu)

    _share(run, order, da.size * H, da.itemsize)


def lstm_loop(a, w_hh, h, c, order, w_hr=None):
    """Compute the gates, cells and states of an LSTM."""
    H, strips, steps = h.shape[1], _strips(w_hh, True), _steps(order)

    def run(numbers, sequences, lane):
        work = workspace(2 * sequences * H + _group(sequences) * whole(4 * H, lane), a.dtype)
        kernels.lstm_steps(a, strips, h, c, steps, numbers, work)

    _share(run, order, a.size * H, a.itemsize)


def lstm_loop_back(dy, dh, dc, a, c, w_hh, da, order, w_hr=None, dp=None):
    """Compute the gradients of W_ih x + b + W_hh h."""
    H, strips, steps = c.shape[1], _strips(w_hh, False), _steps(order)

    def run(numbers, sequences, lane):
        work = workspace(_group(sequences) * (whole(H, lane) + 4 * H), a.dtype)
        kernels.lstm_steps_back(dy, dh, dc, a, c, strips, da, order.previous, steps, numbers, work)

    _share(run, order, a.size * H, a.itemsize)


def gru_loop(a, w_hh, b_hn, h, q, order):
    """Compute the gates and states of a GRU, and q = W_hn h + b_hn."""
    H, strips, steps = h.shape[1], _strips(w_hh, True), _steps(order)

    def run(numbers, sequences, lane):
        work = workspace(sequences * H + _group(sequences) * whole(3 * H, lane), a.dtype)
        kernels.gru_steps(a, strips, b_hn, h, q, steps, numbers, work)

    _share(run, order, a.size * H, a.itemsize)


def gru_loop_back(dy, dh, a, q, h, w_hh, da, order):
    """Compute the gradients of W_in x + b_in, of what r and z are made of, and of q."""
    H, strips, steps = h.shape[1], _strips(w_hh, False), _steps(order)

    def run(numbers, sequences, lane):
        work = workspace(_group(sequences) * (whole(H, lane) + 4 * H) + H, a.dtype)
        kernels.gru_steps_back(dy, dh, a, q, h, strips, da, order.previous, steps, numbers, work)

    _share(run, order, a.size * H, a.itemsize)


def _group(sequences):
    """Return how many rows a kernel has in its scratch."""
    return min(sequences, kernels.GROUP)


def _strips(w, forwards):
    """Return W' (forwards) or W in strips."""
    w = np.ascontiguousarray(w)
    lane, (rows, columns) = lanes(w.itemsize), w.shape
    size = whole(rows, lane) * columns if forwards else rows * whole(columns, lane)
    strips = np.empty(size, w.dtype)
    kernels.lay_weights(w, strips, forwards, strip_width(w.itemsize), lane)
    return strips


def _steps(order):
    return np.stack((order.starts, order.sizes), axis=1)


def _share(run, order, multiplications, itemsize):
    """Call run(numbers, sequences, lane) for the sequences of the batch, some for each thread."""
    width, lane = strip_width(itemsize), lanes(itemsize)

    def task(low, high):
        numbers = np.array([low, high, order.given, order.made, width, lane])
        run(numbers, whole(high - low, ROWS), lane)

    threads = get_num_threads() if multiplications > _WORTH_THREADS else 1
    if threads == 1:
        task(0, order.batch)
    else:
        parallel_chunks(task, chunk_bounds(order.batch, whole(-(-order.batch // threads), ROWS)))
