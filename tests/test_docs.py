"""The code on the pages of the documentation runs, and prints what the pages say it prints."""

import doctest
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
DOCS = TOP / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

MADE = {"_build", "_generated", "generated"}
PAGES = [
    TOP / "README.md",
    TOP / "CONTRIBUTING.md",
    *(p for p in sorted(DOCS.rglob("*.md")) if not MADE & set(p.relative_to(DOCS).parts)),
]


def blocks(page):
    """Yield the first line's number and the code of each Python block."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start(1)), match[1]


def run(page, names):
    """Run the blocks in one namespace; those with prompts must print what follows them."""
    for line, code in blocks(page):
        if not code.startswith(">>>"):
            exec(compile("\n" * line + code, str(page), "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), line)
        test.globs = names  # get_doctest copies: later blocks see what this one defines
        runner, output = doctest.DocTestRunner(optionflags=FLAGS), []
        runner.run(test, out=output.append, clear_globs=False)
        assert not output, "".join(output)


@pytest.mark.parametrize("page", [p for p in PAGES if any(blocks(p))], ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(page, {"__name__": "__main__"})


def test_wrong_output_and_errors_are_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```python\n>>> x = 1\n```\n\n```python\n>>> x + 1\n3\n```\n")
    with pytest.raises(AssertionError, match=r"Expected:\s+3\s+Got:\s+2"):
        run(page, {})
    page.write_text("# Page\n\n```python\nx = 1\n\nx.y\n```\n")
    with pytest.raises(AttributeError) as error:
        run(page, {})
    assert error.traceback[-1].lineno + 1 == 6, "tracebacks point into the page"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_source_shown_on_a_page_exists(page):
    """Sphinx says so too, but later: a renamed kernel fails here first."""
    text = page.read_text(encoding="utf-8")
    for path, options in re.findall(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)", text, re.M):
        if "_generated" in path:
            continue
        source = (page.parent / path).read_text(encoding="utf-8")
        for name in re.findall(r"^:pyobject: (\w+)$", options, re.M):
            assert re.search(rf"^(def|class) {name}\b", source, re.M), f"{path} has no {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
