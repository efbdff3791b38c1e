"""Files of every public estimator: damaged, and with their parts exchanged."""

import contextlib
import io
import random
import re
import warnings

import numpy as np
import pytest

import scratchml
from scratchml._core.estimator import clone
from scratchml._core.persistence.archive import ArchiveReader, write_archive

from .estimators import instances, kind

MODELS = [e for e in instances() if kind(e) != "label"]
each_model = pytest.mark.parametrize("estimator", MODELS, ids=[type(e).__name__ for e in MODELS])
X = np.random.RandomState(0).randint(1, 9, size=(40, 3)).astype(float)
TOKEN = re.compile(r"-?\d[\d.e+-]*|\"[^\"]*\"|null|true|false")


def file_of(estimator):
    file = io.BytesIO()
    scratchml.save(clone(estimator).fit(X, np.arange(40) % 3), file)
    return file.getvalue()


def refused(data):
    """Whether `load` raises a ValueError; any other exception comes through."""
    try:
        scratchml.load(io.BytesIO(data))
    except ValueError as error:
        return str(error).startswith("cannot load the file: ")
    return False


@each_model
def test_damaged_files_are_refused(estimator):
    rng, whole = random.Random(2), file_of(estimator)
    assert not refused(whole)
    for _ in range(1000):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 1, 2, 20])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        assert bytes(data) == whole or refused(bytes(data))
    for size in rng.sample(range(len(whole)), 200):
        assert refused(whole[:size])


@each_model
def test_models_that_lie_about_themselves_predict_or_raise(estimator):
    """Values exchanged behind intact checksums: an exception at most, never a crash."""
    rng = random.Random(3)
    archive = ArchiveReader(io.BytesIO(file_of(estimator)))
    parts = {name: archive.read(name, 1 << 20) for name in archive.members}
    manifest = parts.pop("manifest.json").decode()
    head, value = manifest.split('"value":', 1)
    tokens = [*TOKEN.findall(value), "null", "-1", "1e9", "4611686018427387904", "[]", '"x"', "{}"]
    places = list(TOKEN.finditer(value))
    loaded = 0
    for _ in range(300):
        place = rng.choice(places)
        lie = value[: place.start()] + rng.choice(tokens) + value[place.end() :]
        file = io.BytesIO()
        members = [("manifest.json", [f'{head}"value":{lie}'.encode()])]
        write_archive(file, members + [(name, [data]) for name, data in parts.items()])
        file.seek(0)
        try:
            model = scratchml.load(file)
        except ValueError as error:
            assert re.match("cannot load the file", str(error))  # noqa: PT017 (or it is loaded)
            continue
        loaded += 1
        for method in ("predict", "predict_proba", "transform", "__repr__", "__sklearn_tags__"):
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                getattr(model, method)(*[X] * (not method.startswith("_")))
    assert loaded > 5
