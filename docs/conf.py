"""Sphinx settings: MyST pages, numpydoc reference, figures made by running their scripts."""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the figures' problems are small

from docutils import nodes  # noqa: E402
from sphinx.transforms import SphinxTransform  # noqa: E402

import scratchml  # noqa: E402

PACKAGES = [
    "linear_model",
    "tree",
    "ensemble",
    "svm",
    "calibration",
    "frozen",
    "preprocessing",
    "pipeline",
    "model_selection",
    "metrics",
    "inspection",
    "datasets",
    "tensor",
    "nn",
    "nn.decoding",
    "nn.functional",
    "nn.init",
    "nn.safetensors",
    "nn.utils",
    "nn.utils.rnn",
    "optim",
    "optim.lr_scheduler",
    "data",
    "data.transforms",
]

project = "scratchml"
author = "The scratchml developers"
copyright = "2026, the scratchml developers"
version = release = scratchml.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "matplotlib.sphinxext.plot_directive",
]
exclude_patterns = ["_build", "_generated", "**/figures"]
templates_path = ["_templates"]

myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

autosummary_generate = ["api.md", *(f"api/generated/{package}.md" for package in PACKAGES)]
autodoc_typehints = "none"  # the docstrings say more
numpydoc_show_class_members = False
suppress_warnings = ["toc.empty_glob"]  # lists of pages that some packages do not have
numpydoc_validation_checks = {"GL03", "PR01", "PR02", "PR03"}

plot_formats = [("png", 130)]
plot_html_show_source_link = False
plot_html_show_formats = False
plot_include_source = False
plot_basedir = str(HERE)
plot_apply_rcparams = True
plot_rcparams = {
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "figure.figsize": (8.6, 3.9),
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": "#333f48",
    "axes.edgecolor": "#9aa5ae",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": "#5b6770",
    "ytick.color": "#5b6770",
    "legend.frameon": False,
    "lines.linewidth": 1.7,
}

html_theme = "pydata_sphinx_theme"
html_title = "scratchml"
html_static_path = ["_static"]
html_css_files = ["scratchml.css"]
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 4,
}
html_sidebars = {"*": []}  # pages of no section have no list of neighbours
html_show_sourcelink = False

# Modules whose docstrings pages show.
DOCSTRINGS = [
    *(f"_core.{name}" for name in ("persistence", "jit", "jit_cache", "threads", "random")),
    "_core.elementary",
    "svm.multiplier_newton",
    "svm.pair_steps",
    "tree.classes",
    "tree.predict",
]

# Pages that show benchmark figures, and how the names of their cases begin.
BENCHMARKS = {
    "benchmarks": ("",),
    "least_squares": ("linear-",),
    "ridge": ("ridge",),
    "coordinate_descent": ("lasso-", "elasticnet-"),
    "logistic_regression": ("logistic-",),
    "trees": ("tree-",),
    "forests": ("forest-", "extra-trees-", "bagging-"),
    "svm": ("svc-", "nusvc-", "oneclasssvm-"),
    "svr": ("svr-", "nusvr-"),
    "linear_svm": ("linearsvc-", "linearsvr-"),
    "nn": ("nn-",),
    "optim": ("optim-",),
    "data": ("loader-",),
    "real": ("real-",),
}


def write_generated_pages(app):
    """Write the lists of public names, the docstrings and the tables that pages include."""
    reference, parts = HERE / "api" / "generated", HERE / "_generated"
    for folder in (reference, parts):
        folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        (reference / f"{package}.md").write_text(reference_page(package))
    for name in DOCSTRINGS:
        text = import_module(f"scratchml.{name}").__doc__
        (parts / f"{name.rpartition('.')[2]}.txt").write_text(text)
    files = sorted((HERE.parent / "benchmarks" / "results").glob("*.json"))
    results = [json.loads(path.read_text()) for path in files]
    for page, prefixes in BENCHMARKS.items():
        name = page if page == "benchmarks" else f"benchmarks_{page}"
        (parts / f"{name}.md").write_text(benchmark_tables(results, prefixes))


