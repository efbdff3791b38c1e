"""The compiled loop of `scratchml.nn.ops.embedding`."""

from scratchml._core.jit import jit


@jit("void(const T[:, ::1], const int64[::1], int64, int64, int64, T[:, ::1])")
def add_rows(dy, indices, padding, start, stop, dw):
    """Add each row of dy to the row of dw that its index says, if that is in [start, stop)."""
    for n in range(indices.size):
        i = indices[n]
        if i < start or i >= stop or i == padding:
            continue
        row, to = dy[n], dw[i]
        for j in range(row.size):
            to[j] += row[j]
