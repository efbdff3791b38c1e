r"""A tree in the DOT language, which Graphviz draws: ``dot -Tsvg tree.dot -o tree.svg``.

    digraph Tree {
    0 [label="x[3] <= 0.8\ngini = 0.667\n..."] ;
    1 [label="gini = 0.0\n..."] ;
    0 -> 1 ;
    ...

Nodes are written in preorder, each with the edge from its parent. For the same tree the text is
scikit-learn's, except that names in HTML labels are escaped as HTML asks for. Language: E. Gansner
et al., "Drawing graphs with dot", graphviz.org.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from scratchml._core.rules import Rule, boolean, check_parameters
from scratchml.tree.boxes import LEAF, Boxes, Marks, Options
from scratchml.tree.export import BOX_RULES, check_names, fitted_tree

_RULES = {
    "out_file": Rule(
        "an instance of 'str', None or an object implementing 'write'",
        lambda v: v is None or isinstance(v, str) or hasattr(v, "write"),
    ),
    **BOX_RULES,
    "leaves_parallel": boolean(),
    "rotate": boolean(),
    "special_characters": boolean(),
    "fontname": Rule("an instance of 'str'", lambda v: isinstance(v, str)),
}

_PLAIN = Marks(newline="\\n", escape=lambda name: name.replace('"', '\\"'))
_HTML = Marks(
    "&#35;", "<SUB>", "</SUB>", "&le;", "<br/>", lambda name: html.escape(name, quote=False)
)
_CROPPED = "#C0C0C0"


def export_graphviz(
    decision_tree: Any,
    out_file: Any = None,
    *,
    max_depth: int | None = None,
    feature_names: Any = None,
    class_names: Any = None,
    label: str = "all",
    filled: bool = False,
    leaves_parallel: bool = False,
    impurity: bool = True,
    node_ids: bool = False,
    proportion: bool = False,
    rotate: bool = False,
    rounded: bool = False,
    special_characters: bool = False,
    precision: int = 3,
    fontname: str = "helvetica",
) -> str | None:
    r"""Return or write a decision tree in the DOT language of Graphviz.

    Parameters
    ----------
    decision_tree : decision tree
        Fitted; ours or scikit-learn's.
    out_file : str, file or None, default=None
        Where to write: a path, or an object with ``write``; None returns the text.
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
    leaves_parallel : bool, default=False
        Draw all leaves at the bottom.
    impurity : bool, default=True
        Show the impurity.
    node_ids : bool, default=False
        Show the numbers of the nodes.
    proportion : bool, default=False
        Show shares of rows and classes rather than numbers and weights.
    rotate : bool, default=False
        Draw from left to right.
    rounded : bool, default=False
        Draw boxes with round corners.
    special_characters : bool, default=False
        Write labels as HTML, with a real "less or equal" and subscripts.
    precision : int, default=3
        Decimals of numbers.
    fontname : str, default="helvetica"
        Font of the text.

    Returns
    -------
    str or None
        The text, if `out_file` is None.

    Raises
    ------
    NotFittedError
        If the tree is not fitted.
    ValueError
        If a parameter is wrong, or names are not as many as features or classes.

    Examples
    --------
    >>> from scratchml.tree import DecisionTreeClassifier, export_graphviz
    >>> tree = DecisionTreeClassifier().fit([[0], [1], [2], [3]], [0, 0, 1, 1])
    >>> print(export_graphviz(tree, feature_names=["age"], class_names=["no", "yes"]))
    digraph Tree {
    node [shape=box, fontname="helvetica"] ;
    edge [fontname="helvetica"] ;
    0 [label="age <= 1.5\ngini = 0.5\nsamples = 4\nvalue = [2, 2]\nclass = no"] ;
    1 [label="gini = 0.0\nsamples = 2\nvalue = [2, 0]\nclass = no"] ;
    0 -> 1 [labeldistance=2.5, labelangle=45, headlabel="True"] ;
    2 [label="gini = 0.0\nsamples = 2\nvalue = [0, 2]\nclass = yes"] ;
    0 -> 2 [labeldistance=2.5, labelangle=-45, headlabel="False"] ;
    }
    """
    given = locals()
    check_parameters(_RULES, given, "export_graphviz")
    tree = fitted_tree(decision_tree, "export_graphviz")
    names = check_names(feature_names, class_names, tree)
    options = Options(*names, label, impurity, node_ids, proportion, precision)
    boxes = Boxes(decision_tree, options, _HTML if special_characters else _PLAIN)
    text = "".join((*_head(given), *_body(boxes, given), "}"))
    if out_file is None:
        return text
    if isinstance(out_file, str):
        with open(out_file, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        out_file.write(text)
    return None


def _head(given: dict[str, Any]) -> Iterator[str]:
    """Yield the lines about all nodes and edges."""
    styles = [style for style in ("filled", "rounded") if given[style]]
    style = f', style="{", ".join(styles)}", color="black"' if styles else ""
    font = f'fontname="{given["fontname"]}"'
    yield f"digraph Tree {{\nnode [shape=box{style}, {font}] ;\n"
    if given["leaves_parallel"]:
        yield "graph [ranksep=equally, splines=polyline] ;\n"
    yield f"edge [{font}] ;\n"
    if given["rotate"]:
        yield "rankdir=LR ;\n"


def _body(boxes: Boxes, given: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each node and edge, and for the nodes of equal rank."""
    tree, deepest = boxes.tree, given["max_depth"]
    ranks: dict[str, list[str]] = defaultdict(list)
    stack = [(0, -1, 0)]  # node, parent, depth
    while stack:
        node, parent, depth = stack.pop()
        shown = deepest is None or depth <= deepest
        inner = shown and tree.children_left[node] != LEAF
        ranks[str(depth) if inner else "leaves"].append(str(node))
        fill = f', fillcolor="{boxes.color(node) if shown else _CROPPED}"'
        label = _quoted(boxes.text(node), boxes.marks) if shown else '"(...)"'
        yield f"{node} [label={label}{fill if given['filled'] else ''}] ;\n"
        if parent >= 0:
            branch = _branch(tree, node, given["rotate"]) if shown and parent == 0 else ""
            yield f"{parent} -> {node}{branch} ;\n"
        if inner:
            stack.append((int(tree.children_right[node]), node, depth + 1))
            stack.append((int(tree.children_left[node]), node, depth + 1))
    if given["leaves_parallel"]:
        for rank in sorted(ranks):
            yield f"{{rank=same ; {'; '.join(ranks[rank])}}} ;\n"


def _quoted(text: str, marks: Marks) -> str:
    return f"<{text}>" if marks is _HTML else f'"{text}"'


def _branch(tree: Any, node: int, rotate: bool) -> str:
    """Return the attributes of an edge from the root, which says what its side means."""
    left = node == tree.children_left[0]
    angle = 45 if left != rotate else -45
    return f' [labeldistance=2.5, labelangle={angle}, headlabel="{left}"]'
