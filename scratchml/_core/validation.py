"""Input checks at the border: what the user passes becomes a plain, finite ndarray, or CSR.

Every message names the argument, the rule and the value received.  The common case, a finite
float64 or float32 matrix, costs one pass at memory speed and no copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Number
from typing import Any, Literal, overload

import numpy as np

from scratchml._core.conversion import as_ndarray, is_sparse, reject_sparse
from scratchml._core.csr import CSR, csr_of_scipy
from scratchml._core.exceptions import DataConversionWarning, warn
from scratchml._core.finite import all_finite, has_nan_object

FLOATS = (np.float64, np.float32)


@overload
def check_array(X: Any, *, accept_sparse: Literal[False] = False, **options: Any) -> np.ndarray: ...
@overload
def check_array(X: Any, *, accept_sparse: bool, **options: Any) -> np.ndarray | CSR: ...
def check_array(  # type: ignore[misc]
    X: Any,
    *,
    name: str = "X",
    dtype: Any = FLOATS,
    order: str | None = None,
    copy: bool = False,
    ndim: int | Sequence[int] = 2,
    allow_nan: bool = False,
    finite: bool = True,
    min_samples: int = 1,
    min_features: int = 1,
    estimator: Any = None,
    accept_sparse: bool = False,
) -> np.ndarray | CSR:
    """Return `X` as an ndarray that meets the given rules, or as CSR if it is sparse.

    Parameters
    ----------
    X : array-like
        Array, list, or pandas or polars frame.
    name : str
        The argument's name, for messages.
    dtype : dtype, tuple of dtypes or None
        The result's dtype. With a tuple, a dtype listed there is kept and any other becomes its
        first. None keeps any dtype.
    order : {"C", "F"} or None
        Memory order to enforce; None keeps what there is.
    copy : bool
        Return a new array even where none is needed.
    ndim : int or sequence of int
        Number of dimensions allowed.
    allow_nan : bool
        Let NaN pass, but not infinity.
    finite : bool
        False: do not look at the values; whoever gets the array next will.
    min_samples, min_features : int
        Smallest first and second dimension.
    estimator : object or str, optional
        Who asks, for messages.
    accept_sparse : bool
        Take SciPy's sparse matrices too.

    Returns
    -------
    ndarray or CSR
        `X` itself where it meets the rules already; CSR if `X` is sparse.

    Raises
    ------
    ValueError
        If the shape, size or values break a rule.
    TypeError
        If `X` is sparse or holds what is no number.
    """
    who = _name_of(estimator)
    sparse = accept_sparse and is_sparse(X)
    if not sparse:
        reject_sparse(X, name, who)
    array: Any = X if sparse else as_ndarray(X, dtype, name)
    _check_shape(array, (ndim,) if isinstance(ndim, int) else tuple(ndim), name, who)
    if array.shape[0] < min_samples:
        raise ValueError(
            f"Found array with {array.shape[0]} sample(s) (shape={array.shape}) while a minimum of "
            f"{min_samples} is required{_by(who)} in {name}."
        )
    if array.ndim == 2 and array.shape[1] < min_features:
        raise ValueError(
            f"Found array with {array.shape[1]} feature(s) (shape={array.shape}) while a minimum "
            f"of {min_features} is required{_by(who)} in {name}."
        )
    if sparse:
        array = csr_of_scipy(X, dtype, name)
    if finite:
        values = array.data if sparse else array
        check_finite(values, name=name, allow_nan=allow_nan, estimator=estimator)
    return array if sparse else _in_memory(array, X, order, copy)


def check_X_y(
    X: Any,
    y: Any,
    *,
    multi_output: bool = False,
    y_numeric: bool = False,
    estimator: Any = None,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Check `X` as `check_array` does and `y` as its target, of the same length.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Samples.
    y : array-like of shape (n_samples,) or, with `multi_output`, (n_samples, n_targets)
        Targets.
    multi_output : bool
        Allow a two-dimensional `y`.
    y_numeric : bool
        Convert `y` to X's dtype.
    estimator : object or str, optional
        Who asks, for messages.
    **options
        Passed to `check_array` for `X`.

    Returns
    -------
    X, y : ndarray
        The checked arrays.
    """
    if y is None:
        raise ValueError(
            f"This {_name_of(estimator) or 'estimator'} estimator requires y to be passed, but the "
            "target y is None."
        )
    X = check_array(X, estimator=estimator, **options)
    if multi_output:
        y = check_array(
            y,
            name="y",
            dtype=X.dtype if y_numeric else None,
            ndim=(1, 2),
            min_samples=0,
            min_features=0,
            estimator=estimator,
        )
    else:
        y = column_or_1d(y, warn_column=True)
        if y_numeric:
            y = as_ndarray(y, X.dtype if X.dtype.kind == "f" else FLOATS, "y")
        check_finite(y, name="y", estimator=estimator)
    check_consistent_length(X=X, y=y)
    return X, y


