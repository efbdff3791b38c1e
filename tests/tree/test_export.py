"""Trees as text, DOT and drawings: scikit-learn's output for the same tree, tidy layouts."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml._core.exceptions import NotFittedError
from scratchml.datasets import load_diabetes, load_iris
from scratchml.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    export_graphviz,
    export_text,
    plot_tree,
)
from scratchml.tree.boxes import mixed_with_white, palette
from scratchml.tree.tidy import tidy_layout

IRIS = load_iris()
DIABETES = load_diabetes()
WEIGHT = np.random.RandomState(0).rand(150) + 0.5
NAMES = ["sepal length", 'a "quoted" name', "petal length", "petal width"]
CLASSES = ["setosa", 'versi"color', "virginica"]


def targets():
    """Name -> class of the tree, X, y, sample weights, other parameters."""
    X, y = IRIS.data, IRIS.target
    words = np.array(["one", "two", "three"])[y]
    many = np.arange(150) // 5  # 30 classes: NumPy breaks the list of their weights into lines
    both, floats = np.column_stack([y, y // 2]), np.column_stack([X[:, 0], 100 * X[:, 1]])
    return {
        "classes": ("Classifier", X, y, None, {}),
        "words": ("Classifier", X, words, None, {"criterion": "entropy"}),
        "weights": ("Classifier", X, y, WEIGHT, {"criterion": "log_loss"}),
        "two classes": ("Classifier", X, y > 0, 3 * (1 + y % 2), {}),
        "many classes": ("Classifier", X, many, None, {"max_leaf_nodes": 9}),
        "one class": ("Classifier", X, 0 * y, None, {}),
        "outputs": ("Classifier", X, both, None, {}),
        "numbers": ("Regressor", DIABETES.data, DIABETES.target, None, {"max_depth": 5}),
        "absolute": ("Regressor", X[:, :3], X[:, 3], None, {"criterion": "absolute_error"}),
        "constant": ("Regressor", X, 0 * y + 2.5, None, {}),
        "several": ("Regressor", X, floats, WEIGHT, {"max_depth": 4}),
    }


@pytest.fixture(scope="module")
def theirs():
    """Trees that scikit-learn fitted."""
    trees = pytest.importorskip("sklearn.tree")
    return {
        name: getattr(trees, f"DecisionTree{kind}")(random_state=0, **options).fit(X, y, weight)
        for name, (kind, X, y, weight, options) in targets().items()
    }


@pytest.fixture(scope="module")
def tree():
    return DecisionTreeClassifier(random_state=0).fit(IRIS.data, IRIS.target)


def feature_names(tree):
    return [*NAMES, *"abcdefghij"][: tree.n_features_in_]


# ------------------------------------------------------------------------------------------- text


@pytest.mark.peer
@pytest.mark.parametrize("name", [name for name in targets() if name != "outputs"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"show_weights": True},
        {"max_depth": 0},
        {"max_depth": 1, "spacing": 1},
        {"max_depth": 2, "decimals": 0, "spacing": 6},
        {"decimals": 5, "show_weights": True},
    ],
    ids=str,
)
def test_scikit_learns_text(theirs, name, options):
    from sklearn.tree import export_text as expected

    tree = theirs[name]
    assert export_text(tree, **options) == expected(tree, **options)
    options = {**options, "feature_names": feature_names(tree)}
    assert export_text(tree, **options) == expected(tree, **options)


def test_our_text(tree):
    stump = DecisionTreeClassifier(max_depth=1).fit([[1, 5.0], [1, 7.0], [1, 9.0]], ["a", "b", "b"])
    assert export_text(stump, show_weights=True) == (
        "|--- feature_1 <= 6.00\n"
        "|   |--- weights: [1.00, 0.00] class: a\n"
        "|--- feature_1 >  6.00\n"
        "|   |--- weights: [0.00, 2.00] class: b\n"
    )
    assert export_text(stump, feature_names=["x", "y"], class_names=["no", "yes"]) == (
        "|--- y <= 6.00\n|   |--- class: no\n|--- y >  6.00\n|   |--- class: yes\n"
    )
    flat = DecisionTreeRegressor().fit([[1.0], [2.0]], [4.0, 4.0])
    assert export_text(flat, decimals=1) == "|--- value: [4.0]\n"
    assert export_text(tree, max_depth=None) == export_text(tree, max_depth=10)


def test_text_of_several_outputs():
    y = np.array([["a", 3], ["a", 5], ["b", 7]])
    tree = DecisionTreeClassifier().fit([[5.0], [7.0], [9.0]], y)
    weighted = [line for line in export_text(tree, show_weights=True).splitlines() if "cl" in line]
    assert [line.partition("--- ")[2] for line in weighted] == [
        "weights: [[1.00, 0.00], [1.00, 0.00, 0.00]] class: [a, 3]",
        "weights: [[1.00, 0.00], [0.00, 1.00, 0.00]] class: [a, 5]",
        "weights: [[0.00, 1.00], [0.00, 0.00, 1.00]] class: [b, 7]",
    ]
    assert export_text(tree).count("|--- class: [b, 7]") == 1


def chain(depth):
    """A tree fitted to alternating classes, a leaf at each depth, as deep as there are rows."""
    X = np.arange(depth + 1.0)[:, None]
    nodes = 2 * depth + 1
    inner = np.arange(nodes) % 2 == 0
    inner[-1] = False
    left = np.where(inner, np.arange(nodes) + 1, -1)
    right = np.where(inner, np.arange(nodes) + 2, -1)
    tree = SimpleNamespace(
        children_left=left,
        children_right=right,
        feature=np.where(inner, 0, -2),
        threshold=np.where(inner, np.arange(nodes) / 2 + 0.5, -2.0),
        impurity=np.linspace(1, 0, nodes),
        n_node_samples=np.arange(nodes)[::-1] + 1,
        weighted_n_node_samples=np.arange(nodes)[::-1] + 1.0,
        value=np.arange(nodes, dtype=float)[:, None, None],
        n_classes=np.array([1]),
        n_outputs=1,
        n_features=1,
    )
    estimator = DecisionTreeRegressor().fit(X, X[:, 0])
    estimator.tree_ = tree
    return estimator


def test_trees_deeper_than_the_stack():
    deep = chain(2000)
    text = export_text(deep, max_depth=None, spacing=1)
    assert text.count("\n") == 2 * 2000 + 2001
    assert "truncated branch of depth 1999\n" in export_text(deep, max_depth=1)
    assert export_graphviz(deep).count("->") == 4000
    x, depth = tidy_layout(deep.tree_.children_left, deep.tree_.children_right)
    assert (depth.max(), x.min()) == (2000, 0)


# -------------------------------------------------------------------------------------------- DOT

DOT = [
    {},
    {"max_depth": 0, "filled": True},
    {"max_depth": 1, "leaves_parallel": True},
    {"label": "root", "node_ids": True, "filled": True},
    {"label": "none", "impurity": False, "rounded": True, "fontname": "courier"},
    {"proportion": True, "rotate": True, "filled": True, "rounded": True},
    {"class_names": True, "special_characters": True, "node_ids": True},
    {"class_names": CLASSES, "leaves_parallel": True, "filled": True, "precision": 1},
    {"precision": 8, "special_characters": True, "rotate": True},
    {"precision": 0},
]


@pytest.mark.peer
@pytest.mark.parametrize("name", list(targets()))
@pytest.mark.parametrize("options", DOT, ids=str)
def test_scikit_learns_dot(theirs, name, options):
    from sklearn.tree import export_graphviz as expected

    tree = theirs[name]
    if isinstance(options.get("class_names"), list) and tree.tree_.max_n_classes != 3:
        options = {**options, "class_names": None}
    if options.get("filled") and tree.tree_.node_count == 1 and tree.tree_.n_outputs > 1:
        pytest.skip("divides by zero there")
    assert export_graphviz(tree, **options) == expected(tree, **options)
    names = feature_names(tree)
    if options.get("special_characters"):  # quotes need no backslash in HTML
        names = [name.replace('"', "") for name in names]
    options = {**options, "feature_names": names}
    assert export_graphviz(tree, **options) == expected(tree, **options)


def test_numpys_settings_for_printing_do_not_matter(theirs):
    expected = export_graphviz(theirs["many classes"])
    with np.printoptions(linewidth=20, threshold=3, precision=1):
        assert export_graphviz(theirs["many classes"]) == expected


def test_dot_goes_where_it_is_sent(tree, tmp_path):
    text, file, path = export_graphviz(tree), io.StringIO(), tmp_path / "tree.dot"
    assert export_graphviz(tree, file, class_names=["ä", "ö", "ü"]) is None
    assert "class = ü" in file.getvalue()
    assert export_graphviz(tree, str(path)) is None
    assert path.read_text(encoding="utf-8") == text


def test_names_that_are_not_html_are_escaped(tree):
    options = {"special_characters": True, "feature_names": ["<a>", "b & c", "d", "e"]}
    text = export_graphviz(tree, class_names=["<", ">", "&"], **options)
    assert "class = &lt;" in text
    assert "<a>" not in text.replace("&lt;", "")
    assert "b & c" not in text


def test_one_node_with_several_outputs_has_a_colour():
    flat = DecisionTreeRegressor().fit([[1.0], [2.0]], [[4.0, 1.0], [4.0, 1.0]])
    assert 'fillcolor="#ffffff"' in export_graphviz(flat, filled=True)


# ----------------------------------------------------------------------------------------- colours


@pytest.mark.peer
def test_scikit_learns_colours():
    export = pytest.importorskip("sklearn.tree._export")
    for n in range(1, 361):
        assert [list(color) for color in palette(n)] == export._color_brew(n)[:n]


def test_mixing_with_white():
    assert mixed_with_white((229, 129, 57), 0.0) == "#ffffff"
    assert mixed_with_white((229, 129, 57), 1.0) == "#e58139"
    assert mixed_with_white((5, 129, 255), 0.5) == "#82c0ff"


# ------------------------------------------------------------------------------------------ layout


def random_tree(coins):
    """Children in preorder: a node is split where its coin says so."""
    left, right, todo = [], [], [None]
    while todo:
        above, node = todo.pop(), len(left)
        if above is not None:
            above[0][above[1]] = node
        left.append(-1)
        right.append(-1)
        if node < len(coins) and coins[node]:
            todo += [(right, node), (left, node)]
    return left, right


def shape(left, right, node):
    return () if left[node] < 0 else tuple(shape(left, right, c[node]) for c in (left, right))


def below(left, right, node):
    """The node's subtree in preorder."""
    if left[node] < 0:
        return [node]
    return [node, *below(left, right, left[node]), *below(left, right, right[node])]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.booleans(), max_size=120))
