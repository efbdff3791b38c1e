"""Dual problems of every support vector machine, and the solvers that are to solve them."""

from unittest.mock import patch

import numpy as np
from hypothesis import strategies as st

from scratchml.svm import solver
from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.smo import Dual, smo


def compiled(K, dual, tol, max_iter=-1, cache_bytes=1 << 30, shrinking=True):
    """The compiled solver, which wants each group's samples together."""
    order = np.argsort(dual.groups, kind="stable")
    ordered = dual._make([a[order] if isinstance(a, np.ndarray) else a for a in dual])
    found = solver.solve(MatrixRows(K, order), ordered, tol, max_iter, cache_bytes, shrinking)
    back = np.argsort(order)
    return found._replace(b=found.b[back], gradient=found.gradient[back])


def blocks(*problem, shrinking=False, size=8):
    """The same with blocks of few samples."""
    with patch.multiple(solver, DIRECT=size, _BLOCK=size):
        return compiled(*problem, cache_bytes=0, shrinking=shrinking)


def shrunk(*problem):
    """The same, samples set aside for a time."""
    return blocks(*problem, shrinking=True)


COMPILED = {"whole": compiled, "blocks": blocks, "shrunk": shrunk}
SOLVERS = {"plain": smo, **COMPILED}  # name -> (K, dual, tol, max_iter) -> Solution

MACHINES = ("c_svc", "epsilon_svr", "one_class", "nu_svc", "nu_svr")
DEFINITE = ("linear", "rbf", "poly")
KERNELS = (*DEFINITE, "sigmoid")


def gram(kernel, X, gamma=0.25, coef0=0.5, degree=2):
    """The kernel of every pair of rows, from its definition; symmetric to the bit."""
    if kernel == "rbf":
        return np.exp(-gamma * ((X[:, None] - X) ** 2).sum(axis=2))
    inner = (X[:, None] * X).sum(axis=2)
    if kernel == "linear":
        return inner
    if kernel == "poly":
        return (gamma * inner + coef0) ** degree
    return np.tanh(gamma * inner - coef0)


def c_svc(signs, C=1.0, weight=1.0):
    """Classification; `signs` are +1 or -1."""
    cap = C * weight * np.ones(len(signs))
    return _dual(signs, np.where(signs > 0, 0, -cap), np.where(signs > 0, cap, 0))


def epsilon_svr(y, C=1.0, epsilon=0.1, weight=1.0):
    cap = C * weight * np.ones(len(y))
    return _dual(y, -cap, cap, epsilon)


def one_class(n, nu=0.5, weight=1.0):
    cap = weight * np.ones(n)
    return _dual(np.zeros(n), np.zeros(n), cap, start=_fill(cap, nu * cap.sum()))


def nu_svc(signs, nu=0.5, weight=1.0):
    """Two groups: of each class, nu n / 2 in all, before the margin is scaled to one."""
    cap, total = weight * np.ones(len(signs)), nu * np.sum(weight * np.ones(len(signs))) / 2
    start, positive = np.zeros(len(signs)), signs > 0
    start[positive] = _fill(cap[positive], total)
    start[~positive] = -_fill(cap[~positive], total)
    lower, upper = np.where(positive, 0, -cap), np.where(positive, cap, 0)
    return _dual(np.zeros(len(signs)), lower, upper, start=start, groups=(~positive).astype(int))


def nu_svr(y, C=1.0, nu=0.5, weight=1.0):
    """Two groups: the positive and the negative parts of n coefficients; K is doubled."""
    cap = C * weight * np.ones(len(y))
    half = _fill(cap, nu * cap.sum() / 2)
    n = len(y)
    return _dual(
        np.tile(y, 2),
        np.concatenate([np.zeros(n), -cap]),
        np.concatenate([cap, np.zeros(n)]),
        start=np.concatenate([half, -half]),
        groups=np.repeat([0, 1], n),
    )


