"""Sphinx settings: MyST pages, numpydoc reference, figures made by running their scripts."""

import json
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import scratchml  # noqa: E402

project = "scratchml"
author = "The scratchml developers"
copyright = "2026, the scratchml developers"  # noqa: A001
version = release = scratchml.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "matplotlib.sphinxext.plot_directive",
]
exclude_patterns = ["_build", "_generated", "figures"]
templates_path = ["_templates"]

myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_validation_checks = {"GL03", "PR01", "PR02", "PR03"}
plot_formats = [("png", 120)]
plot_html_show_source_link = False
plot_html_show_formats = False
plot_include_source = False
plot_basedir = str(HERE)
plot_rcparams = {
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
}
plot_apply_rcparams = True

html_theme = "pydata_sphinx_theme"
html_title = "scratchml"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"index": []}

PACKAGES = ["linear_model", "metrics", "model_selection", "preprocessing", "pipeline", "datasets"]


def write_generated_pages(app):
    """Write the lists that pages include: the public names, and the stored benchmark figures."""
    folder = HERE / "_generated"
    folder.mkdir(exist_ok=True)
    (folder / "api.md").write_text("\n".join(map(api_section, PACKAGES)))
    results = sorted((HERE.parent / "benchmarks" / "results").glob("*.json"))
    (folder / "benchmarks.md").write_text("\n".join(map(benchmark_table, results)))


def api_section(package):
    """Return the autosummary of one package."""
    module = import_module(f"scratchml.{package}")
    summary = (module.__doc__ or "").strip().splitlines()[0]
    names = "\n".join(f"scratchml.{package}.{name}" for name in module.__all__)
    return (
        f"## scratchml.{package}\n\n{summary}\n\n"
        f"```{{eval-rst}}\n.. autosummary::\n   :toctree: api\n   :nosignatures:\n\n"
        + "".join(f"   {line}\n" for line in names.splitlines())
        + "```\n"
    )


def benchmark_table(path):
    """Return one machine's stored figures as a table, the peers' times as ratios to ours."""
    stored = json.loads(path.read_text())
    about = stored["environment"]
    versions = ", ".join(f"{k} {v}" for k, v in about["versions"].items() if v)
    lines = [
        f"{about['machine']}; {about['cpus']} CPUs, {about['threads']} threads; "
        f"Python {about['python']}, {versions}.",
        "",
        "| problem | ours, ms | peer | ratio | asked | quality: ours | peer | first fit, s: cold "
        "| cached | memory |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in stored["rows"]:
        for name, peer in row["peers"].items():
            lines.append(
                f"| {row['case']} | {row['ms']:.1f} | {name} | {peer['ratio']:.2f} "
                f"| {row['target']:g} | {row['quality_name']} {row['quality']:.10g} "
                f"| {peer['quality']:.10g} | {row['cold_s']:.2f} | {row['cached_s']:.2f} "
                f"| {row['memory_ratio']:.2f} |".replace("|y - Xw|", "residual norm")
            )
    return "\n".join(lines) + "\n"


def setup(app):
    """Connect the page writer."""
    app.connect("builder-inited", write_generated_pages, priority=100)  # before autosummary's 500