def column_or_1d(y: Any, *, name: str = "y", warn_column: bool = False) -> np.ndarray:
    """Return `y` as a one-dimensional array, taking a single column for one.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, 1)
        The values.
    name : str
        The argument's name, for messages.
    warn_column : bool
        Warn when a column is raveled.
    """
    reject_sparse(y, name, "")
    array = as_ndarray(y, None, name)
    if array.ndim == 2 and array.shape[1] == 1:
        if warn_column:
            warn(
                f"A column-vector {name} was passed when a 1d array was expected. Please change "
                f"the shape of {name} to (n_samples, ), for example using ravel().",
                DataConversionWarning,
                stacklevel=4,
            )
        return array.reshape(-1)
    if array.ndim != 1:
        raise ValueError(
            f"{name} should be a 1d array, got an array of shape {array.shape} instead."
        )
    return array


def check_consistent_length(**arrays: Any) -> None:
    """Raise ValueError unless all named `arrays` that are not None have the same length.

    Parameters
    ----------
    **arrays : array-like
        The arrays under their argument names.
    """
    lengths = {name: n_samples(a) for name, a in arrays.items() if a is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "Found input variables with inconsistent numbers of samples: "
            f"{list(lengths.values())} for {', '.join(lengths)}."
        )


def check_sample_weight(
    sample_weight: Any, n: int, dtype: Any = np.float64, *, name: str = "sample_weight"
) -> np.ndarray | None:
    """Return the weights as an array of shape (n,), or None where every row counts the same.

    Parameters
    ----------
    sample_weight : None, number or array-like of shape (n,)
        Weights; a number stands for itself repeated.
    n : int
        Number of rows.
    dtype : dtype
        Of the result.
    name : str
        The argument's name, for messages.

    Raises
    ------
    ValueError
        If a weight is negative, NaN or infinite, all are zero, or the shape is not (n,).
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Number):
        sample_weight = np.full(n, sample_weight)
    weight = check_array(sample_weight, name=name, dtype=dtype, ndim=(1, 2), min_samples=0)
    if weight.ndim != 1:
        raise ValueError(f"Sample weights must be 1D array or scalar, got {weight.ndim}D array.")
    if weight.shape != (n,):
        raise ValueError(f"{name}.shape == {weight.shape}, expected {(n,)}!")
    if weight.size and weight.min() < 0:
        raise ValueError(f"Negative values in data passed to `{name}`: {weight.min()!r}.")
    if not weight.any():
        raise ValueError(f"{name} must hold at least one positive weight; all weights are zero.")
    return weight


def check_random_state(seed: Any) -> np.random.RandomState | np.random.Generator:
    """Return the generator that `seed` stands for.

    Parameters
    ----------
    seed : None, int, RandomState or Generator
        None draws from the system's entropy; NumPy's global generator is never touched.
    """
    if seed is None:
        return np.random.RandomState()
    if isinstance(seed, Integral):
        return np.random.RandomState(int(seed))
    if isinstance(seed, np.random.RandomState | np.random.Generator):
        return seed
    raise ValueError(
        f"random_state must be None, an int, a RandomState or a Generator, got {seed!r}."
    )


def check_finite(
    array: np.ndarray, *, name: str = "X", allow_nan: bool = False, estimator: Any = None
) -> None:
    """Raise ValueError if `array` holds infinity or, unless allowed, NaN.

    Parameters
    ----------
    array : ndarray
        Any dtype; only floats and objects can break the rule.
    name : str
        The argument's name, for messages.
    allow_nan : bool
        Let NaN pass.
    estimator : object or str, optional
        Who asks, for messages.
    """
    if array.dtype.kind == "O":
        if not allow_nan and has_nan_object(array):
            raise ValueError(f"Input {name} contains NaN.")
        return
    if array.dtype.kind != "f" or all_finite(array):
        return
    if not np.isinf(array).any():
        if allow_nan or not np.isnan(array).any():
            return
        raise ValueError(_nan_message(name, _name_of(estimator)))
    raise ValueError(f"Input {name} contains infinity or a value too large for {array.dtype!r}.")


def feature_names(X: Any) -> np.ndarray | None:
    """Return the column names of a frame whose columns are all named by strings, else None.

    Parameters
    ----------
    X : object
        Anything; only pandas and polars frames have names.

    Raises
    ------
    TypeError
        If only some of the names are strings.
    """
    columns = getattr(X, "columns", None)
    if columns is None or not hasattr(X, "shape") or isinstance(X, np.ndarray):
        return None
    names = np.asarray(list(columns), dtype=object)
    kinds = sorted({type(c).__name__ for c in names})
    if not kinds or all(not isinstance(c, str) for c in names):
        return None
    if not all(isinstance(c, str) for c in names):
        raise TypeError(
            "Feature names are only supported if all input features have string names, but your "
            f"input has {kinds} as feature name / column name types. If you want feature names to "
            "be stored and validated, you must convert them all to strings, by using "
            "X.columns = X.columns.astype(str) for example. Otherwise you can remove feature / "
            "column names from your input data, or convert them all to a non-string data type."
        )
    return names


def n_samples(X: Any) -> int:
    """Return the number of rows of an array-like, with a clear error where it has none."""
    shape = getattr(X, "shape", None)
    if shape is not None:
        if len(shape) == 0:
            raise TypeError(
                f"Input should have at least 1 dimension i.e. satisfy len(x.shape) > 0, "
                f"got scalar `{X!r}` instead."
            )
        if isinstance(shape[0], Integral):
            return int(shape[0])
    if not hasattr(X, "__len__"):
        raise TypeError(f"Expected sequence or array-like, got {type(X)}")
    return len(X)


def _in_memory(array: np.ndarray, X: Any, order: Any, copy: bool) -> np.ndarray:
    """Return `array`, made of `X`, aligned and in memory order, and a copy if that is asked for."""
    if not array.flags.aligned:  # compiled code reads no misaligned numbers
        array = array.copy()
    array = np.asarray(array, order=order)
    if copy and np.may_share_memory(array, X if isinstance(X, np.ndarray) else array):
        array = np.array(array, order=order or "K")
    return array


def _check_shape(array: np.ndarray, allowed: tuple[int, ...], name: str, who: str) -> None:
    if array.ndim in allowed:
        return
    if allowed == (2,) and array.ndim == 0:
        raise ValueError(
            f"Expected 2D array, got scalar array instead:\narray={array} in {name}.\nReshape your "
            "data either using array.reshape(-1, 1) if your data has a single feature or "
            "array.reshape(1, -1) if it contains a single sample."
        )
    if allowed == (2,) and array.ndim == 1:
        raise ValueError(
            f"Expected 2D array, got 1D array instead:\narray={array} in {name}.\nReshape your "
            "data either using array.reshape(-1, 1) if your data has a single feature or "
            "array.reshape(1, -1) if it contains a single sample."
        )
    limit = f"<= {max(allowed)}" if array.ndim > max(allowed) else f">= {min(allowed)}"
    raise ValueError(
        f"Found array with dim {array.ndim}, while dim {limit} is required{_by(who)} in {name}; "
        f"its shape is {array.shape}."
    )


def _nan_message(name: str, who: str) -> str:
    message = f"Input {name} contains NaN."
    if name == "X" and who:
        message += (
            f"\n{who} does not accept missing values encoded as NaN natively. Drop those samples, "
            "or fill them in first, for instance with the mean of the column."
        )
    return message


def _name_of(estimator: Any) -> str:
    if estimator is None or isinstance(estimator, str):
        return estimator or ""
    return type(estimator).__name__


def _by(who: str) -> str:
    return f" by {who}" if who else ""
