"""The dual problem of `scratchml.svm.smo` restated slowly: what its answers are checked against.

Nothing here calls the package. Sums are correctly rounded (math.fsum) or exact (Fraction).
"""

import itertools
import math
from fractions import Fraction

import numpy as np

EPS = 2.0**-52


def dual_objective(K, dual, b):
    """D(b) from its definition."""
    n = len(b)
    terms = [0.5 * K[i, j] * b[i] * b[j] for i in range(n) for j in range(n) if b[i] and b[j]]
    terms += [-dual.y[i] * b[i] for i in range(n)]
    terms += [dual.epsilon * abs(b[i]) for i in range(n)]
    return math.fsum(terms)


def expansion(K, b):
    """Kb, every entry correctly rounded but for its products."""
    support = np.flatnonzero(b)
    return np.array([math.fsum((row[support] * b[support]).tolist()) for row in K])


def violation(K, dual, b):
    """The steepest descent, per unit moved, that one pair of one group promises; 0 if none does."""
    g, most = expansion(K, b) - dual.y, 0.0
    for group in set(dual.groups.tolist()):
        grows, falls = [], []
        for i in np.flatnonzero(dual.groups == group):
            if b[i] < dual.upper[i]:
                grows.append(g[i] + (dual.epsilon if b[i] >= 0 else -dual.epsilon))
            if b[i] > dual.lower[i]:
                falls.append(-g[i] + (dual.epsilon if b[i] <= 0 else -dual.epsilon))
        if grows and falls:
            most = max(most, -(min(grows) + min(falls)))
    return most


def duality_gap(K, dual, b):
    """The primal objective with the best bias of each group, plus D(b).

    The primal of a group, as a function of its bias, is convex and has its corners where a loss
    begins: one of these is its lowest point (or it has none, where the loss never begins).
    """
    f = expansion(K, b)
    terms = [f @ b - dual.y @ b, dual.epsilon * math.fsum(np.abs(b))]
    for group in set(dual.groups.tolist()):
        inside = np.flatnonzero(dual.groups == group)
        e, total = (dual.y - f)[inside], math.fsum(b[inside])
        corners = np.concatenate([e - dual.epsilon, e + dual.epsilon, [0.0]])
        lower, upper = dual.lower[inside], dual.upper[inside]

        def loss(bias, e=e, lower=lower, upper=upper, total=total):
            above = np.maximum(e - bias - dual.epsilon, 0)
            below = np.maximum(bias - e - dual.epsilon, 0)
            return math.fsum(upper * above - lower * below) + bias * total

        terms.append(min(loss(bias) for bias in corners))
    return math.fsum(terms)


def rounding(K, dual, b, n_iter=0):
    """A bound on what rounding does to g = Kb - y over `n_iter` updates."""
    size = np.abs(K) @ np.maximum(np.abs(b), np.abs(dual.start)) + np.abs(dual.y) + dual.epsilon
    return EPS * (len(b) + n_iter) * float(size.max())


def assert_feasible(dual, b, n_iter=0):
    """Bounds hold to the bit, sums of groups but for the rounding of `n_iter` moves."""
    assert np.isfinite(b).all()
    assert (b >= dual.lower).all()
    assert (b <= dual.upper).all()
    scale = np.maximum(np.abs(dual.lower), np.abs(dual.upper)).max(initial=0.0)
    for group in set(dual.groups.tolist()):
        inside = dual.groups == group
        drift = math.fsum(b[inside]) - math.fsum(dual.start[inside])
        assert abs(drift) <= EPS * (len(b) + n_iter) * scale


def exact_minimum(K, dual):
    """The minimum of D as a Fraction, by trying every set of free variables; for tiny problems.

    Some minimum of D has each b_i at a bound, at zero (if epsilon > 0) or free, and determined by
    the slopes of the free ones being equal within their group: of all these points the best.
    """
    n = len(dual.y)
    K = [[Fraction(v) for v in row] for row in K.tolist()]
    y, lower, upper, start = (
        [Fraction(v) for v in a.tolist()] for a in (dual.y, dual.lower, dual.upper, dual.start)
    )
    epsilon, groups = Fraction(dual.epsilon), dual.groups.tolist()
    sums = {g: sum(s for s, h in zip(start, groups, strict=True) if h == g) for g in set(groups)}
    fixed = [{low, high} | ({Fraction(0)} if epsilon else set()) for low, high in zip(lower, upper)]  # noqa: B905
    signs = (1, -1) if epsilon else (1,)
    free = [("+", "-")[: len(signs)] if low < high else () for low, high in zip(lower, upper)]  # noqa: B905
    best = None
    for states in itertools.product(*[(*fixed[i], *free[i]) for i in range(n)]):
        b = _stationary(K, y, epsilon, groups, sums, states)
        if b is None or not all(lower[i] <= b[i] <= upper[i] for i in range(n)):
            continue
        value = sum(
            b[i] * (sum(K[i][j] * b[j] for j in range(n)) / 2 - y[i]) + epsilon * abs(b[i])
            for i in range(n)
        )
        best = value if best is None else min(best, value)
    return best


