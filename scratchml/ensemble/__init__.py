"""Ensembles: many models that vote, among them forests of trees."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.ensemble.bagging_classifier import BaggingClassifier as BaggingClassifier
    from scratchml.ensemble.bagging_regressor import BaggingRegressor as BaggingRegressor
    from scratchml.ensemble.extra_trees import ExtraTreesClassifier as ExtraTreesClassifier
    from scratchml.ensemble.extra_trees import ExtraTreesRegressor as ExtraTreesRegressor
    from scratchml.ensemble.random_forest import RandomForestClassifier as RandomForestClassifier
    from scratchml.ensemble.random_forest import RandomForestRegressor as RandomForestRegressor

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "BaggingClassifier": "bagging_classifier",
        "BaggingRegressor": "bagging_regressor",
        "ExtraTreesClassifier": "extra_trees",
        "ExtraTreesRegressor": "extra_trees",
        "RandomForestClassifier": "random_forest",
        "RandomForestRegressor": "random_forest",
    },
)
