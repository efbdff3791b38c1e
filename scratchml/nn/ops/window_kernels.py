"""Compiled loops of maximum and average pooling for windows of any kind.

Images are (P, D, H, W), with D, H = 1 where there are fewer axes; `how[axis]` is kernel size K,
stride s, padding p, dilation d. Every image is first copied into a scratch (D', H', s W') with its
padding, its columns dealt out by their remainder mod s: column q of the padded image stands at
(q mod s) W' + q div s. Then output j = 0, 1, ... of a row meets column j s + c d at a place of its
own plus j: a contiguous run whatever the stride, and none ever leaves the scratch.

Rows of images are short (14 outputs, or 5), and loops over so few are not worth a vector; so a row
of outputs is worked on in blocks of 16 lanes, in a row of its own that has room for the last one.
"""

import numpy as np

from scratchml._core.jit import jit


@jit(
    "void(const T[:, :, :, ::1], T[:, :, :, ::1], int32[:, :, :, ::1], const int64[:, ::1],"
    " const int64[::1], T[:, :, ::1], T[::1], int32[::1])"
)
def max_of_windows(x, y, won, how, starts, scratch, best, place):
    """Fill y (P, d, h, w) with the maxima of the windows of x, `won` with their flat positions.

    The scratch is full of -inf.
    """
    H, W = x.shape[2:]
    for p in range(y.shape[0]):
        _deal_out(x[p], how, scratch)
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                for b in range(best.shape[0]):
                    best[b] = -np.inf
                    place[b] = -1
                for a in range(how[0, 0]):
                    for b in range(how[1, 0]):
                        row = scratch[i * how[0, 1] + a * how[0, 3], j * how[1, 1] + b * how[1, 3]]
                        for c in range(how[2, 0]):
                            at = (a * how[0, 3] * H + b * how[1, 3]) * W + c * how[2, 3]
                            _larger(row[starts[c] :], best, place, np.int32(at))
                _keep(best, place, y[p, i, j], won[p, i, j], i, j, how, x.shape)


@jit
def _larger(run, best, place, at):
    for j in range(best.shape[0]):
        v, b = run[j], best[j]
        better = (v > b) | (v != v)
        best[j] = v if better else b
        place[j] = at if better else place[j]


@jit
def _keep(best, place, y, won, i, j, how, shape):
    """Copy a row, its places (distances from the first of each window) turned into positions."""
    D, H, W = shape[1:]
    u, v = i * how[0, 1] - how[0, 2], j * how[1, 1] - how[1, 2]
    for q in range(y.shape[0]):
        y[q] = best[q]
        w = q * how[2, 1] - how[2, 2]
        if place[q] >= 0:
            won[q] = (u * H + v) * W + w + place[q]
        else:  # nothing was larger than -inf: the first place that is not padding
            a, b, c = _inside(u, how[0, 3]), _inside(v, how[1, 3]), _inside(w, how[2, 3])
            last = (
                a <= u + (how[0, 0] - 1) * how[0, 3]
                and b <= v + (how[1, 0] - 1) * how[1, 3]
                and c <= w + (how[2, 0] - 1) * how[2, 3]
            )
            won[q] = (a * H + b) * W + c if last and a < D and b < H and c < W else -1


@jit
def _inside(start, step):
    """Return the first of start, start + step, ... that is not negative."""
    return start if start >= 0 else start + (-start + step - 1) // step * step


@jit("void(const T[:, ::1], const int32[:, ::1], T[:, ::1])")
def give_to_winners(dy, won, dx):
    """Add dy (P, outputs) to dx (P, size), which is 0, at the winners."""
    for p in range(dy.shape[0]):
        given, winner, out = dy[p], won[p], dx[p]
        for j in range(given.shape[0]):
            at = winner[j]
            if at >= 0:
                out[at] += given[j]


@jit(
    "void(const T[:, :, :, ::1], const T[:, :, ::1], T[:, :, :, ::1], const int64[:, ::1],"
    " const int64[::1], T[:, :, ::1], T[::1])"
)
def sum_of_windows(x, share, y, how, starts, scratch, total):
    """Fill y (P, d, h, w) with the sums of the windows of x, times `share` (d, h, w).

    The scratch is full of 0.
    """
    for p in range(y.shape[0]):
        _deal_out(x[p], how, scratch)
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                for b in range(total.shape[0]):
                    total[b] = 0
                for a in range(how[0, 0]):
                    for b in range(how[1, 0]):
                        row = scratch[i * how[0, 1] + a * how[0, 3], j * how[1, 1] + b * how[1, 3]]
                        for c in range(how[2, 0]):
                            run = row[starts[c] :]
                            for q in range(total.shape[0]):
                                total[q] += run[q]
                out, part = y[p, i, j], share[i, j]
                for q in range(out.shape[0]):
                    out[q] = total[q] * part[q]


@jit(
    "void(const T[:, :, :, ::1], const T[:, :, ::1], T[:, :, :, ::1], const int64[:, ::1],"
    " const int64[::1], T[:, :, ::1], T[::1])"
)
def give_to_windows(dy, share, dx, how, starts, scratch, given):
    """Fill dx (P, D, H, W) with the sums of dy (P, d, h, w) times `share` over the windows."""
    for p in range(dy.shape[0]):
        flat = scratch.reshape(-1)
        for q in range(flat.shape[0]):
            flat[q] = 0
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                for q in range(dy.shape[3]):  # what is behind stays 0
                    given[q] = dy[p, i, j, q] * share[i, j, q]
                for a in range(how[0, 0]):
                    for b in range(how[1, 0]):
                        row = scratch[i * how[0, 1] + a * how[0, 3], j * how[1, 1] + b * how[1, 3]]
                        for c in range(how[2, 0]):
                            run = row[starts[c] :]
                            for q in range(given.shape[0]):
                                run[q] += given[q]
        _collect(scratch, how, dx[p])


@jit
def _deal_out(image, how, scratch):
    step = how[2, 1]
    for f in range(step):
        first, start, count = _dealt(f, how, image.shape[2], scratch.shape[2])
        for u in range(min(image.shape[0], scratch.shape[0] - how[0, 2])):
            for v in range(min(image.shape[1], scratch.shape[1] - how[1, 2])):
                run = scratch[u + how[0, 2], v + how[1, 2], start : start + count]
                if step == 2:
                    _every(image[u, v, first:], run, 2)
                else:
                    _every(image[u, v, first:], run, step)


@jit
def _every(source, run, step):
    for q in range(run.shape[0]):
        run[q] = source[q * step]


@jit
def _collect(scratch, how, image):
    flat = image.reshape(-1)
    for q in range(flat.shape[0]):
        flat[q] = 0
    for f in range(how[2, 1]):
        first, start, count = _dealt(f, how, image.shape[2], scratch.shape[2])
        for u in range(min(image.shape[0], scratch.shape[0] - how[0, 2])):
            for v in range(min(image.shape[1], scratch.shape[1] - how[1, 2])):
                run, out = scratch[u + how[0, 2], v + how[1, 2]], image[u, v]
                for q in range(count):
                    out[first + q * how[2, 1]] = run[start + q]


@jit
def _dealt(f, how, n, width):
    """Return the first column with remainder f, where it stands, and how many there are."""
    step, padding = how[2, 1], how[2, 2]
    first = (f - padding) % step
    start = (first + padding) // step
    count = min((n - first + step - 1) // step, width // step - start)
    return first, f * (width // step) + start, max(0, count)