def _stationary(K, y, epsilon, groups, sums, states):
    """The point with the free variables ("+" or "-", their sign) stationary, or None."""
    S = [i for i, state in enumerate(states) if isinstance(state, str)]
    b = [Fraction(0) if isinstance(state, str) else state for state in states]
    held = sorted({groups[i] for i in S})
    rest = {g: sums[g] - sum(b[i] for i in range(len(b)) if groups[i] == g) for g in sums}
    if any(rest[g] != 0 for g in sums if g not in held):
        return None
    rows = []
    for i in S:
        sign = epsilon if states[i] == "+" else -epsilon
        right = y[i] - sign - sum(K[i][j] * b[j] for j in range(len(b)))
        rows.append([K[i][j] for j in S] + [Fraction(groups[i] == g) for g in held] + [right])
    for g in held:
        rows.append([Fraction(groups[j] == g) for j in S] + [Fraction(0)] * len(held) + [rest[g]])
    solution = _solve(rows)
    if solution is None:
        return None
    for i, value in zip(S, solution[: len(S)], strict=True):
        b[i] = value
    return b


def _solve(rows):
    """Gauss and Jordan's elimination of [A | c]; None if A is singular."""
    m = len(rows)
    for i in range(m):
        pivot = next((r for r in range(i, m) if rows[r][i] != 0), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for r in range(m):
            if r != i and rows[r][i] != 0:
                rows[r] = [a - rows[r][i] * c for a, c in zip(rows[r], rows[i], strict=True)]
    return [row[m] for row in rows]


def projected_gradient(K, dual, n_iter=3000):
    """Minimise D in the form of the textbooks, b = a - a*, by accelerated projected gradients."""
    n = len(dual.y)
    sign = np.concatenate([np.ones(n), -np.ones(n)])
    Q = np.outer(sign, sign) * np.tile(K, (2, 2))
    p = dual.epsilon - sign * np.tile(dual.y, 2)
    top = np.concatenate([dual.upper, -dual.lower])
    groups = np.tile(dual.groups, 2)
    a = np.concatenate([np.maximum(dual.start, 0), np.maximum(-dual.start, 0)])
    sums = np.bincount(groups, weights=sign * a)
    step = 1 / max(float(np.linalg.eigvalsh(Q)[-1]), 1e-12)
    v, t = a.copy(), 1.0
    for _ in range(n_iter):
        ahead = _project(v - step * (Q @ v + p), sign, top, groups, sums)
        if (v - ahead) @ (ahead - a) > 0:  # the momentum leads uphill (O'Donoghue, Candes 2015)
            v, t = a.copy(), 1.0
            continue
        t_next = (1 + math.sqrt(1 + 4 * t * t)) / 2
        v, a, t = ahead + (t - 1) / t_next * (ahead - a), ahead, t_next
    return a[:n] - a[n:]


def _project(v, sign, top, groups, sums):
    """The nearest point with 0 <= a <= top and sign'a = sums in each group."""
    a = v.copy()
    for group, total in enumerate(sums):
        inside = groups == group
        w, s, u = v[inside], sign[inside], top[inside]
        knots = np.sort(np.concatenate([s * w, s * (w - u)]))
        h = np.clip(w - knots[:, None] * s, 0, u) @ s - total  # falls as the multiplier grows
        k = int(np.clip(np.count_nonzero(h > 0), 1, len(knots) - 1))
        fall = h[k - 1] - h[k]
        share = h[k - 1] / fall if fall > 0 else 0.0
        multiplier = knots[k - 1] + share * (knots[k] - knots[k - 1])
        a[inside] = np.clip(w - multiplier * s, 0, u)
    return a
