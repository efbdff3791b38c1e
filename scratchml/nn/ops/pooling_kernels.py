"""Compiled loops for maxima of 2 x 2 windows at a stride of 2, by far the most usual pooling.

Rows of images are short (14 outputs, or 5), and a loop over so few is not worth a vector. So a row
is done in blocks of 16 lanes whatever its length: the lanes beyond its end write into the next row,
which is written later. Only rows too close to the end of the arrays are done as they are.

A winner is its place in the window (0 1 above 2 3), one byte. Images are (N, C, H, W), h = H // 2
and w = W // 2; the definition is in `scratchml.nn.ops.pooling`.
"""

import numpy as np

from scratchml._core.jit import jit


@jit("void(const T[:, :, :, ::1], T[:, :, :, ::1], uint8[:, :, :, ::1])")
def max_of_quads(x, y, won):
    """Fill y (N, C, h, w) with the maxima of the quads of x (N, C, H, W), and their places."""
    h, w = y.shape[2:]
    H, W = x.shape[2:]
    source, best, place = x.reshape(-1), y.reshape(-1), won.reshape(-1)
    blocks = (w + 15) // 16
    for p in range(y.shape[0] * y.shape[1]):
        for i in range(h):
            s, o = (p * H + 2 * i) * W, (p * h + i) * w
            if s + W + 32 * blocks <= source.size and o + 16 * blocks <= best.size:
                for b in range(blocks):
                    a, c = s + 32 * b, o + 16 * b
                    top, bottom = source[a : a + 32], source[a + W : a + W + 32]
                    _quads(top, bottom, best[c : c + 16], place[c : c + 16], 16)
            else:
                _quads(source[s : s + W], source[s + W : s + 2 * W], best[o:], place[o:], w)


@jit
def _quads(top, bottom, best, place, n):
    for j in range(n):
        value, k = top[2 * j], np.uint8(0)
        v = top[2 * j + 1]
        if (v > value) | (v != v):
            value, k = v, np.uint8(1)
        v = bottom[2 * j]
        if (v > value) | (v != v):
            value, k = v, np.uint8(2)
        v = bottom[2 * j + 1]
        if (v > value) | (v != v):
            value, k = v, np.uint8(3)
        best[j] = value
        place[j] = k


@jit("void(const T[:, :, :, ::1], const uint8[:, :, :, ::1], T[:, :, :, ::1])")
def give_to_quads(dy, won, dx):
    """Fill dx (N, C, H, W): the winner of each quad has its dy (N, C, h, w), all else 0."""
    h, w = dy.shape[2:]
    H, W = dx.shape[2:]
    for n in range(dy.shape[0]):
        for c in range(dy.shape[1]):
            for i in range(h):
                given, place = dy[n, c, i], won[n, c, i]
                top, bottom = dx[n, c, 2 * i], dx[n, c, 2 * i + 1]
                _give(given, place, top, np.uint8(0), np.uint8(1))
                _give(given, place, bottom, np.uint8(2), np.uint8(3))
                if 2 * w < W:
                    top[W - 1] = bottom[W - 1] = 0
            for j in range(W if 2 * h < H else 0):
                dx[n, c, H - 1, j] = 0


@jit
def _give(given, place, out, left, right):
    zero = given.dtype.type(0)
    for j in range(given.shape[0]):
        v, at = given[j], place[j]
        out[2 * j] = v if at == left else zero
        out[2 * j + 1] = v if at == right else zero
