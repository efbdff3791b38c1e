"""OneHotEncoder: a column of 0 and 1 for each category of each feature.

Three steps, a file each: values become positions in the list of categories (``categories``), the
options group and drop some of these (``one_hot_options``), and what remains becomes columns
(``indicators``).  Each value costs one look-up and one store.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic, check_is_fitted
from scratchml._core.mixins import TransformerMixin
from scratchml._core.rules import Rule, array_like, callable_, integer, none, option, real
from scratchml._core.validation import check_array
from scratchml.preprocessing.categories import positions
from scratchml.preprocessing.columns import input_names
from scratchml.preprocessing.feature_columns import feature_columns
from scratchml.preprocessing.indicators import column_table, indicators, labels_of
from scratchml.preprocessing.one_hot_options import (
    dropped_groups,
    found_categories,
    given_categories,
    group_categories,
)

INFREQUENT = "infrequent_sklearn"  # the name that users of scikit-learn select columns by


def _is_numeric_dtype(value: Any) -> bool:
    try:
        return np.dtype(value).kind in "biufcO" and value is not None
    except TypeError:
        return False


class OneHotEncoder(TransformerMixin, Estimator):
    """Encode categories as columns of 0 and 1.

    The output is a dense array: ``sparse_output`` is False here, and True an error.

    Parameters
    ----------
    categories : "auto" or list of array-like, default="auto"
        The sorted values found in each feature, or the categories of each feature in the order
        wanted (numbers must be sorted, NaN last).
    drop : {"first", "if_binary"}, array-like of shape (n_features,) or None, default=None
        Leave out one column of each feature (of features with two categories only; of this
        category).
    sparse_output : bool, default=False
        Must be False.
    dtype : dtype, default=numpy.float64
        Of the output.
    handle_unknown : {"error", "ignore", "infrequent_if_exist", "warn"}, default="error"
        What `transform` does with values not seen in `fit`: raise; all zeros; the infrequent
        column if there is one, else zeros; the same with a warning.
    min_frequency : int or float, optional
        Categories that occur less often (float: in a smaller share of the rows) are infrequent
        and share one column.
    max_categories : int, optional
        At most so many columns a feature, before `drop`; the rarest become infrequent.
    feature_name_combiner : "concat" or callable, default="concat"
        Names output columns: feature + "_" + str(category), or ``combiner(feature, category)``.

    Attributes
    ----------
    categories_ : list of ndarray
        Categories of each feature.
    drop_idx_ : ndarray of object, shape (n_features,), or None
        Position in `categories_` of the dropped one; None where none is, and where `drop` is None.
    infrequent_categories_ : list of ndarray or None
        Infrequent categories of each feature; only with `min_frequency` or `max_categories`.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Their names, if they all have string names.

    Examples
    --------
    >>> from scratchml.preprocessing import OneHotEncoder
    >>> encoder = OneHotEncoder(handle_unknown="ignore").fit([["a", 1], ["b", 3], ["b", 2]])
    >>> print(encoder.transform([["b", 1], ["c", 3]]))
    [[0. 1. 1. 0. 0.]
     [0. 0. 0. 0. 1.]]
    >>> print(encoder.get_feature_names_out())
    ['x0_a' 'x0_b' 'x1_1' 'x1_2' 'x1_3']
    """

    _rules: ClassVar = {
        "categories": option("auto")
        | Rule("a list of array-likes", lambda v: isinstance(v, list | tuple | np.ndarray)),
        "drop": option("first", "if_binary") | array_like() | none(),
        "sparse_output": Rule(
            "False: scratchml returns dense arrays", lambda v: isinstance(v, bool) and not v
        ),
        "dtype": Rule("a dtype of numbers or booleans", _is_numeric_dtype),
        "handle_unknown": option("error", "ignore", "infrequent_if_exist", "warn"),
        "min_frequency": integer(1) | real(0.0, 1.0, closed="neither") | none(),
        "max_categories": integer(1) | none(),
        "feature_name_combiner": option("concat") | callable_(),
    }
    _tags: ClassVar = {
        "input_tags.categorical": True,
        "input_tags.string": True,
        "input_tags.allow_nan": True,
        "transformer_tags.preserves_dtype": [],
    }

    def __init__(
        self,
        *,
        categories: Any = "auto",
        drop: Any = None,
        sparse_output: bool = False,
        dtype: Any = np.float64,
        handle_unknown: str = "error",
        min_frequency: int | float | None = None,
        max_categories: int | None = None,
        feature_name_combiner: Any = "concat",
    ):
        self.categories = categories
        self.drop = drop
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.handle_unknown = handle_unknown
        self.min_frequency = min_frequency
        self.max_categories = max_categories
        self.feature_name_combiner = feature_name_combiner

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the categories.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features: each all numbers or all strings, with NaN and None allowed.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        self._learn(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Learn the categories and return the encoded rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : None
            Ignored.
        **fit_params : object
            None are known.

        Returns
        -------
        ndarray of shape (n_samples, n_encoded_features)
        """
        if fit_params:
            raise TypeError(f"OneHotEncoder.fit takes no parameters {sorted(fit_params)}.")
        return self._encode(self._learn(X))

    def transform(self, X: Any) -> np.ndarray:
        """Return the rows encoded.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_encoded_features)

        Raises
        ------
        ValueError
            If there are unknown categories and `handle_unknown` is "error".
        """
        check_is_fitted(self)
        self._compare_feature_names(X)
        columns = feature_columns(X, self)
        if len(columns) != self.n_features_in_:
            raise ValueError(
                f"X has {len(columns)} features, but OneHotEncoder is expecting "
                f"{self.n_features_in_} features as input."
            )
        return self._encode(columns)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return the categories of encoded rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_encoded_features)
            Encoded rows; in each feature the largest value decides.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Rows of zeros give the dropped category, or None if none was dropped.

        Raises
        ------
        ValueError
            If a feature's columns are all 0, none was dropped, and `handle_unknown` is "error".
        """
        check_is_fitted(self)
        X = check_array(X, estimator=self)
        ends = np.cumsum(self._widths())
        if X.shape[1] != ends[-1]:
            raise ValueError(
                f"Shape of the passed X data is not correct. Expected {ends[-1]} columns, "
                f"got {X.shape[1]}."
            )
        blocks = np.split(X, ends[:-1], axis=1)
        decoded = [self._decode(j, block) for j, block in enumerate(blocks)]
        out = np.empty((len(X), len(decoded)), dtype=np.result_type(*decoded))
        for j, column in enumerate(decoded):
            out[:, j] = column
        return out

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the output columns.

        Parameters
        ----------
        input_features : array-like of str, shape (n_features_in_,), optional
            Names to use where none were seen in ``fit``.

        Returns
        -------
        ndarray of object, shape (n_encoded_features,)
        """
        features = input_names(self, input_features)
        combine = self.feature_name_combiner
        if combine == "concat":
            combine = _concatenate
        names = []
        for j, feature in enumerate(features):
            labels = self._labels(j).tolist()
            names += [combine(feature, v) for g, v in enumerate(labels) if g != self._dropped(j)]
        for name in names:
            if not isinstance(name, str):
                raise TypeError(
                    "When `feature_name_combiner` is a callable, it should return a Python string. "
                    f"Got {type(name)}."
                )
        return np.array(names, dtype=object)

    @atomic
    def _learn(self, X: Any) -> list[np.ndarray]:
        """Set what is learned from `X` and return its columns."""
        self._record_features(X)
        columns = feature_columns(X, self)
        self.n_features_in_ = len(columns)
        cats = self.categories_ = self._find_categories(columns)
        limits = self.min_frequency, self.max_categories
        grouped = [group_categories(v, c, *limits) for v, c in zip(columns, cats, strict=True)]
        groups, rare = map(list, zip(*grouped, strict=True))
        dropped = dropped_groups(self.drop, cats, groups, rare)
        self._groups_, self._rare_, self._dropped_ = groups, rare, dropped
        self.drop_idx_ = None
        if dropped is not None:
            first = [
                None if d is None else int(np.argmax(g == d))
                for g, d in zip(groups, dropped, strict=True)
            ]
            self.drop_idx_ = np.array(first, dtype=object)
        if limits != (None, None):
            self.infrequent_categories_ = [
                None if r is None else c[r] for c, r in zip(cats, rare, strict=True)
            ]
        return columns

    def _find_categories(self, columns: list[np.ndarray]) -> list[np.ndarray]:
        if isinstance(self.categories, str):
            return [found_categories(column, j) for j, column in enumerate(columns)]
        if len(self.categories) != len(columns):
            raise ValueError(
                "Shape mismatch: if categories is an array, it has to be of shape (n_features,). "
                f"Got {len(self.categories)} for {len(columns)} features."
            )
        found = []
        for j, column in enumerate(columns):
            found.append(given_categories(self.categories[j], column, j))
            unknown = column[positions(column, found[j]) < 0]
            if self.handle_unknown == "error" and len(unknown):
                raise ValueError(_unknown_message(unknown, j, "fit"))
        return found

    def _encode(self, columns: list[np.ndarray]) -> np.ndarray:
        codes = [positions(v, c) for v, c in zip(columns, self.categories_, strict=True)]
        surprised = [j for j, code in enumerate(codes) if (code < 0).any()]
        if surprised and self.handle_unknown == "error":
            j = surprised[0]
            raise ValueError(_unknown_message(columns[j][codes[j] < 0], j, "transform"))
        to_zeros = self.handle_unknown == "ignore"
        if surprised and (self._dropped_ is not None or self.handle_unknown == "warn"):
            where = "all zeros" if to_zeros else "the infrequent category"
            warnings.warn(
                f"Found unknown categories in columns {surprised} during transform. These unknown "
                f"categories will be encoded as {where}.",
                UserWarning,
                stacklevel=4,
            )
        tables = []
        for j, groups in enumerate(self._groups_):
            unknown = None if to_zeros or self._rare_[j] is None else int(groups.max())
            tables.append(column_table(groups, self._dropped(j), unknown))
        return indicators(codes, tables, self._widths(), self.dtype)

    def _decode(self, j: int, block: np.ndarray) -> np.ndarray:
        """Return the categories of the rows of feature j's columns."""
        found, empty = labels_of(block, self._labels(j), self._dropped(j))
        if not empty.any():
            return found
        if self.handle_unknown == "error":
            raise ValueError(
                f"Samples {np.flatnonzero(empty)} can not be inverted when drop=None and "
                "handle_unknown='error' because they contain all zeros"
            )
        found = found.astype(object)
        found[empty] = None
        return found

    def _labels(self, j: int) -> np.ndarray:
        """Return the category of each group of feature `j`, the infrequent group under its name."""
        categories, rare = self.categories_[j], self._rare_[j]
        if rare is None:
            return categories
        return np.append(np.delete(categories, rare).astype(object), INFREQUENT)

    def _dropped(self, j: int) -> int | None:
        return None if self._dropped_ is None else self._dropped_[j]

    def _widths(self) -> list[int]:
        """Return the number of output columns of each feature."""
        groups = enumerate(self._groups_)
        return [int(g.max()) + (1 if self._dropped(j) is None else 0) for j, g in groups]


def _concatenate(feature: str, category: Any) -> str:
    return f"{feature}_{category}"


def _unknown_message(values: np.ndarray, j: int, when: str) -> str:
    unknown = list(dict.fromkeys(values.tolist()))
    with contextlib.suppress(TypeError):
        unknown.sort()
    return f"Found unknown categories {unknown} in column {j} during {when}"
