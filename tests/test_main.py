"""The command line: the tour, its table and pictures, warmup, info, and how it ends."""

import os
import re
import signal
import statistics
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import scratchml
from scratchml import __main__ as command_line
from scratchml._tour import entries, run, system
from scratchml._tour.entries import Entry

from .estimators import estimator_classes

ENTRIES = entries.all_entries()
by_name = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])


class Model:
    """Predicts the mean; stands for an algorithm where only the tour is tested."""

    def fit(self, X, y):
        self.mean = y.mean()
        return self

    def score(self, X, y):
        return 0.25


@pytest.fixture
def fake_entries(monkeypatch):
    fakes = tuple(
        Entry(name, name.title(), "diabetes", lambda lib: Model(), lambda result, figure: None)
        for name in ("first", "second")
    )
    monkeypatch.setattr(entries, "all_entries", lambda: fakes)
    monkeypatch.setattr(
        run, "references", lambda: {"first": {"score": 0.5, "library": "library 1.0"}}
    )


def status_of(*words):
    """The exit status of a command line, argparse's included."""
    try:
        return command_line.main(words)
    except SystemExit as stop:
        return stop.code


def python(*words, **options):
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=100, **options
    )


# What the tour shows


def parts_of(model):
    """Yield a model and what it is made of."""
    yield model
    for value in vars(model).values():
        for part in value if isinstance(value, list | tuple) else [value]:
            for inner in part if isinstance(part, list | tuple) else [part]:
                if hasattr(inner, "get_params"):
                    yield from parts_of(inner)


SHOWN_ELSEWHERE = {"CalibratedClassifierCV"}  # on a page of its own: it changes no score


def test_every_public_estimator_that_predicts_is_on_the_tour():
    shown = {type(part) for entry in ENTRIES for part in parts_of(entry.build(scratchml))}
    able = {cls for cls in estimator_classes() if hasattr(cls, "fit") and hasattr(cls, "predict")}
    able = {cls for cls in able if cls.__name__ not in SHOWN_ELSEWHERE}
    assert able
    assert able <= shown, f"add an Entry for {[cls.__name__ for cls in able - shown]}"


def test_entries_are_well_formed():
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert {entry.name for entry in ENTRIES} == run.references().keys()
    assert all(re.fullmatch("[a-z0-9-]+", entry.name) for entry in ENTRIES)


@by_name
def test_scores_equal_the_stored_ones_of_the_reference_library(entry):
    """R^2 to solver tolerance; an accuracy is a count, so it is equal or it is not.

    Randomised algorithms draw other numbers: within four deviations of the mean over the seeds.
    """
    stored = run.references()[entry.name]
    tolerance = 1e-12 if entry.classify else 1e-6
    if entry.seeds:
        tolerance += 4 * statistics.stdev(stored["scores"])
    assert run.train(entry).score == pytest.approx(stored["score"], abs=tolerance)


@by_name
def test_stored_scores_are_of_as_many_seeds_as_the_entry_says(entry):
    stored = run.references()[entry.name]
    assert len(stored.get("scores", [])) == entry.seeds
    if entry.seeds:
        assert stored["score"] == pytest.approx(statistics.fmean(stored["scores"]), abs=1e-12)


@pytest.mark.peer
@by_name
def test_stored_scores_are_those_of_the_reference_library(entry):
    pytest.importorskip("sklearn")
    if entry.peer == "PyTorch":
        pytest.importorskip("torch")
    from benchmarks.reference_scores import reference_library, seeded

    stored, library = run.references()[entry.name], reference_library(entry)
    if stored["library"] != f"{entry.peer} {library.__version__}":
        pytest.skip(f"the stored score is of {stored['library']}")
    with pytest.importorskip("threadpoolctl").threadpool_limits(1):  # many short products
        result = run.train(seeded(entry, 0), library)
    first = stored["scores"][0] if entry.seeds else stored["score"]
    # A network's sums round otherwise on another processor, and a doubtful image may change sides.
    tolerance = 1e-9 if entry.peer == "scikit-learn" else 3.5 / len(result.y_test)
    assert result.score == pytest.approx(first, abs=tolerance)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], [entry.name for entry in ENTRIES]),
        (["ridge"], ["ridge"]),
        (["RidgeCV", "LASSO"], ["ridge-cv", "lasso"]),
        (["ridge*", "ridge"], ["ridge", "ridge-cv"]),
        (["WINE"], ["logistic-wine"]),
        (
            ["breast_cancer"],
            [entry.name for entry in ENTRIES if entry.data == "breast_cancer"],
        ),
        (["logistic-*", "linear-regression"], None),
    ],
)
def test_names_of_entries(names, found):
    if found is None:
        found = [
            e.name for e in ENTRIES if e.algorithm in ("LinearRegression", "LogisticRegression")
        ]
    assert [entry.name for entry in entries.select(names)] == found


