"""The small real tables that travel inside the package; `sunspots` has the series.

Each is one compressed NumPy file in ``data/`` (arrays ``data`` and ``target``) beside a short
description; ``data/LICENSE`` says where they come from. Values, dtypes and names equal
scikit-learn's of the same loader.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from scratchml._core.rules import boolean, check_parameters, integer
from scratchml.datasets.bunch import Bunch

FOLDER = Path(__file__).parent / "data"


def load_iris(*, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Return Fisher's iris flowers: 150 samples, 4 lengths in cm, 3 species of 50.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Return pandas objects: ``data`` a DataFrame, ``target`` a Series, ``frame`` both.

    Returns
    -------
    Bunch
        ``data`` (150, 4) float64, ``target`` (150,) int64, ``feature_names``, ``target_names``,
        ``frame`` (None without `as_frame`), ``DESCR``.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> iris = load_iris()
    >>> iris.data.shape, iris.target_names.tolist()
    ((150, 4), ['setosa', 'versicolor', 'virginica'])
    """
    data, target = _arrays("iris")
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    return pack(
        "iris",
        data,
        target,
        names,
        return_X_y,
        as_frame,
        target_names=np.array(["setosa", "versicolor", "virginica"]),
    )


def load_wine(*, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Return the wine data: 178 samples, 13 chemical measurements, 3 growers.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Return pandas objects: ``data`` a DataFrame, ``target`` a Series, ``frame`` both.

    Returns
    -------
    Bunch
        ``data`` (178, 13) float64, ``target`` (178,) int64, ``feature_names``, ``target_names``,
        ``frame`` (None without `as_frame`), ``DESCR``.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from scratchml.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> X.shape, y[[0, 80, 170]].tolist()
    ((178, 13), [0, 1, 2])
    """
    data, target = _arrays("wine")
    names = [
        "alcohol",
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "nonflavanoid_phenols",
        "proanthocyanins",
        "color_intensity",
        "hue",
        "od280/od315_of_diluted_wines",
        "proline",
    ]
    return pack(
        "wine",
        data,
        target,
        names,
        return_X_y,
        as_frame,
        target_names=np.array(["class_0", "class_1", "class_2"]),
    )


def load_breast_cancer(*, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Return the Wisconsin diagnostic data: 569 samples, 30 features of cell nuclei, 2 classes.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Return pandas objects: ``data`` a DataFrame, ``target`` a Series, ``frame`` both.

    Returns
    -------
    Bunch
        ``data`` (569, 30) float64, ``target`` (569,) int64 (0 malignant, 1 benign),
        ``feature_names``, ``target_names``, ``frame`` (None without `as_frame`), ``DESCR``.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from scratchml.datasets import load_breast_cancer
    >>> cancer = load_breast_cancer()
    >>> cancer.data.shape, cancer.feature_names[20]
    ((569, 30), np.str_('worst radius'))
    """
    data, target = _arrays("breast_cancer")
    measures = (
        "radius",
        "texture",
        "perimeter",
        "area",
        "smoothness",
        "compactness",
        "concavity",
        "concave points",
        "symmetry",
        "fractal dimension",
    )
    names = np.array(
        [f"mean {m}" for m in measures]
        + [f"{m} error" for m in measures]
        + [f"worst {m}" for m in measures]
    )
    return pack(
        "breast_cancer",
        data,
        target,
        names,
        return_X_y,
        as_frame,
        target_names=np.array(["malignant", "benign"]),
    )


def load_digits(*, n_class: int = 10, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Return handwritten digits: 1797 images of 8 x 8 pixels in 0..16, 10 classes.

    Parameters
    ----------
    n_class : int, default=10
        Keep the digits below this number, from 1 to 10.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Return pandas objects: ``data`` a DataFrame, ``target`` a Series, ``frame`` both.

    Returns
    -------
    Bunch
        ``data`` (n_samples, 64) float64, ``images`` (n_samples, 8, 8) float64 (the same memory),
        ``target`` (n_samples,) int64, ``feature_names``, ``target_names``, ``frame`` (None without
        `as_frame`), ``DESCR``.

    Raises
    ------
    ValueError
        If `n_class` is not an integer from 1 to 10.
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from scratchml.datasets import load_digits
    >>> digits = load_digits(n_class=2)
    >>> digits.images.shape, digits.target[:4].tolist()
    ((360, 8, 8), [0, 1, 0, 1])
    """
    check_parameters({"n_class": integer(1, 10)}, {"n_class": n_class}, "load_digits")
    data, target = _arrays("digits")
    if n_class < 10:
        data, target = data[target < n_class], target[target < n_class]
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    return pack(
        "digits",
        data,
        target,
        names,
        return_X_y,
        as_frame,
        target_names=np.arange(10),
        images=data.reshape(-1, 8, 8),
    )


def load_diabetes(*, return_X_y: bool = False, as_frame: bool = False, scaled: bool = True) -> Any:
    """Return the diabetes data: 442 patients, 10 measurements, progression after a year.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Return pandas objects: ``data`` a DataFrame, ``target`` a Series, ``frame`` both.
    scaled : bool, default=True
        Centre each feature and scale it to a sum of squares of 1. False gives years, mmHg, ...

    Returns
    -------
    Bunch
        ``data`` (442, 10) float64, ``target`` (442,) float64 in 25..346, ``feature_names``,
        ``frame`` (None without `as_frame`), ``DESCR``.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> diabetes = load_diabetes()
    >>> diabetes.data.shape, diabetes.target[:3].tolist()
    ((442, 10), [151.0, 75.0, 141.0])
    >>> load_diabetes(scaled=False).data[0, :4].tolist()
    [59.0, 2.0, 32.1, 101.0]
    """
    check_parameters({"scaled": boolean()}, {"scaled": scaled}, "load_diabetes")
    data, target = _arrays("diabetes")
    if scaled:  # in this order of operations the last bits are scikit-learn's
        spread = data.std(axis=0)
        data -= data.mean(axis=0)
        data /= spread
        data /= len(data) ** 0.5
    names = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    return pack("diabetes", data, target.astype(np.float64), names, return_X_y, as_frame)


def _arrays(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return data as float64 and target as int64; the file holds both as narrow as they go."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return file["data"].astype(np.float64), file["target"].astype(np.int64)


def pack(
    name: str,
    data: Any,
    target: Any,
    feature_names: Any,
    return_X_y: bool,
    as_frame: bool,
    **extra: Any,
) -> Any:
    """Return what a loader returns: a Bunch with the description in ``<name>.txt``, or a pair."""
    flags = {"return_X_y": return_X_y, "as_frame": as_frame}
    check_parameters(dict.fromkeys(flags, boolean()), flags, f"load_{name}")
    frame = None
    if as_frame:
        frame = _to_frame(data, target, feature_names, f"load_{name}")
        data, target = frame[list(feature_names)], frame["target"]
    if return_X_y:
        return data, target
    description = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        feature_names=feature_names,
        **extra,
        DESCR=description,
    )


def _to_frame(data: np.ndarray, target: np.ndarray, feature_names: Any, caller: str) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f"{caller}(as_frame=True) needs pandas, which is not installed: pip install pandas"
        ) from error
    frame = pandas.DataFrame(data, columns=list(feature_names))
    frame["target"] = target
    return frame
