"""Write data/libsvm.json: what LIBSVM, inside scikit-learn, makes of the cases in libsvm_cases.py.

python -m tests.svm.make_libsvm_figures
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn import svm

from tests.svm import oracle
from tests.svm.libsvm_cases import CASES, load, problem

FILE = Path(__file__).parent / "data" / "libsvm.json"
CLASSES = {
    "c_svc": svm.SVC,
    "epsilon_svr": svm.SVR,
    "one_class": svm.OneClassSVM,
    "nu_svc": svm.NuSVC,
    "nu_svr": svm.NuSVR,
}
SHOWN = 25  # decision values are stored of the first samples


def fit(case, tol):
    """Fit scikit-learn's class."""
    options = {"kernel": case.kernel, "gamma": case.gamma, "coef0": case.coef0, "tol": tol}
    options |= {"degree": case.degree, "gamma": case.gamma or 1.0}
    if case.machine in ("c_svc", "epsilon_svr", "nu_svr"):
        options["C"] = case.C
    if case.machine in ("one_class", "nu_svc", "nu_svr"):
        options["nu"] = case.nu
    if case.machine == "epsilon_svr":
        options["epsilon"] = case.epsilon
    X, y = load(case.data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return CLASSES[case.machine](**options).fit(X, y)


def dual_point(case, model, n):
    """The feasible point b that the fitted model stands for."""
    b = np.zeros(n)
    b[model.support_] = model.dual_coef_[0]
    if case.machine == "nu_svc":  # scaled by the margin: the sum over a class was nu n / 2
        b *= case.nu * n / np.abs(b).sum()
    return b


def objective(case, model):
    """D of scikit-learn's solution, in float64."""
    K, dual = problem(case)
    if case.machine == "nu_svr":
        n = len(K) // 2
        K, dual = K[:n, :n], dual._replace(y=dual.y[:n])
    b = dual_point(case, model, len(K))
    f = oracle.expansion(K, b)
    return float(0.5 * b @ f - dual.y @ b + dual.epsilon * np.abs(b).sum())


def figures(case):
    """Everything that is stored of a case."""
    loose, tight = fit(case, 1e-3), fit(case, 1e-7)
    X, _ = load(case.data)
    decide = getattr(tight, "decision_function", tight.predict)
    return {
        "objective_at_1e-3": objective(case, loose),
        "objective": objective(case, tight),
        "support": tight.support_.tolist(),
        "rho": -float(tight.intercept_[0]),
        "decision": [float(value) for value in decide(X[:SHOWN])],
    }


if __name__ == "__main__":
    stored = {"scikit-learn": sklearn.__version__}
    stored |= {str(case): figures(case) for case in CASES}
    FILE.parent.mkdir(exist_ok=True)
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in stored.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
