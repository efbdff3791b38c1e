"""Transformed rows as pandas or polars frames, for ``set_output``; neither is imported unasked."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np


def output_frame(transformer: Any, X: Any, result: Any) -> Any:
    """Return `result` as the container that the transformer's ``set_output`` names.

    Parameters
    ----------
    transformer : estimator
        Its ``_sklearn_output_config`` decides, else scikit-learn's global setting where loaded.
    X : array-like
        The transformer's input; a pandas frame lends its index.
    result : ndarray of shape (n_samples, n_features_out)
        The transformed rows.
    """
    kind = _wanted(transformer)
    if kind == "default" or not isinstance(result, np.ndarray) or result.ndim != 2:
        return result
    try:
        library = import_module(kind)
    except ImportError as error:
        raise ImportError(
            f"set_output(transform={kind!r}) needs {kind}, which is not installed; "
            f"install it with: pip install {kind}"
        ) from error
    columns = [str(name) for name in transformer.get_feature_names_out()]
    if kind == "polars":
        return library.DataFrame(result, schema=columns, orient="row")
    index = X.index if isinstance(X, library.DataFrame) and len(X) == len(result) else None
    return library.DataFrame(result, columns=columns, index=index, copy=False)


def _wanted(transformer: Any) -> str:
    own = getattr(transformer, "_sklearn_output_config", {}).get("transform")
    if own is not None:
        return own
    sklearn = sys.modules.get("sklearn")
    return "default" if sklearn is None else sklearn.get_config()["transform_output"]
