"""Errors and warnings are also scikit-learn's where scikit-learn is loaded."""

import copy
import pickle
import subprocess
import sys

import pytest

from scratchml._core import exceptions
from scratchml._core.exceptions import ConvergenceWarning, NotFittedError, bridged, not_fitted, warn


def test_not_fitted_names_the_class():
    error = not_fitted([])
    assert isinstance(error, NotFittedError)
    assert isinstance(error, ValueError)
    assert isinstance(error, AttributeError)
    assert "This list instance is not fitted yet" in str(error)


def test_warn_points_at_the_caller():
    with pytest.warns(ConvergenceWarning, match="gap 0.5") as record:
        warn("gap 0.5", ConvergenceWarning, stacklevel=1)
    assert record[0].filename == __file__


@pytest.mark.peer
@pytest.mark.parametrize(
    "name",
    [
        "NotFittedError",
        "ConvergenceWarning",
        "DataConversionWarning",
        "UndefinedMetricWarning",
        "FitFailedWarning",
    ],
)
def test_bridge(name):
    theirs = getattr(pytest.importorskip("sklearn.exceptions"), name)
    ours = getattr(exceptions, name)
    both = bridged(ours)
    assert issubclass(both, ours)
    assert issubclass(both, theirs)
    assert bridged(ours) is both
    error = both("said")
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert isinstance(other, ours)
        assert other.args == ("said",)


def test_no_bridge_without_scikit_learn():
    code = (
        "import sys\n"
        "from scratchml._core.exceptions import *\n"
        "from scratchml._core.exceptions import bridged\n"
        "assert bridged(NotFittedError) is NotFittedError\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
