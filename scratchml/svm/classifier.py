"""What the classifiers share: a machine for each pair of classes, and their votes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from scratchml._core.estimator import atomic, check_is_fitted
from scratchml._core.mixins import ClassifierMixin
from scratchml._core.targets import check_classification_targets, class_weight_vector, encode_labels
from scratchml.svm.base import BaseSVM
from scratchml.svm.settings import positive_weights
from scratchml.svm.smo import Dual, Solution
from scratchml.svm.votes import by_class, ovr_scores, pairs, vote


class BaseSVC(ClassifierMixin, BaseSVM):
    """Base of SVC and NuSVC."""

    class_weight: Any
    decision_function_shape: str
    break_ties: bool
    classes_: np.ndarray

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the machines.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or (n_samples, n_samples)
            Samples, used as float64; with ``kernel="precomputed"`` the kernel matrix. A callable
            kernel takes whatever it can compare.
        y : array-like of shape (n_samples,)
            Labels: numbers, booleans or strings, of at least two classes.
        sample_weight : float or array-like of shape (n_samples,), optional
            Factors by which each sample's share in the loss is multiplied. Samples of weight zero
            or less take no part.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.

        Warns
        -----
        ConvergenceWarning
            If a machine needs more than `max_iter` iterations.
        """
        X, y = self._check_fit(X, y)
        codes = self._learn_classes(y)
        weight = positive_weights(sample_weight, len(codes)) * self._loss_weights(codes)
        index = np.argsort(codes, kind="stable")
        index = index[weight[index] > 0]
        self._check_weights(codes[index], weight[index])
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
            rows = self._training_rows(X).take(index)
            k = len(self.classes_)
            counts = np.bincount(codes[index], minlength=k)
            parts, duals = one_vs_one(counts, weight[index], self._dual)
            solutions = self._solve(rows, parts, duals)
            coef, intercept = assemble(counts, [self._coefficients(s) for s in solutions])
        # With two classes, positive decision values stand for the second.
        sign = -1.0 if k == 2 else 1.0
        self._learn(X, index, sign * coef + 0.0, sign * intercept + 0.0)
        self.n_support_ = np.bincount(codes[self.support_], minlength=k).astype(np.int32)
        self.n_iter_ = np.array([solution.n_iter for solution in solutions], dtype=np.int32)
        self._report(duals, solutions)
        return self

    def _learn_classes(self, y: np.ndarray) -> np.ndarray:
        """Return the code of each label; keep the classes and their weights."""
        check_classification_targets(y)
        self.classes_, codes = encode_labels(y)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes, got only one class: "
                f"{self.classes_.tolist()[0]!r}."
            )
        self.class_weight_ = class_weight_vector(self.class_weight, self.classes_, codes)
        return codes

    def decision_function(self, X: Any) -> np.ndarray:
        """Return how far samples are on which side of the classes' borders.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features or n_samples_fit)
            Samples; with ``kernel="precomputed"`` their kernel values with those of the fit.

        Returns
        -------
        ndarray of float64, shape (n_samples,), (n_samples, n_classes) or (n_samples, n_pairs)
            With two classes one value a sample, positive for ``classes_[1]``. With more, a score
            for each class or, with ``decision_function_shape="ovo"``, the value of the machine of
            each pair, positive for the first of the two.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        values = self._decide(X)
        if len(self.classes_) == 2:
            return values[:, 0]
        if self.decision_function_shape == "ovr":
            return ovr_scores(values, len(self.classes_))
        return values

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each sample.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features or n_samples_fit)
            Samples; with ``kernel="precomputed"`` their kernel values with those of the fit.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels: the class with most votes, the first of several, or with ``break_ties=True`` the
            class of the highest score.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit, or
            if ties shall be broken where there are no scores of classes.
        """
        if self.break_ties and self.decision_function_shape == "ovo":
            check_is_fitted(self)
            raise ValueError("break_ties must be False when decision_function_shape is 'ovo'.")
        values, k = self._decide(X), len(self.classes_)
        if k == 2:
            return self.classes_.take((values[:, 0] >= 0).astype(np.intp))
        codes = ovr_scores(values, k).argmax(axis=1) if self.break_ties else vote(values, k)
        return self.classes_.take(codes)

    # What the two formulations fill in.

    def _loss_weights(self, codes: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _check_weights(self, codes: np.ndarray, weight: np.ndarray) -> None:
        raise NotImplementedError

    def _dual(self, sign: np.ndarray, weight: np.ndarray) -> Dual:
        raise NotImplementedError

    def _coefficients(self, solution: Solution) -> tuple[np.ndarray, float]:
        raise NotImplementedError


def one_vs_one(
    counts: np.ndarray, weight: np.ndarray, dual_of: Callable[[np.ndarray, np.ndarray], Dual]
) -> tuple[list[np.ndarray], list[Dual]]:
    """Return the problem of each pair of classes, in the order of `votes`.

    Parameters
    ----------
    counts : ndarray of int, shape (k,)
        Samples of each class; they are sorted by class.
    weight : ndarray of shape (n,)
        Their weights.
    dual_of : callable
        From the signs and weights of a pair's samples to the dual problem.

    Returns
    -------
    parts : list of ndarray
        The places of each pair's samples.
    duals : list of Dual
    """
    where, places, parts, duals = by_class(counts), np.arange(len(weight)), [], []
    for i, j in zip(*(classes.tolist() for classes in pairs(len(counts))), strict=True):
        parts.append(np.concatenate([places[where[i]], places[where[j]]]))
        sign = np.repeat([1.0, -1.0], [counts[i], counts[j]])
        duals.append(dual_of(sign, weight[parts[-1]]))
    return parts, duals


def assemble(
    counts: np.ndarray, machines: Sequence[tuple[np.ndarray, float]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients (k - 1, n), stored as `votes` says, and the intercepts."""
    coef = np.zeros((len(counts) - 1, counts.sum()))
    where = by_class(counts)
    for i, j, (b, _) in zip(*pairs(len(counts)), machines, strict=True):
        coef[j - 1, where[i]] = b[: counts[i]]
        coef[i, where[j]] = b[counts[i] :]
    return coef, np.array([intercept for _, intercept in machines])
