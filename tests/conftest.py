"""Settings shared by all tests: hypothesis profiles and the folder of larger real data."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

for name, examples in (("fast", 20), ("long", 500)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,  # the first example of a kernel includes its compilation
        derandomize=name == "fast",
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def pytest_configure(config):
    long_run = "long" in config.option.markexpr and "not long" not in config.option.markexpr
    settings.load_profile("long" if long_run else "fast")


@pytest.fixture(scope="session")
def shared_data():
    """The folder of larger real data beside the checkout; tests that want it skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder.name} of larger data sets beside the checkout")
    return folder
