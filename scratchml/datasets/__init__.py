"""Data to learn from: bundled real sets, generated ones, and readers of the field's file formats.

Shapes: ``data`` is (n_samples, n_features), ``target`` (n_samples,) or (n_samples, n_targets),
``images`` (n_samples, height, width[, channels]).
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.datasets.blobs import make_blobs as make_blobs
    from scratchml.datasets.bunch import Bunch as Bunch
    from scratchml.datasets.bundled import load_breast_cancer as load_breast_cancer
    from scratchml.datasets.bundled import load_diabetes as load_diabetes
    from scratchml.datasets.bundled import load_digits as load_digits
    from scratchml.datasets.bundled import load_iris as load_iris
    from scratchml.datasets.bundled import load_wine as load_wine
    from scratchml.datasets.cifar import load_cifar10 as load_cifar10
    from scratchml.datasets.cifar import load_cifar100 as load_cifar100
    from scratchml.datasets.classification import make_classification as make_classification
    from scratchml.datasets.csv_file import load_csv as load_csv
    from scratchml.datasets.idx import load_idx as load_idx
    from scratchml.datasets.idx import load_mnist as load_mnist
    from scratchml.datasets.regression import make_low_rank_matrix as make_low_rank_matrix
    from scratchml.datasets.regression import make_regression as make_regression
    from scratchml.datasets.shapes import make_circles as make_circles
    from scratchml.datasets.shapes import make_moons as make_moons
    from scratchml.datasets.sunspots import load_sunspots as load_sunspots
    from scratchml.datasets.svmlight import load_svmlight_file as load_svmlight_file
    from scratchml.datasets.svmlight import load_svmlight_files as load_svmlight_files
    from scratchml.datasets.svmlight_dump import dump_svmlight_file as dump_svmlight_file

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Bunch": "bunch",
        "dump_svmlight_file": "svmlight_dump",
        "load_breast_cancer": "bundled",
        "load_cifar10": "cifar",
        "load_cifar100": "cifar",
        "load_csv": "csv_file",
        "load_diabetes": "bundled",
        "load_digits": "bundled",
        "load_idx": "idx",
        "load_iris": "bundled",
        "load_mnist": "idx",
        "load_sunspots": "sunspots",
        "load_svmlight_file": "svmlight",
        "load_svmlight_files": "svmlight",
        "load_wine": "bundled",
        "make_blobs": "blobs",
        "make_circles": "shapes",
        "make_classification": "classification",
        "make_low_rank_matrix": "regression",
        "make_moons": "shapes",
        "make_regression": "regression",
    },
)
