"""Linear models: least squares, ridge, lasso, elastic net and logistic regression.

Symbols, the same in every file of this package:

======  ==============  ====================================================================
X       (n, p)          samples in rows, features in columns
y, Y    (n,), (n, t)    one target, several targets
w       (n,)            sample weights
b, B    (p,), (p, t)    coefficients (``coef_`` is their transpose)
b0      (t,)            intercepts
r       (n,)            residual y - X b - b0
n p t                   samples, features, targets
alpha                   strength of the penalty
======  ==============  ====================================================================

The files with the algorithms (``least_squares``, ``coordinate_descent``, ``newton``, ``lbfgs``...)
are functions over arrays and can be read alone; the estimators check input and call them.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.linear_model.lasso import ElasticNet as ElasticNet
    from scratchml.linear_model.lasso import Lasso as Lasso
    from scratchml.linear_model.linear_regression import LinearRegression as LinearRegression
    from scratchml.linear_model.logistic_regression import LogisticRegression as LogisticRegression
    from scratchml.linear_model.ridge import Ridge as Ridge
    from scratchml.linear_model.ridge_cv import RidgeCV as RidgeCV

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "ElasticNet": "lasso",
        "Lasso": "lasso",
        "LinearRegression": "linear_regression",
        "LogisticRegression": "logistic_regression",
        "Ridge": "ridge",
        "RidgeCV": "ridge_cv",
    },
)
