"""A tree of two measurements of irises, and the rectangles that it cuts out of their plane."""

import matplotlib.pyplot as plt

from scratchml._tour.pictures import CLASSES, grid_over, mix_classes
from scratchml.datasets import load_iris
from scratchml.tree import DecisionTreeClassifier, plot_tree

iris = load_iris()
X, y = iris.data[:, 2:], iris.target  # petals
names = ["petal length", "petal width"]
model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)

figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.3), width_ratios=(5, 4))
plot_tree(
    model, ax=left, feature_names=names, class_names=list(iris.target_names), filled=True,
    impurity=False, rounded=True, precision=2, fontsize=7,
)  # fmt: skip
left.set_title("the tree")
grid, points = grid_over(X, 300)
mix_classes(right, grid, model.predict_proba(points), "nearest")
for k, (colour, name) in enumerate(zip(CLASSES, iris.target_names, strict=True)):
    right.scatter(*X[y == k].T, s=20, color=colour, edgecolor="white", linewidth=0.5, label=name)
right.set(title="its regions", xlabel=f"{names[0]}, cm", ylabel=f"{names[1]}, cm")
right.legend(loc="upper left", frameon=True, framealpha=0.85, edgecolor="none", fontsize=8.5)
