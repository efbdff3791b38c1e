"""Problems on real data that LIBSVM solved too: see make_libsvm_figures.py."""

from typing import NamedTuple

import numpy as np

from scratchml.datasets import load_breast_cancer, load_diabetes, load_digits
from tests.svm.problems import c_svc, doubled, epsilon_svr, gram, nu_svc, nu_svr, one_class


class Case(NamedTuple):
    """A machine, its data and its parameters, those of LIBSVM."""

    machine: str
    data: str
    kernel: str
    gamma: float = 0.0
    C: float = 1.0
    nu: float = 0.5
    epsilon: float = 0.1
    coef0: float = 0.0
    degree: int = 3

    def __str__(self):
        default = Case._field_defaults
        shown = [self.machine, self.data, self.kernel]
        shown += [f"{k}={v:.4g}" for k, v in self._asdict().items() if v != default.get(k, v)]
        return " ".join(shown)


CASES = [
    Case("c_svc", "heart", "rbf", 1 / 13),
    Case("c_svc", "heart", "rbf", 1 / 13, C=100.0),
    Case("c_svc", "heart", "linear"),
    Case("c_svc", "heart", "poly", 1 / 13),
    Case("c_svc", "heart", "sigmoid", 1 / 13),
    Case("nu_svc", "heart", "rbf", 1 / 13),
    Case("one_class", "heart", "rbf", 1 / 13),
    Case("epsilon_svr", "heart", "linear", C=0.25),
    Case("c_svc", "cancer", "rbf", 1e-6),
    Case("c_svc", "cancer", "rbf", 1e-6, C=100.0),
    Case("c_svc", "cancer scaled", "rbf", 1 / 30, C=10.0),
    Case("c_svc", "cancer scaled", "linear"),
    Case("one_class", "cancer scaled", "rbf", 1 / 30, nu=0.1),
    Case("c_svc", "digits 3 8", "rbf", 0.001),
    Case("c_svc", "digits 3 8", "rbf", 0.001, C=10.0),
    Case("c_svc", "digits 1 7", "linear"),
    Case("c_svc", "digits 1 7", "poly", 0.001, coef0=1.0),
    Case("nu_svc", "digits 3 8", "rbf", 0.001, nu=0.2),
    Case("epsilon_svr", "diabetes", "rbf", 1.0),
    Case("epsilon_svr", "diabetes", "rbf", 10.0, C=100.0, epsilon=10.0),
    Case("epsilon_svr", "diabetes", "linear", C=100.0),
    Case("nu_svr", "diabetes", "rbf", 1.0, C=10.0),
    Case("nu_svr", "diabetes", "poly", 10.0, C=10.0, nu=0.3, degree=2, coef0=1.0),
]


def load(name):
    """(X, y) of a data set; y is +1 or -1 but for diabetes."""
    if name == "heart":
        return heart_like()
    if name == "diabetes":
        return load_diabetes(return_X_y=True)
    if name.startswith("digits"):
        X, y = load_digits(return_X_y=True)
        first, second = (int(digit) for digit in name.split()[1:])
        kept = (y == first) | (y == second)
        return X[kept], np.where(y[kept] == first, 1.0, -1.0)
    X, y = load_breast_cancer(return_X_y=True)
    if name == "cancer scaled":
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X, np.where(y == 1, 1.0, -1.0)


def heart_like(n=270):
    """270 rows of 13 features from -1 to 1, some of few values, like LIBSVM's heart_scale."""
    rng = np.random.RandomState(13)
    X = np.clip(rng.standard_normal((n, 13)) / 2.5, -1, 1)
    X[:, :5] = np.sign(X[:, :5])
    X[:, 5:8] = np.round(X[:, 5:8] * 1.5) / 1.5
    score = X @ np.linspace(-1, 1, 13) + 0.8 * rng.standard_normal(n)
    return np.round(X, 6), np.where(score > 0, 1.0, -1.0)


def problem(case):
    """(K, dual) of a case."""
    X, y = load(case.data)
    K = gram(case.kernel, X, case.gamma, case.coef0, case.degree)
    dual = {
        "c_svc": lambda: c_svc(y, case.C),
        "epsilon_svr": lambda: epsilon_svr(y, case.C, case.epsilon),
        "one_class": lambda: one_class(len(y), case.nu),
        "nu_svc": lambda: nu_svc(y, case.nu),
        "nu_svr": lambda: nu_svr(y, case.C, case.nu),
    }[case.machine]()
    return (doubled(K) if case.machine == "nu_svr" else K), dual


class Machine(NamedTuple):
    """What LIBSVM makes of a solution."""

    coef: np.ndarray  # (n,), the b of each sample
    rho: float  # taken from the decision value
    decision: np.ndarray  # (n,)


def machine_of(case, K, solution):
    """Turn the solution into LIBSVM's coefficients, rho and decision values."""
    b, bias = solution.b, solution.bias
    if case.machine == "nu_svr":
        n = len(b) // 2
        b, K = b[:n] + b[n:], K[:n, :n]
        bias = np.array([bias.mean()])
    if case.machine == "nu_svc":
        margin = (bias[1] - bias[0]) / 2  # decision values are +-margin at free samples
        b, bias = b / margin, np.array([bias.mean() / margin])
    return Machine(b, -float(bias[0]), K @ b + bias[0])
