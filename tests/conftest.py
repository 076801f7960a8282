"""Random numbers, hypothesis, a cache that cannot be stale, data and database apart."""

import gc
import hashlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]


def _use_fresh_kernel_cache() -> None:
    """Name the cache after the kernel sources: numba sees one file's edits only."""
    digest = hashlib.sha256()
    sources = [*(ROOT / "qleap").glob("*/_kernels/**/*.py"), ROOT / "qleap/core/jit.py"]
    for path in sorted([*sources, ROOT / "qleap/core/vmath.py"]):
        digest.update(path.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"qleap-numba-{digest.hexdigest()[:16]}"
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


_use_fresh_kernel_cache()

# pytest.approx lets anything within 1e-12 pass even where ``rel`` is given: in SI units
# most of physics. Who compares with zero says how near.
setattr(type(pytest.approx(1.0)), "DEFAULT_ABSOLUTE_TOLERANCE", 0.0)  # noqa: B010

# A first call compiles for a second, which no deadline forgives; every run of
# the tests tries the same examples.
settings.register_profile(
    "qleap",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("qleap")


def pytest_configure(config: pytest.Config) -> None:
    """Give processes that share the cores one thread of BLAS each.

    More wait for each other by spinning, which takes the time of the other processes.
    """
    if config.getoption("numprocesses", None):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector from thousands of tests and imports that live to the end.

    It would search all of them again and again while they are made, and whenever a test
    calls it; what tests make themselves is collected as ever.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def rng() -> np.random.Generator:
    """Return seeded random numbers."""
    return np.random.default_rng(20261123)


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of measured data beside the checkout, or skip."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the measured data (../shared/data) are not on this machine")
    return folder


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the user's own jobs and history."""
    url = f"sqlite:///{tmp_path / 'qleap-test.db'}"
    monkeypatch.setenv("QLEAP_DATABASE_URL", url)
