"""Machine learning from scratch: NumPy to read, Numba to run.

Importing this package loads neither NumPy nor Numba; each estimator loads what it needs.
"""

from scratchml._core.lazy import attach

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml._core.persistence import load as load
    from scratchml._core.persistence import save as save
    from scratchml._core.threads import get_num_threads as get_num_threads
    from scratchml._core.threads import set_num_threads as set_num_threads

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "get_num_threads": "_core.threads",
        "load": "_core.persistence",
        "save": "_core.persistence",
        "set_num_threads": "_core.threads",
    },
    (
        "calibration",
        "data",
        "datasets",
        "ensemble",
        "frozen",
        "inspection",
        "linear_model",
        "metrics",
        "model_selection",
        "nn",
        "optim",
        "pipeline",
        "preprocessing",
        "svm",
        "tensor",
        "tree",
    ),
)
