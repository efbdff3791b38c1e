"""A tree drawn with matplotlib: boxes placed by `tidy`, with the texts and colours of `boxes`."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.rules import check_parameters, none, real
from scratchml.tree.boxes import LEAF, Boxes, Marks, Options
from scratchml.tree.export import BOX_RULES, check_names, fitted_tree
from scratchml.tree.tidy import tidy_layout

_RULES = {**BOX_RULES, "fontsize": real(0) | none()}
_PAD = 0.3  # between the text and its box, in units of the font size


def plot_tree(
    decision_tree: Any,
    *,
    max_depth: int | None = None,
    feature_names: Any = None,
    class_names: Any = None,
    label: str = "all",
    filled: bool = False,
    impurity: bool = True,
    node_ids: bool = False,
    proportion: bool = False,
    rounded: bool = False,
    precision: int = 3,
    ax: Any = None,
    fontsize: float | None = None,
) -> list[Any]:
    """Draw a decision tree; needs matplotlib (the extra ``plot``).

    The axes are filled: a larger figure gives larger boxes, and the font fits into them.

    Parameters
    ----------
    decision_tree : decision tree
        Fitted; ours or scikit-learn's.
    max_depth : int or None, default=None
        Levels to show below the root; what lies deeper is marked "(...)".
    feature_names : array-like of str, shape (n_features,), optional
        Names of the features instead of x[0], x[1], ...
    class_names : array-like of shape (n_classes,) or bool, optional
        Names of the classes in their order, True for y[0], y[1], ...; not for several outputs.
    label : {"all", "root", "none"}, default="all"
        Nodes that say "samples = 150" rather than "150".
    filled : bool, default=False
        Colour nodes by their class, value or purity.
    impurity : bool, default=True
        Show the impurity.
    node_ids : bool, default=False
        Show the numbers of the nodes.
    proportion : bool, default=False
        Show shares of rows and classes rather than numbers and weights.
    rounded : bool, default=False
        Draw boxes with round corners.
    precision : int, default=3
        Decimals of numbers.
    ax : matplotlib.axes.Axes, optional
        Where to draw, after clearing it; by default the current axes of ``matplotlib.pyplot``.
    fontsize : float, optional
        In points; by default as large as fits.

    Returns
    -------
    list of matplotlib.text.Annotation
        The boxes in preorder, and after each child of the root the word on its arrow.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    NotFittedError
        If the tree is not fitted.
    ValueError
        If a parameter is wrong, or names are not as many as features or classes.

    Examples
    --------
    >>> from scratchml.tree import DecisionTreeClassifier, plot_tree
    >>> tree = DecisionTreeClassifier().fit([[0], [1], [2], [3]], [0, 0, 1, 1])
    >>> boxes = plot_tree(tree, filled=True)  # doctest: +SKIP
    >>> print(boxes[0].get_text())  # doctest: +SKIP
    x[0] <= 1.5
    gini = 0.5
    samples = 4
    value = [2, 2]
    """
    given = locals()
    check_parameters(_RULES, given, "plot_tree")
    tree = fitted_tree(decision_tree, "plot_tree")
    names = check_names(feature_names, class_names, tree)
    options = Options(*names, label, impurity, node_ids, proportion, precision)
    if ax is None:
        ax = _pyplot().gca()
    ax.clear()
    ax.set_axis_off()
    drawing = _Drawing(Boxes(decision_tree, options, Marks()), ax, given)
    drawing.draw(max_depth)
    if fontsize is None:
        drawing.fit_font()
    return drawing.annotations


class _Drawing:
    """A tree on its way to the page."""

    def __init__(self, boxes: Boxes, ax: Any, given: dict[str, Any]) -> None:
        style = "round" if given["rounded"] else "square"
        self.boxes = boxes
        self.ax = ax
        self.filled = given["filled"]
        self.box_style = f"{style},pad={_PAD}"
        self.font = {} if given["fontsize"] is None else {"fontsize": given["fontsize"]}
        self.annotations: list[Any] = []
        self.framed: list[Any] = []  # those of them that are boxes
        self.cells = (1.0, 1.0)  # of the page, across and down

    def draw(self, max_depth: int | None) -> None:
        """Add the boxes, in preorder, down to one level below `max_depth`."""
        tree = self.boxes.tree
        order, left, right, parent, depth = _shown(tree, max_depth)
        x, y = tidy_layout(left, right)
        self.cells = x.max() + 1, y.max() + 1
        places = np.column_stack([(x + 0.5) / self.cells[0], 1 - (y + 0.5) / self.cells[1]])
        for k, node in enumerate(order):
            above = places[parent[k]] if k else None
            cropped = max_depth is not None and depth[k] > max_depth
            self._add_box(node, places[k], above, int(depth[k]), cropped)
            if k and parent[k] == 0 and not cropped:
                self._add_word(k == left[0], (places[k] + places[0]) / 2)

    def fit_font(self) -> None:
        """Set the largest font with which every box fits into its cell."""
        frame = self.ax.get_window_extent()
        cell = frame.width / self.cells[0], frame.height / self.cells[1]
        pad = 2 * _PAD * self.framed[0].get_fontsize() * self.ax.figure.dpi / 72
        sizes = [_text_extent(annotation) for annotation in self.framed]
        widest, tallest = max(w for w, _ in sizes) + pad, max(h for _, h in sizes) + pad
        size = self.framed[0].get_fontsize() * min(cell[0] / widest, cell[1] / tallest)
        for annotation in self.annotations:
            annotation.set_fontsize(size)

    def _add_box(self, node: int, place: Any, above: Any, depth: int, cropped: bool) -> None:
        from matplotlib import rcParams

        color = self.boxes.color(node) if self.filled else self.ax.get_facecolor()
        annotation = self.ax.annotate(
            "\n  (...)  \n" if cropped else self.boxes.text(node),
            xy=place if above is None else above,
            xytext=place,
            xycoords="axes fraction",
            ha="center",
            va="center",
            zorder=100 - 10 * depth,  # a box hides the ends of the arrows from below
            bbox={"boxstyle": self.box_style, "fc": "grey" if cropped else color},
            arrowprops={"arrowstyle": "<-", "edgecolor": rcParams["text.color"]},
            **self.font,
        )
        self.annotations.append(annotation)
        self.framed.append(annotation)

    def _add_word(self, left: bool, middle: Any) -> None:
        """Write on an arrow from the root whether the split holds on its side."""
        text, side = ("True  ", "right") if left else ("  False", "left")
        word = self.ax.annotate(
            text, middle, xycoords="axes fraction", ha=side, zorder=90, **self.font
        )
        self.annotations.append(word)


def _shown(tree: Any, max_depth: int | None) -> tuple[list[int], Any, Any, Any, Any]:
    """Return the nodes to show in preorder, and by that order children, parents and depths."""
    order: list[int] = []
    left, right, parent, depth = [], [], [], []
    stack = [(0, -1, 0, True)]
    while stack:
        node, above, level, is_left = stack.pop()
        k = len(order)
        order.append(node)
        parent.append(above)
        depth.append(level)
        left.append(-1)
        right.append(-1)
        if above >= 0:
            (left if is_left else right)[above] = k
        if tree.children_left[node] != LEAF and (max_depth is None or level <= max_depth):
            stack.append((int(tree.children_right[node]), k, level + 1, False))
            stack.append((int(tree.children_left[node]), k, level + 1, True))
    return order, left, right, parent, depth


def _text_extent(annotation: Any) -> tuple[float, float]:
    """Return width and height of an annotation's text alone, in pixels."""
    from matplotlib.text import Text

    extent = Text.get_window_extent(annotation)
    return extent.width, extent.height


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "plot_tree needs matplotlib, which is not installed; install the extra: "
            "pip install 'scratchml-numba[plot]'"
        ) from error
    return pyplot
