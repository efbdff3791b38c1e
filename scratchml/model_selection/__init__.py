"""Model selection: splitting data and scoring models on the part they have not seen.

Symbols, the same in every file of this package:

=========  ==================================================================================
n          number of samples
k          number of folds (``n_splits``)
K, n_c     number of classes, samples of class c
train      indices of the samples that a model is fitted on
test       indices of those it is scored on; never in `train`
=========  ==================================================================================

For the same ``random_state`` (int or RandomState) every split is scikit-learn's, index by index.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.model_selection.folds import GroupKFold as GroupKFold
    from scratchml.model_selection.folds import KFold as KFold
    from scratchml.model_selection.folds import LeaveOneOut as LeaveOneOut
    from scratchml.model_selection.folds import StratifiedKFold as StratifiedKFold
    from scratchml.model_selection.prediction import cross_val_predict as cross_val_predict
    from scratchml.model_selection.repeated import RepeatedKFold as RepeatedKFold
    from scratchml.model_selection.repeated import (
        RepeatedStratifiedKFold as RepeatedStratifiedKFold,
    )
    from scratchml.model_selection.shuffle import ShuffleSplit as ShuffleSplit
    from scratchml.model_selection.shuffle import StratifiedShuffleSplit as StratifiedShuffleSplit
    from scratchml.model_selection.shuffle import train_test_split as train_test_split
    from scratchml.model_selection.splitters import check_cv as check_cv
    from scratchml.model_selection.validation import cross_val_score as cross_val_score
    from scratchml.model_selection.validation import cross_validate as cross_validate

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "GroupKFold": "folds",
        "KFold": "folds",
        "LeaveOneOut": "folds",
        "RepeatedKFold": "repeated",
        "RepeatedStratifiedKFold": "repeated",
        "ShuffleSplit": "shuffle",
        "StratifiedKFold": "folds",
        "StratifiedShuffleSplit": "shuffle",
        "check_cv": "splitters",
        "cross_val_predict": "prediction",
        "cross_val_score": "validation",
        "cross_validate": "validation",
        "train_test_split": "shuffle",
    },
)
