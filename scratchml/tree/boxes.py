"""What the box of a node says, and its colour: for `export_graphviz` and `plot_tree`.

    node #0                    its number, if asked for
    petal width (cm) <= 0.8    the split: rows for which it holds go left
    gini = 0.667               its impurity
    samples = 150              training rows, or their share
    value = [50, 50, 50]       weight of each class or its share; in regression the prediction
    class = setosa             the heaviest class, if names are given

The colour runs from white to full, by how sure the node is. Classification: the hue of the heaviest
class, as strong as its lead (p1 - p2) / (1 - p2) over the second one. Regression: the stronger,
the larger the value. Several outputs: the stronger, the purer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

LEAF = -1  # the children of a leaf


class Options(NamedTuple):
    """What boxes say; parameters of the public functions."""

    feature_names: Any
    class_names: Any
    label: str
    impurity: bool
    node_ids: bool
    proportion: bool
    precision: int


class Marks(NamedTuple):
    """How it is written."""

    number: str = "#"
    open_index: str = "["
    close_index: str = "]"
    at_most: str = "<="
    newline: str = "\n"
    escape: Callable[[str], str] = str


class Boxes:
    """The texts and colours of a tree's nodes."""

    def __init__(self, decision_tree: Any, options: Options, marks: Marks) -> None:
        self.tree = decision_tree.tree_
        self.criterion = str(getattr(decision_tree, "criterion", "impurity"))
        self.options = options
        self.marks = marks
        self._palette = palette(int(self.tree.n_classes[0]))

    def text(self, node: int) -> str:
        """Return the lines of a node's box."""
        tree, options, marks = self.tree, self.options, self.marks
        labels = options.label == "all" or (options.label == "root" and node == 0)
        lines = []

        def add(label: str, content: str) -> None:
            lines.append(label + content if labels else content)

        if options.node_ids:
            add("node ", f"{marks.number}{node}")
        if tree.children_left[node] != LEAF:
            threshold = round(tree.threshold[node], options.precision)
            lines.append(f"{self._feature(node)} {marks.at_most} {threshold}")
        if options.impurity:
            add(f"{self.criterion} = ", f"{round(tree.impurity[node], options.precision)}")
        add("samples = ", self._samples(node))
        add("value = ", self._value(node))
        if self._names_classes():
            add("class = ", self._class(node))
        return marks.newline.join(lines)

    def color(self, node: int) -> str:
        """Return the colour of a node's box as #rrggbb."""
        tree = self.tree
        value, hue = tree.value[node, 0], 0
        if tree.n_outputs > 1:
            strength = _position(-tree.impurity[node], -tree.impurity)
        elif tree.n_classes[0] == 1:
            strength = _position(value[0], tree.value)
        else:
            hue = int(np.argmax(value))
            second, first = np.sort(value)[-2:]
            strength = (first - second) / (1 - second)
        return mixed_with_white(self._palette[hue], strength)

    def _feature(self, node: int) -> str:
        column, marks = self.tree.feature[node], self.marks
        if self.options.feature_names is None:
            return f"x{marks.open_index}{column}{marks.close_index}"
        return marks.escape(str(self.options.feature_names[column]))

    def _samples(self, node: int) -> str:
        rows = self.tree.n_node_samples
        if self.options.proportion:
            return f"{round(100.0 * rows[node] / float(rows[0]), 1)}%"
        return str(rows[node])

    def _value(self, node: int) -> str:
        """Return the value as numbers in brackets; a single prediction without them."""
        tree, options = self.tree, self.options
        value = tree.value[node] if tree.n_outputs > 1 else tree.value[node, 0]
        regression = tree.n_classes[0] == 1
        if not regression and not options.proportion:
            value = value * tree.weighted_n_node_samples[node]
        counts = not regression and not options.proportion and (value == np.rint(value)).all()
        shown = value.astype(np.int64) if counts else np.around(value, options.precision)
        text = _listing(shown).replace("\n ", self.marks.newline)
        return text.strip("[]") if regression and tree.n_outputs == 1 else text

    def _names_classes(self) -> bool:
        names, tree = self.options.class_names, self.tree
        wanted = names is not None and names is not False
        return wanted and tree.n_classes[0] != 1 and tree.n_outputs == 1

    def _class(self, node: int) -> str:
        names, marks = self.options.class_names, self.marks
        heaviest = int(np.argmax(self.tree.value[node, 0]))
        if names is True:
            return f"y{marks.open_index}{heaviest}{marks.close_index}"
        return marks.escape(str(names[heaviest]))


def palette(n: int) -> list[tuple[int, int, int]]:
    """Return `n` colours of equally spaced hues, as red, green and blue from 0 to 255.

    Parameters
    ----------
    n : int
        How many.
    """
    strong, weak = 0.9, 0.9 - 0.75 * 0.9  # a saturation of 0.75, a value of 0.9
    colors = []
    for degrees in np.arange(25, 385, 360.0 / n).astype(int)[:n]:
        sextant = degrees / 60.0 % 6
        between = 0.75 * 0.9 * (1 - abs(sextant % 2 - 1)) + weak
        # From one pure colour to the next, one channel rises while the others stay, and so on.
        channels = {
            0: (strong, between, weak),
            1: (between, strong, weak),
            2: (weak, strong, between),
            3: (weak, between, strong),
            4: (between, weak, strong),
            5: (strong, weak, between),
        }[int(sextant)]
        red, green, blue = (int(255 * channel) for channel in channels)
        colors.append((red, green, blue))
    return colors


def mixed_with_white(color: tuple[int, int, int], strength: float) -> str:
    """Return #rrggbb, white at strength 0 and `color` at 1.

    Parameters
    ----------
    color : (int, int, int)
        Red, green and blue, from 0 to 255.
    strength : float
        From 0 to 1.
    """
    return "#" + "".join(f"{round(strength * c + (1 - strength) * 255):02x}" for c in color)


def _position(x: float, values: np.ndarray) -> float:
    """Return where `x` lies between the smallest and the largest value, from 0 to 1."""
    low, high = values.min(), values.max()
    return float((x - low) / (high - low)) if high > low else 0.0


def _listing(numbers: np.ndarray) -> str:
    """Return numbers as NumPy writes byte strings, which it neither pads nor aligns."""
    with np.printoptions(linewidth=75, threshold=1000, edgeitems=3):
        quoted = str(numbers.astype("S32"))
    return re.sub(r"b'|'", "", quoted.replace("' b'", "', b'"))