def reference_page(package):
    """Return the list of a package's public names, from which autosummary makes their pages."""
    module = import_module(f"scratchml.{package}")
    summary = (module.__doc__ or "").strip().splitlines()[0]
    names = "".join(f"   {name}\n" for name in module.__all__ if callable(getattr(module, name)))
    return (
        f"# scratchml.{package}\n\n{summary}\n\n"
        f"```{{eval-rst}}\n.. currentmodule:: scratchml.{package}\n\n"
        f".. autosummary::\n   :toctree: .\n   :nosignatures:\n\n{names}```\n"
    )


def benchmark_tables(results, prefixes):
    """Return a table for each machine's stored figures, of the cases whose names begin so."""
    tables = []
    for stored in results:
        rows = [row for row in stored["rows"] if row["case"].startswith(prefixes)]
        lines = [line for row in rows for line in benchmark_lines(row)]
        if lines:
            tables.append("\n".join([describe(stored["environment"]), "", *HEADER, *lines]))
    measure = " ".join(f"'{prefix}*'" for prefix in prefixes if prefix)
    command = f"python -m benchmarks --peers {measure}".rstrip()
    return "\n\n".join(tables or [f"No figures are stored; `{command}` measures yours."]) + "\n"


HEADER = [
    "| problem | ours, ms | peer | its ms | ratio | quality | ours | peer's | cold, s | cached, s "
    "| memory | bytes a cell |",
    "|---|---:|---|---:|---:|---|---:|---:|---:|---:|---:|---:|",
]


def benchmark_lines(row):
    """Return one line for each peer of a case, or one without peer."""
    name, quality = row["case"], row["quality_name"].replace("|y - Xw|", "residual norm")
    quality = "; ".join([quality, *row.get("also", {})])
    cell = f"{row['cell_bytes']:.1f}" if "cell_bytes" in row else ""
    rest = [row.get(key) for key in ("cold_s", "cached_s", "memory_ratio")]
    tail = " | ".join([*("" if v is None else f"{v:.2f}" for v in rest), cell]) + " |"
    start, ours = f"| {name} | {row['ms']:.1f} |", qualities(row)
    if not row["peers"]:
        return [f"{start} | | | {quality} | {ours} | | {tail}"]
    return [
        f"{start} {peer} | {theirs['ms']:.1f} | **{theirs['ratio']:.1f}** | {quality} | {ours} "
        f"| {qualities(theirs)} | {tail}"
        for peer, theirs in row["peers"].items()
    ]


def qualities(side):
    """Return the numbers that say how good one side's solution is."""
    values = [f"{side['quality']:.10g}", *(f"{v:.4g}" for v in side.get("also", {}).values())]
    return "; ".join(values)


def describe(environment):
    """Return one sentence on where figures come from."""
    versions = ", ".join(f"{k} {v}" for k, v in environment["versions"].items() if v)
    return (
        f"{environment['machine']}; {environment['cpus']} CPUs, {environment['threads']} threads; "
        f"Python {environment['python']}, {versions}."
    )


class LearnedNames(SphinxTransform):
    """Let ``n_features_in_`` in a docstring be a name, not reStructuredText's mark of a link."""

    default_priority = 300  # before links are resolved

    def apply(self, **kwargs):
        for node in list(self.document.findall(nodes.reference)):
            name = node.get("refname")
            if name and name not in self.document.nameids and node.rawsource == f"{name}_":
                node.replace_self(nodes.Text(node.rawsource))


class AbsoluteValues(SphinxTransform):
    """Let ``|x|`` in a docstring be a number, not reStructuredText's mark of a substitution."""

    default_priority = 200  # before substitutions are made

    def apply(self, **kwargs):
        for node in list(self.document.findall(nodes.substitution_reference)):
            if node["refname"] not in self.document.substitution_defs:
                node.replace_self(nodes.Text(f"|{node.astext()}|"))


def setup(app):
    """Connect what stands above."""
    app.add_transform(LearnedNames)
    app.add_transform(AbsoluteValues)
    app.connect("builder-inited", write_generated_pages, priority=100)  # before autosummary's 500