def test_layouts_are_tidy(coins):
    left, right = random_tree(coins)
    x, depth = tidy_layout(left, right)
    assert x.min() == 0
    drawn = {}
    for v in range(len(left)):
        subtree = below(left, right, v)
        places = tuple((x[u] - x[v], depth[u] - depth[v]) for u in subtree)
        assert drawn.setdefault(shape(left, right, v), places) == places, "drawn as its like"
        if left[v] < 0:
            continue
        a, b = left[v], right[v]
        assert depth[a] == depth[b] == depth[v] + 1
        assert x[v] == (x[a] + x[b]) / 2
        gaps = []
        for level in set(depth[subtree[1:]]):
            one = [x[u] for u in below(left, right, a) if depth[u] == level]
            other = [x[u] for u in below(left, right, b) if depth[u] == level]
            if one and other:
                gaps.append(min(other) - max(one))
        assert min(gaps) == 1, "as narrow as it can be"


@pytest.mark.peer
@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), max_size=150))
def test_scikit_learns_layout(coins):
    their = pytest.importorskip("sklearn.tree._reingold_tilford")
    left, right = random_tree(coins)

    def build(node):
        if left[node] < 0:
            return their.Tree("", node)
        return their.Tree("", node, build(left[node]), build(right[node]))

    x, depth = tidy_layout(left, right)
    todo = [their.buchheim(build(0))]
    while todo:
        node = todo.pop()
        assert (node.x, node.y) == (x[node.tree.node_id], depth[node.tree.node_id])
        todo += node.children