def test_an_unknown_name_lists_the_known_ones(capsys):
    assert status_of("tour", "lasso", "nonsense") == 2
    error = capsys.readouterr().err
    assert error.startswith("usage: python -m scratchml tour")
    assert "'nonsense'" in error
    assert all(entry.name in error for entry in ENTRIES)


def test_the_table(fake_entries, capsys):
    assert status_of("tour") == 0
    header, first, second, *_ = capsys.readouterr().out.splitlines()
    assert header.split() == ["algorithm", "data", "score", "reference", "cold", "warm"]
    time = r"\d\S* (us|ms|s)"
    start = rf"{{}} +diabetes +R\^2 0\.250000  {{}} +{time} +{time}"
    assert re.fullmatch(start.format("First", r"0\.500000 library 1\.0"), first)
    assert re.fullmatch(start.format("Second", "not stored"), second)
    assert len(header) == len(first) == len(second) <= 105


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(12.345, "12.3 s"), (1.0, "1 s"), (0.9996, "1 s"), (0.9994, "999 ms"), (1e-3, "1 ms"),
     (4.567e-4, "457 us"), (0.0, "0 us")],
)  # fmt: skip
def test_times(seconds, text):
    assert run.format_time(seconds) == text


def test_cold_is_the_first_fit_and_warm_the_second(fake_entries, monkeypatch):
    clock = iter([0.0, 3.0, 10.0, 11.0])
    monkeypatch.setattr(run.time, "perf_counter", lambda: next(clock))
    result = run.train(entries.all_entries()[0])
    assert (result.cold, result.warm) == (3.0, 1.0)
    assert result.X_train.shape == (331, 10)


# Pictures


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("plots") / "new"
    assert status_of("tour", "--plots", str(folder)) == 0
    return folder


