"""Metrics: how good predictions are, for classes, probabilities, rankings and numbers.

Symbols, the same in every file of this package:

=========  ==================  ===============================================================
y_true     (n,), (n, K)        what is the case: labels, 0/1 indicators, or numbers
y_pred     (n,), (n, K)        what was predicted
y_score    (n,), (n, K)        how sure of the positive class, on any scale
y_proba    (n,), (n, K)        probabilities
w          (n,)                sample weights
tp fp      (K,)                true and false positives of each label
tn fn      (K,)                true and false negatives
n K        int                 samples, labels (or outputs)
=========  ==================  ===============================================================

Every function here is its definition written over whole arrays; nothing is compiled.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.metrics.classification import accuracy_score as accuracy_score
    from scratchml.metrics.classification import balanced_accuracy_score as balanced_accuracy_score
    from scratchml.metrics.classification import confusion_matrix as confusion_matrix
    from scratchml.metrics.classification import (
        multilabel_confusion_matrix as multilabel_confusion_matrix,
    )
    from scratchml.metrics.precision_recall import f1_score as f1_score
    from scratchml.metrics.precision_recall import fbeta_score as fbeta_score
    from scratchml.metrics.precision_recall import (
        precision_recall_fscore_support as precision_recall_fscore_support,
    )
    from scratchml.metrics.precision_recall import precision_score as precision_score
    from scratchml.metrics.precision_recall import recall_score as recall_score
    from scratchml.metrics.probability import brier_score_loss as brier_score_loss
    from scratchml.metrics.probability import log_loss as log_loss
    from scratchml.metrics.ranking import auc as auc
    from scratchml.metrics.ranking import average_precision_score as average_precision_score
    from scratchml.metrics.ranking import precision_recall_curve as precision_recall_curve
    from scratchml.metrics.ranking import roc_curve as roc_curve
    from scratchml.metrics.regression import explained_variance_score as explained_variance_score
    from scratchml.metrics.regression import max_error as max_error
    from scratchml.metrics.regression import mean_absolute_error as mean_absolute_error
    from scratchml.metrics.regression import (
        mean_absolute_percentage_error as mean_absolute_percentage_error,
    )
    from scratchml.metrics.regression import mean_squared_error as mean_squared_error
    from scratchml.metrics.regression import median_absolute_error as median_absolute_error
    from scratchml.metrics.regression import r2_score as r2_score
    from scratchml.metrics.regression import root_mean_squared_error as root_mean_squared_error
    from scratchml.metrics.report import classification_report as classification_report
    from scratchml.metrics.roc_auc import roc_auc_score as roc_auc_score
    from scratchml.metrics.scorer import check_scoring as check_scoring
    from scratchml.metrics.scorer import get_scorer as get_scorer
    from scratchml.metrics.scorer import get_scorer_names as get_scorer_names
    from scratchml.metrics.scorer import make_scorer as make_scorer

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "accuracy_score": "classification",
        "auc": "ranking",
        "average_precision_score": "ranking",
        "balanced_accuracy_score": "classification",
        "brier_score_loss": "probability",
        "check_scoring": "scorer",
        "classification_report": "report",
        "confusion_matrix": "classification",
        "explained_variance_score": "regression",
        "f1_score": "precision_recall",
        "fbeta_score": "precision_recall",
        "get_scorer": "scorer",
        "get_scorer_names": "scorer",
        "log_loss": "probability",
        "make_scorer": "scorer",
        "max_error": "regression",
        "mean_absolute_error": "regression",
        "mean_absolute_percentage_error": "regression",
        "mean_squared_error": "regression",
        "median_absolute_error": "regression",
        "multilabel_confusion_matrix": "classification",
        "precision_recall_curve": "ranking",
        "precision_recall_fscore_support": "precision_recall",
        "precision_score": "precision_recall",
        "r2_score": "regression",
        "recall_score": "precision_recall",
        "roc_auc_score": "roc_auc",
        "roc_curve": "ranking",
        "root_mean_squared_error": "regression",
    },
)