# ----------------------------------------------------------------------------------------- drawing


@pytest.fixture
def axes():
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    def make():
        figure = Figure(figsize=(9, 6))
        FigureCanvasAgg(figure)
        return figure.add_subplot()

    return make


@pytest.mark.peer
@pytest.mark.extra
@pytest.mark.parametrize("name", ["classes", "outputs", "several", "constant", "many classes"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_depth": 1, "filled": True, "node_ids": True},
        {"filled": True, "rounded": True, "label": "root", "fontsize": 7},
        {"proportion": True, "impurity": False, "max_depth": 0},
    ],
    ids=str,
)
def test_scikit_learns_drawing(theirs, axes, name, options):
    from sklearn.tree import plot_tree as expected

    ours, other = plot_tree(theirs[name], ax=axes(), **options), None
    other = expected(theirs[name], ax=axes(), **options)
    assert [a.get_text() for a in ours] == [a.get_text() for a in other]
    for a, b in zip(ours, other, strict=True):
        np.testing.assert_allclose(a.xy, b.xy, rtol=1e-12)
        np.testing.assert_allclose(a.xyann, b.xyann, rtol=1e-12)
        assert a.get_zorder() == b.get_zorder()
        if b.get_bbox_patch() is not None:
            assert a.get_bbox_patch().get_facecolor() == b.get_bbox_patch().get_facecolor()
        if "fontsize" in options:
            assert a.get_fontsize() == 7


