"""Support vector machines: classification, regression and novelty detection by SMO.

The files with the algorithms can be read alone: ``smo`` states the dual problem of every machine
and solves it, ``kernel_functions`` has the kernels, ``votes`` makes one class of many machines. The
estimators check input and call them.

Symbols: X (n, d) samples, y targets, K (n, n) kernel values, b dual coefficients, g = Kb - y the
gradient; k classes, P = k (k - 1) / 2 machines, one for each pair.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.svm.bounds import l1_min_c as l1_min_c
    from scratchml.svm.libsvm_load import load_libsvm_model as load_libsvm_model
    from scratchml.svm.libsvm_save import save_libsvm_model as save_libsvm_model
    from scratchml.svm.linear_svc import LinearSVC as LinearSVC
    from scratchml.svm.linear_svr import LinearSVR as LinearSVR
    from scratchml.svm.one_class import OneClassSVM as OneClassSVM
    from scratchml.svm.svc import SVC as SVC
    from scratchml.svm.svc import NuSVC as NuSVC
    from scratchml.svm.svr import SVR as SVR
    from scratchml.svm.svr import NuSVR as NuSVR

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "LinearSVC": "linear_svc",
        "LinearSVR": "linear_svr",
        "NuSVC": "svc",
        "NuSVR": "svr",
        "OneClassSVM": "one_class",
        "SVC": "svc",
        "SVR": "svr",
        "l1_min_c": "bounds",
        "load_libsvm_model": "libsvm_load",
        "save_libsvm_model": "libsvm_save",
    },
)
