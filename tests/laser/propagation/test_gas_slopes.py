"""All steps of a right-hand side in one kernel against the same one after the other."""

import threading
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.laser import FieldGrid, Material
from qleap.laser._kernels import beam as kernels
from qleap.laser._reference import beam as twins
from qleap.laser.ionisation import RateTable, rate_table
from qleap.laser.propagation.beam_equation import BeamEquation
from qleap.laser.propagation.effects import Effects
from qleap.laser.propagation.gas_sources import GasSources
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.propagation.team import Team

WAVELENGTH = 800e-9
OMEGA0 = 2.0 * np.pi * 299792458.0 / WAVELENGTH
GAS = Material(name="argon", pressure=1e5, temperature=293.0)
GRID = FieldGrid(
    n_points=1024,
    window=1024 * 0.1 * np.pi / OMEGA0,
    wavelength=WAVELENGTH,
    band=(0.25 * OMEGA0, 4.9 * OMEGA0),
)
RADII = 42
"""Not a multiple of the rows that a product finds together."""


@cache
def table() -> RateTable:
    return rate_table("Ar", "adk", cycle_average=False)


def equation(threads: int = 1, absorption: float = 0.0) -> BeamEquation:
    return BeamEquation(
        GAS,
        HankelTransform.on(4e-4, RADII),
        GRID,
        Effects(rates=table()),
        absorption=absorption,
        team=Team(threads),
    )


@cache
def light(peak: float) -> np.ndarray:
    """Return waves of 12 fs that are narrow enough for dark points outside."""
    section = HankelTransform.on(4e-4, RADII)
    envelope = np.exp(-2.0 * np.log(2.0) * (GRID.time / 12e-15) ** 2)
    over_time = np.fft.ifft(envelope * np.exp(-1j * OMEGA0 * GRID.time))
    over_time = over_time[: GRID.n_frequencies] * (GRID.pass_band > 0.0)
    waves = np.empty((RADII, GRID.n_frequencies), np.complex128)
    across = np.sqrt(peak) * np.exp(-((section.radius / 8e-5) ** 2))
    section.to_waves_into(np.outer(across, over_time), waves)
    return waves


def slopes(there: BeamEquation, waves: np.ndarray) -> np.ndarray:
    out = np.full_like(waves, np.nan)
    there.nonlinear_into(0.0, waves, out)
    return out


@pytest.mark.parametrize("absorption", [0.0, 30.0])
@pytest.mark.parametrize("peak", [8e17, 1e15, 0.0])
def test_one_kernel_equals_the_steps_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, peak: float, absorption: float
) -> None:
    found = slopes(equation(absorption=absorption), light(peak))
    monkeypatch.setattr(GasSources, "of", lambda *_, **__: None)
    expected = slopes(equation(absorption=absorption), light(peak))
    assert_allclose(found, expected, rtol=0.0, atol=1e-12 * np.abs(expected).max())
    assert np.abs(expected).max() > 0.0 or peak == 0.0


def test_the_kernel_does_what_its_twin_does(monkeypatch: pytest.MonkeyPatch) -> None:
    there, waves = equation(absorption=30.0), light(8e17)
    found = slopes(there, waves)
    assert there._gas is not None
    monkeypatch.setattr(there._gas, "_kernel", twins.gas_slopes_into)
    expected = slopes(there, waves)
    assert_allclose(found, expected, rtol=0.0, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_thread_that_comes_late_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    expected = slopes(equation(1, 30.0), light(8e17))
    there, others = equation(3, 30.0), threading.Barrier(2)
    finished = threading.Event()

    def kernel(*arguments: Any) -> None:
        if arguments[-2] == late:
            assert finished.wait(60.0)
        kernels.gas_slopes_into(*arguments)
        if arguments[-2] != late:
            others.wait(60.0)
            finished.set()

    monkeypatch.setattr(there._gas, "_kernel", kernel)
    assert np.array_equal(slopes(there, light(8e17)), expected)


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_step_waits_for_what_another_thread_has_taken(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    there, done = equation(), []

    def kernel(*arguments: Any) -> None:
        taken, counts = arguments[-4:-2]
        done.append(counts)
        taken[step, 0] = 1  # by somebody who is slow
        kernels.gas_slopes_into(*arguments)

    monkeypatch.setattr(there._gas, "_kernel", kernel)
    slopes(equation(), light(8e17))  # compiles
    thread = threading.Thread(target=slopes, args=(there, light(8e17)))
    thread.start()
    thread.join(0.2)
    waits = thread.is_alive()
    done[0][step, 0] += 1
    thread.join(60.0)
    assert waits
    assert not thread.is_alive()
