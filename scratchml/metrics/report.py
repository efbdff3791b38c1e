"""The classification report: precision, recall, F1 and support of every class, and their averages.

A table of `precision_recall_fscore_support`, one row a label, then one row for each average. Where
every label takes part and each sample has one, micro-averaged precision, recall and F1 are all the
accuracy, so that row is called by this name.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from scratchml._core.rules import boolean, check_parameters, integer
from scratchml.metrics._targets import check_targets, encode_pair
from scratchml.metrics.precision_recall import _RULES, scores_of_targets

_HEADERS = ("precision", "recall", "f1-score", "support")


def classification_report(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    target_names: Any = None,
    sample_weight: Any = None,
    digits: int = 2,
    output_dict: bool = False,
    zero_division: Any = "warn",
) -> Any:
    """Return a table of the main scores of each class, as text or as a dict.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    labels : array-like of shape (K,), optional
        Labels to report and their order.
    target_names : array-like of shape (K,), optional
        Names to print for the labels.
    sample_weight : array-like of shape (n,), optional
        Weights.
    digits : int
        Decimals printed.
    output_dict : bool
        Return a dict instead of text.
    zero_division : {"warn", 0, 1, nan}
        Value of 0/0, as in `precision_score`.

    Returns
    -------
    str or dict
        The report; the dict maps each row's name to a dict of its four numbers, and "accuracy",
        where it is there, to one.

    Raises
    ------
    ValueError
        If `target_names` and the labels found differ in number.

    Examples
    --------
    >>> from scratchml.metrics import classification_report
    >>> print(classification_report([0, 1, 1, 0], [0, 1, 0, 0], target_names=["no", "yes"]))
                  precision    recall  f1-score   support
    <BLANKLINE>
              no       0.67      1.00      0.80         2
             yes       1.00      0.50      0.67         2
    <BLANKLINE>
        accuracy                           0.75         4
       macro avg       0.83      0.75      0.73         4
    weighted avg       0.83      0.75      0.73         4
    <BLANKLINE>
    """
    rules = {
        "digits": integer(0),
        "output_dict": boolean(),
        "zero_division": _RULES["zero_division"],
    }
    given = {"digits": digits, "output_dict": output_dict, "zero_division": zero_division}
    check_parameters(rules, given, "classification_report")
    targets = check_targets(y_true, y_pred, sample_weight)
    if targets.multilabel:
        present = np.arange(targets.y_true.shape[1])
    else:
        present = encode_pair(targets.y_true, targets.y_pred)[0]
    shown = present if labels is None else np.asarray(labels)
    names = _row_names(shown, target_names, labels is not None)
    every_label = set(shown.tolist()) >= set(present.tolist())

    scores = scores_of_targets(targets, labels=shown, zero_division=zero_division)
    rows = list(zip(names, *scores, strict=False))
    averages = []
    for average in ("micro", "macro", "weighted") + ("samples",) * targets.multilabel:
        p, r, f, _ = scores_of_targets(
            targets, labels=shown, average=average, zero_division=zero_division
        )
        single = average == "micro" and every_label and not targets.multilabel
        averages.append(("accuracy" if single else f"{average} avg", p, r, f, np.sum(scores[3])))
    return _as_dict(rows, averages) if output_dict else _as_text(rows, averages, digits)


def _row_names(shown: np.ndarray, target_names: Any, labels_given: bool) -> list[str]:
    if target_names is None:
        return (
            [str(label) for label in shown.tolist()]
            if shown.dtype.kind == "U"
            else [f"{label}" for label in shown]
        )
    names = list(target_names)
    if len(names) != len(shown):
        if not labels_given:
            raise ValueError(
                f"Number of classes, {len(shown)}, does not match size of target_names, "
                f"{len(names)}. Try specifying the labels parameter"
            )
        warnings.warn(
            f"labels size, {len(shown)}, does not match size of target_names, {len(names)}",
            UserWarning,
            stacklevel=3,
        )
    return names


def _as_dict(rows: list[tuple], averages: list[tuple]) -> dict[str, Any]:
    report: dict[str, Any] = {
        name: dict(zip(_HEADERS, map(float, numbers), strict=True))
        for name, *numbers in rows + averages
    }
    if "accuracy" in report and averages[0][0] == "accuracy":
        report["accuracy"] = report["accuracy"]["precision"]
    return report


def _as_text(rows: list[tuple], averages: list[tuple], digits: int) -> str:
    width = max(max((len(str(name)) for name, *_ in rows), default=0), len("weighted avg"), digits)

    def line(name: str, *cells: str) -> str:
        return f"{name:>{width}s} " + "".join(f" {cell:>9}" for cell in cells) + "\n"

    def numbers(row: tuple) -> str:
        name, p, r, f, support = row
        if name == "accuracy" and row is averages[0]:
            return line(name, "", "", f"{f:.{digits}f}", f"{support}")
        return line(name, *(f"{score:.{digits}f}" for score in (p, r, f)), f"{support}")

    head = line("", *_HEADERS).rstrip("\n")
    return f"{head}\n\n" + "".join(map(numbers, rows)) + "\n" + "".join(map(numbers, averages))