def _fill(cap, total):
    """Coefficients from the first on, each up to its cap, until they sum to `total`."""
    return np.clip(total - np.concatenate([[0.0], np.cumsum(cap)[:-1]]), 0, cap)


def _dual(y, lower, upper, epsilon=0.0, start=None, groups=None):
    y, n = np.asarray(y, dtype=np.float64), len(y)
    start = np.zeros(n) if start is None else start
    groups = np.zeros(n, dtype=np.int64) if groups is None else groups.astype(np.int64)
    lower, upper = lower + 0.0, upper + 0.0  # no -0.0
    return Dual(y, lower, upper, float(epsilon), start, groups)


def doubled(K):
    """The matrix of nu_svr."""
    return np.tile(K, (2, 2))


@st.composite
def samples(draw, min_n=2, max_n=12):
    """Rows of small numbers: duplicates are frequent, and a column may be constant."""
    n, d = draw(st.integers(min_n, max_n)), draw(st.integers(1, 3))
    values = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 1.5])
    X = np.array(draw(st.lists(values, min_size=n * d, max_size=n * d))).reshape(n, d)
    if draw(st.booleans()):
        X[:, 0] = draw(values)
    if draw(st.integers(0, 4)) == 0:
        X[draw(st.integers(0, n - 1))] *= 30.0  # one dominates
    return X


@st.composite
def duals(draw, machine, X, Cs=(1e-6, 0.1, 1.0, 10.0)):
    """A dual problem for the rows X of one machine."""
    n = len(X)
    C = draw(st.sampled_from(Cs))
    weight = np.ones(n)
    if draw(st.booleans()):
        weight = np.array(
            draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 0.5]), min_size=n, max_size=n))
        )
    nu = draw(st.sampled_from([0.05, 0.3, 0.5, 0.7]))
    if machine == "one_class":
        return one_class(n, nu, weight)
    if machine in ("c_svc", "nu_svc"):
        signs = np.array(draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=n, max_size=n)))
        signs[:2] = 1.0, -1.0
        if machine == "c_svc":
            return c_svc(signs, C, weight)
        least = min(weight[signs > 0].sum(), weight[signs < 0].sum())
        return nu_svc(signs, min(nu, 2 * least / max(weight.sum(), 1e-300)), weight)
    targets = st.sampled_from([-3.0, -1.0, 0.0, 0.5, 0.75, 2.0, 10.0])
    y = np.array(draw(st.lists(targets, min_size=n, max_size=n)))
    if machine == "nu_svr":
        return nu_svr(y, C, nu, weight)
    return epsilon_svr(y, C, draw(st.sampled_from([0.0, 0.1, 1.0, 100.0])), weight)


@st.composite
def problems(draw, machine, kernels=KERNELS, max_n=12, **options):
    """(K, dual)."""
    X = draw(samples(max_n=max_n))
    kernel = draw(st.sampled_from(kernels))
    dual = draw(duals(machine, X, **options))
    K = gram(kernel, X, degree=draw(st.sampled_from([2, 3])))
    return (doubled(K) if machine == "nu_svr" else K), dual


def blobs(machine, n, d=4, seed=0, kernel="rbf", C=1.0, overlap=1.0):
    """A problem of random rows, classes overlapping, the same for a seed wherever it is made."""
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, d))
    score = X[:, 0] + overlap * rng.standard_normal(n)
    signs = np.where(score > np.median(score), 1.0, -1.0)
    K = gram(kernel, X)
    dual = {
        "c_svc": lambda: c_svc(signs, C),
        "epsilon_svr": lambda: epsilon_svr(score, C, 0.2),
        "one_class": lambda: one_class(n, 0.3),
        "nu_svc": lambda: nu_svc(signs, 0.4),
        "nu_svr": lambda: nu_svr(score, C, 0.4),
    }[machine]()
    return (doubled(K) if machine == "nu_svr" else K), dual
