"""Decision trees (CART): for classification and regression, exact, with missing values.

The files with the algorithms (``cart``, ``grow``, ``predict``, ``pruning``) are functions over
arrays and can be read alone, after ``nodes``, which has the rules; ``cart`` states the method. The
estimators check input and call them.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.tree.decision_tree import DecisionTreeClassifier as DecisionTreeClassifier
    from scratchml.tree.decision_tree import DecisionTreeRegressor as DecisionTreeRegressor
    from scratchml.tree.extra_tree import ExtraTreeClassifier as ExtraTreeClassifier
    from scratchml.tree.extra_tree import ExtraTreeRegressor as ExtraTreeRegressor
    from scratchml.tree.graphviz import export_graphviz as export_graphviz
    from scratchml.tree.paths import PathMatrix as PathMatrix
    from scratchml.tree.plot import plot_tree as plot_tree
    from scratchml.tree.structure import Tree as Tree
    from scratchml.tree.text import export_text as export_text

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "DecisionTreeClassifier": "decision_tree",
        "DecisionTreeRegressor": "decision_tree",
        "ExtraTreeClassifier": "extra_tree",
        "ExtraTreeRegressor": "extra_tree",
        "PathMatrix": "paths",
        "Tree": "structure",
        "export_graphviz": "graphviz",
        "export_text": "text",
        "plot_tree": "plot",
    },
)