@by_name
def test_pictures_are_drawn(pictures, entry):
    from PIL import Image

    with Image.open(pictures / f"{entry.name}.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape[0] >= 400
    assert pixels.shape[1] >= 1000
    for half in np.array_split(pixels, 2, axis=1):  # something on both sides, in several colours
        share_of_white = (half == 255).all(axis=2).mean()
        assert 0.1 < share_of_white < 0.99
        assert len(np.unique(half.reshape(-1, 3), axis=0)) > 20


@pytest.mark.extra
def test_the_overview_is_small_enough_for_a_page(pictures):
    assert (pictures / "tour.png").stat().st_size < 200_000
    names = {f"{entry.name}.png" for entry in ENTRIES} | {"tour.png"}
    assert {path.name for path in pictures.iterdir()} == names


@pytest.mark.extra
def test_pictures_leave_matplotlib_as_it_was(pictures):
    import matplotlib as mpl

    assert mpl.rcParams["font.size"] == mpl.rcParamsDefault["font.size"]
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_pictures_without_matplotlib_name_the_extra(fake_entries, capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert status_of("tour", "--plots", str(tmp_path / "plots")) == 1
    out, error = capsys.readouterr()
    assert "pip install 'scratchml-numba[plot]'" in error
    assert out == ""
    assert status_of("tour") == 0


@pytest.mark.extra
def test_pictures_need_a_folder(fake_entries, capsys, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "file").write_text("")
    assert status_of("tour", "--plots", str(tmp_path / "file")) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err


# Terminals, pipes, and endings


def test_a_pipe_gets_plain_lines(fake_entries, capsys):
    status_of("tour")
    out, error = capsys.readouterr()
    assert error == ""
    assert not set(out) & set("\r\x1b")


class Terminal:
    """Standard error of a user who looks at it."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.extra
def test_a_terminal_gets_a_bar(fake_entries, capsys, monkeypatch):
    pytest.importorskip("tqdm")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert status_of("tour") == 0
    assert "0/2" in screen.text
    assert "second" in screen.text
    assert "First" in capsys.readouterr().out


def test_a_terminal_without_tqdm_gets_plain_lines(fake_entries, capsys, monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert status_of("tour") == 0
    assert screen.text == ""
    assert "First" in capsys.readouterr().out


def test_ctrl_c_ends_without_a_traceback(fake_entries, capsys, monkeypatch):
    def interrupted(entry):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "train", interrupted)
    assert status_of("tour") == 130
    assert capsys.readouterr().err == "\ninterrupted\n"


@pytest.mark.skipif(os.name != "posix", reason="signals to child processes")
def test_ctrl_c_from_outside():
    code = """
        import sys, time
        from scratchml import __main__
        from scratchml._tour import run
        def train(entry):
            print("training", flush=True)
            time.sleep(60)
        run.train = train
        sys.exit(__main__.main(["tour"]))
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        while "training" not in child.stdout.readline():
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=60)
    assert (child.returncode, error) == (130, "\ninterrupted\n")


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes")
@pytest.mark.parametrize(
    ("words", "unbuffered"),
    [(["info"], ""), (["info"], "1"), (["--help"], ""), (["tour", "-h"], "")],
)
def test_a_closed_pipe_ends_quietly(words, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "scratchml", *words],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("words", [[], ["nonsense"], ["tour", "--nonsense"], ["info", "x"]])
def test_wrong_command_lines_print_the_usage(words, capsys):
    assert status_of(*words) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("usage: python -m scratchml")


def test_the_version():
    done = python("-m", "scratchml", "--version")
    assert (done.returncode, done.stdout) == (0, f"scratchml {scratchml.__version__}\n")


def test_help_loads_neither_numpy_nor_numba():
    code = (
        "import sys; from scratchml.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'numba', 'matplotlib', 'tqdm')))"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert all(command in done.stdout for command in ("tour", "warmup", "info"))


# warmup and info


@pytest.fixture
def compiler(monkeypatch, tmp_path):
    from scratchml._core import jit_tools

    about = {"compiled": True, "numba": "0.1", "cache_folder": tmp_path, "threads": 2}

    def compile_all(progress):
        progress(0, 2, "a.kernel float32")
        progress(1, 2, "a.kernel float64")
        return 2

    monkeypatch.setattr(jit_tools, "info", lambda: about)
    monkeypatch.setattr(jit_tools, "compile_all", compile_all)
    return about


def test_warmup_compiles_everything(compiler, capsys, tmp_path):
    assert status_of("warmup") == 0
    *steps, last = capsys.readouterr().out.splitlines()
    assert steps == ["1/2 a.kernel float32", "2/2 a.kernel float64"]
    assert re.fullmatch(rf"2 kernels ready after \d+ us, in {re.escape(str(tmp_path))}", last)


@pytest.mark.extra
def test_warmup_shows_a_bar_on_a_terminal(compiler, capsys, monkeypatch):
    pytest.importorskip("tqdm")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert status_of("warmup") == 0
    assert "kernel float32" in screen.text
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_warmup_without_a_compiler_or_a_cache(compiler, capsys):
    compiler["cache_folder"] = None
    assert status_of("warmup") == 0
    assert "no cache" in capsys.readouterr().out
    compiler["compiled"] = False
    assert status_of("warmup") == 0
    assert "nothing to compile" in capsys.readouterr().out


def test_info(compiler, capsys, tmp_path):
    (tmp_path / "kernel").write_bytes(bytes(2_000_000))
    assert status_of("info") == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["scratchml"].startswith(f"{scratchml.__version__} ")
    assert lines["numpy"].startswith(np.__version__)
    assert lines["threads"] == "2"
    assert lines["cache"] == f"{tmp_path} (1 files, 2.0 MB)"
    assert {f"[{extra}]" for extra in system.EXTRAS} <= lines.keys()


def test_info_without_a_compiler(compiler, monkeypatch):
    compiler.update(compiled=False, numba=None, cache_folder=None)
    monkeypatch.setattr(system, "_version", lambda package: "is not installed")
    lines = system.describe()
    assert lines["cache"] == "none"
    assert "plain Python" in lines["numba"]
    assert lines["[plot]"] == "matplotlib is not installed"


def test_the_extras_are_those_of_the_project():
    from pathlib import Path

    text = (Path(scratchml.__file__).parents[1] / "pyproject.toml").read_text()
    section = text.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    extras = set(re.findall(r"^(\w+) =", section, flags=re.MULTILINE))
    assert extras - {"test", "docs", "dev"} == set(system.EXTRAS)