@pytest.mark.extra
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("limit", [None, 1, 3])
def test_boxes_fill_the_page_and_do_not_overlap(tree, axes, rounded, limit):
    ax = axes()
    drawn = plot_tree(tree, ax=ax, rounded=rounded, max_depth=limit)
    ax.figure.canvas.draw()
    frames = [a.get_bbox_patch().get_window_extent() for a in drawn if a.get_bbox_patch()]
    page = ax.get_window_extent()
    for i, a in enumerate(frames):
        assert page.x0 - 1 <= a.x0 < a.x1 <= page.x1 + 1
        assert page.y0 - 1 <= a.y0 < a.y1 <= page.y1 + 1
        for b in frames[:i]:
            assert not (a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1)
    sizes = {a.get_fontsize() for a in drawn}
    assert len(sizes) == 1


@pytest.mark.extra
def test_the_current_axes_are_drawn_on_and_cleared(tree, axes):
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    ax.plot([1, 2])
    drawn = plot_tree(tree, max_depth=1)
    assert drawn[0].axes is ax
    assert not ax.lines
    assert [a.get_text() for a in drawn if not a.get_bbox_patch()] == ["True  ", "  False"]
    pyplot.close(figure)


@pytest.mark.extra
def test_other_backends_have_no_renderer_of_their_own(tree):
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasSVG(figure)
    plot_tree(tree, ax=figure.add_subplot())
    file = io.BytesIO()
    figure.savefig(file, format="svg")
    assert b"petal" not in file.getvalue()


def test_without_matplotlib_the_extra_is_named(tree, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"plot_tree needs matplotlib.*scratchml-numba\[plot\]"):
        plot_tree(tree)


# ------------------------------------------------------------------------------------------ errors

EVERY = [export_text, export_graphviz, plot_tree]
BAD = [
    ({"max_depth": -1}, "'max_depth' parameter of {} must be an int in the range"),
    ({"feature_names": 3}, "'feature_names' parameter of {}"),
    ({"class_names": 3}, "'class_names' parameter of {}"),
    ({"class_names": ["a", "b"]}, "class_names"),
    ({"feature_names": ["a", "b"]}, "feature_names"),
    ({"feature_names": [["a", "b", "c", "d"]] * 4}, "feature_names|feature names"),
]
BAD_BOX = [
    ({"label": "some"}, "'label' parameter of {} must be a str among"),
    ({"precision": -1}, "'precision' parameter of {}"),
    ({"filled": 1}, "'filled' parameter of {} must be an instance of 'bool'"),
    ({"feature_names": ["a", "b", "c", 4]}, "All feature names must be strings"),
    ({"feature_names": ["a"]}, "Length of feature_names, 1 does not match number of features, 4"),
    ({"class_names": []}, "class_names must contain 3 elements, one for each class, got 0"),
]


@pytest.mark.parametrize("show", EVERY, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("options", "message"), BAD, ids=str)
def test_wrong_arguments_are_named(tree, show, options, message):
    with pytest.raises(ValueError, match=message.format(show.__name__)):
        show(tree, **options)


@pytest.mark.parametrize("show", EVERY[1:], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("options", "message"), BAD_BOX, ids=str)
def test_wrong_arguments_of_boxes_are_named(tree, show, options, message):
    with pytest.raises(ValueError, match=message.format(show.__name__)):
        show(tree, **options)


def test_wrong_arguments_of_one_are_named(tree):
    for show, options in [
        (export_text, {"spacing": 0}),
        (export_text, {"decimals": -1}),
        (export_text, {"show_weights": "yes"}),
        (export_graphviz, {"out_file": 3}),
        (export_graphviz, {"fontname": 3}),
        (export_graphviz, {"rotate": "yes"}),
        (plot_tree, {"fontsize": -1}),
    ]:
        name = next(iter(options))
        with pytest.raises(ValueError, match=f"'{name}' parameter of {show.__name__}"):
            show(tree, **options)
    with pytest.raises(ValueError, match="as many items as .* Got 1 .* with 3 classes"):
        export_text(tree, class_names=["a"])
    with pytest.raises(ValueError, match="feature_names must contain 4 elements, got 1"):
        export_text(tree, feature_names=["a"])


@pytest.mark.parametrize("show", EVERY, ids=lambda f: f.__name__)
def test_what_is_no_fitted_tree_is_refused(tree, show):
    with pytest.raises(NotFittedError):
        show(DecisionTreeClassifier())
    for wrong in (tree.tree_, None, DecisionTreeClassifier):
        with pytest.raises(TypeError, match=f"'decision_tree' parameter of {show.__name__} must"):
            show(wrong)
