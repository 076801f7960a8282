"""What makes no trace, and what cannot be retrieved, is refused in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qleap.core.errors import InvalidKind, InvalidValue, QleapError
from qleap.laser import Grid, Pulse
from qleap.laser.metrology import (
    Trace,
    compare_pulses,
    expected_marginal,
    read_trace,
    retrieval_grid,
    retrieve,
    simulate_trace,
    with_marginal_of,
)

PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=32e-15, energy=1e-9)

ANYTHING: Any = "shg"


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Return a trace on a small grid."""
    grid = Grid(n_points=64, window=320e-15, wavelength=800e-9)
    return simulate_trace(PULSE, grid=grid)


def written(path: Path, trace: Trace, first: object, *, turned: bool = False) -> Path:
    """Write a trace with the delays ``first`` beside wavelengths in nm."""
    whole = np.zeros((65, 65))
    whole[1:, 0], whole[1:, 1:] = np.asarray(first), trace.intensity
    whole[0, 1:] = 299792458.0 / trace.frequency * 1e9
    np.savetxt(path, whole.T if turned else whole, delimiter=",")
    return path


@pytest.mark.parametrize("turned", [False, True])
def test_two_axes_above_zero_are_no_guess(
    trace: Trace, tmp_path: Path, turned: bool
) -> None:
    path = written(tmp_path / "t.csv", trace, trace.values * 1e15 + 200, turned=turned)
    with pytest.raises(InvalidValue, match="rows='spectral'"):
        read_trace(path)
    found = read_trace(path, rows="spectral" if turned else "parameter")
    assert found.wavelength == pytest.approx(800e-9, rel=1e-2)


def test_delays_of_less_than_a_cycle_are_no_femtoseconds(
    trace: Trace, tmp_path: Path
) -> None:
    path = written(tmp_path / "ps.csv", trace, trace.values * 1e12)
    with pytest.raises(InvalidValue, match="units=\\('ps'"):
        read_trace(path)
    found = read_trace(path, units=("ps", "nm"))
    np.testing.assert_allclose(found.values, trace.values, atol=1e-17)


@pytest.mark.parametrize(
    "options",
    [{"rows": "delay"}, {"scheme": "shg"}, {"wavelength": 800.0}],
)
def test_options_that_are_none_are_refused(
    trace: Trace, tmp_path: Path, options: dict[str, object]
) -> None:
    path = written(tmp_path / "t.csv", trace, trace.values * 1e15)
    with pytest.raises(QleapError, match=next(iter(options))):
        read_trace(path, **options)  # type: ignore[arg-type]


def test_a_matrix_without_an_inside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InvalidValue, match="at least 3 rows"):
        read_trace(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda t: retrieve(t, iterations=0), "iterations must be >= 1"),
        (lambda t: retrieve(t, steps=ANYTHING), "steps must be"),
        (lambda t: retrieve(t, seed=-1), "seed must be >= 0"),
        (lambda _: simulate_trace(PULSE, ANYTHING), "scheme must be a Scheme"),
        (lambda _: simulate_trace(PULSE, grid=ANYTHING), "grid must be a Grid"),
        (lambda t: retrieval_grid(t, -4), "n_points must be >="),
        (lambda _: expected_marginal(PULSE, [1e14, 2e14]), "second harmonic"),
        (lambda _: expected_marginal(PULSE, [np.nan, 2e14]), "frequency must be"),
        (lambda _: with_marginal_of(ANYTHING, PULSE), "trace must be a Trace"),
        (lambda _: compare_pulses(ANYTHING, PULSE), "found must be a SampledPulse"),
    ],
)
def test_what_cannot_be_done_is_said(
    trace: Trace, call: Callable[[Trace], object], said: str
) -> None:
    with pytest.raises((InvalidKind, InvalidValue), match=said):
        call(trace)
