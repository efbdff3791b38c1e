"""What a factor alone is good for, and what refinement makes of it, as the condition grows.

Polynomials of degree 1 to 10 are fitted to NIST's Filip data, and compared with the exact solution
for the given floats, found in rational arithmetic.
"""

from fractions import Fraction

import matplotlib.pyplot as plt
import nist
import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, ORANGE, RED
from scratchml.linear_model import LinearRegression, householder
from scratchml.linear_model.centred import centre, strips_of_A
from scratchml.linear_model.triangular import solve_normal


def exact(X, y):
    """Solve the normal equations of [1 X] by elimination on fractions; return the slopes."""
    A = [[Fraction(1), *map(Fraction, row)] for row in X.tolist()]
    t = list(map(Fraction, y.tolist()))
    q = len(A[0])
    M = [[sum(a[i] * a[j] for a in A) for j in range(q)] for i in range(q)]
    for i, row in enumerate(M):
        row.append(sum(a[i] * v for a, v in zip(A, t, strict=True)))
    for i in range(q):
        for k in range(i + 1, q):
            factor = M[k][i] / M[i][i]
            M[k] = [m - factor * p for m, p in zip(M[k], M[i], strict=True)]
    b = [Fraction(0)] * q
    for i in reversed(range(q)):
        b[i] = (M[i][q] - sum(M[i][j] * b[j] for j in range(i + 1, q))) / M[i][i]
    return np.array([float(v) for v in b[1:]])


filip = nist.load("Filip")
curves = {name: [] for name in ("LinearRegression", "Householder", "lstsq", "Cholesky")}
kappas = []
for degree in range(1, 11):
    X = np.ascontiguousarray(filip.X[:, :degree])
    true = exact(X, filip.y)
    data = centre(X, filip.y[:, None], None, True)
    R = householder.fold(strips_of_A(data, 0.0), np.zeros_like(data.gram))
    kappas.append(np.linalg.cond(R))
    found = {
        "LinearRegression": LinearRegression().fit(X, filip.y).coef_,
        "Householder": data.scale * solve_normal(R, data.cross)[:, 0],
        "lstsq": np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), filip.y)[0][1:],
    }
    try:
        R = np.linalg.cholesky(data.gram).T
        found["Cholesky"] = data.scale * solve_normal(R, data.cross)[:, 0]
    except np.linalg.LinAlgError:
        found["Cholesky"] = np.zeros(degree)
    for name, b in found.items():
        error = np.max(np.abs(b - true) / np.abs(true)) + 1e-17
        curves[name].append(np.clip(-np.log10(error), 0, 16))

STYLE = {
    "LinearRegression": (BLUE, "o", "LinearRegression: refined"),
    "Householder": (GREEN, "D", "Householder's factor alone"),
    "lstsq": (ORANGE, "s", "numpy.linalg.lstsq"),
    "Cholesky": (RED, "^", "Cholesky's factor alone"),
}
figure, axes = plt.subplots(figsize=(8.6, 3.9))
for name, (colour, marker, label) in STYLE.items():
    axes.plot(kappas, curves[name], color=colour, marker=marker, ms=6, mec="white", label=label)
axes.set(
    xscale="log", ylim=(-0.3, 16.5), xlabel="condition number κ of the centred, scaled columns",
    ylabel="right digits of the worst slope",
)  # fmt: skip
top = axes.secondary_xaxis("top")
top.set_xticks(kappas, range(1, 11))
top.set_xlabel("degree of the polynomial")
top.minorticks_off()
axes.legend(loc="lower left")
