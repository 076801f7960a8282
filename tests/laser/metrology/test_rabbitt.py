"""Phases of harmonics from sidebands, against those that were put in."""

import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.metrology import (
    PhotoDipole,
    harmonic_train,
    plot_attosecond_retrieval,
    retrieve_rabbitt,
    sideband_signals,
    streaking_trace,
)
from qleap.laser.pulses.light import carrier

EV = ELECTRONVOLT
ARGON = 15.76 * EV
ORDERS = np.arange(13, 24, 2)
OMEGA = carrier(800e-9)
CHIRP = 0.5 * 6e-33 * ((ORDERS - 17) * OMEGA) ** 2 + 0.3 * np.sin(ORDERS)
SIZES = np.exp(-(((ORDERS - 18) / 6.0) ** 2))


def trace_of(
    phases: NDArray[np.float64], dipole: PhotoDipole | None = None, late: float = 0.0
) -> xr.Dataset:
    light = harmonic_train(ORDERS, SIZES, phases, wavelength=800e-9, fwhm=12e-15)
    time = np.arange(-45e-15, 45e-15, 30e-18)
    ramp = np.clip((45e-15 - np.abs(time)) / 10e-15, 0.0, 1.0)
    field = DrivingField(
        time=time, field=2e8 * np.cos(OMEGA * time) * ramp, wavelength=800e-9
    )
    return streaking_trace(
        light,
        field,
        ionisation_energy=ARGON,
        energies=np.arange(2.6, 22.0, 0.12) * EV,
        delays=np.arange(-1.4e-15, 1.4e-15, 130e-18) + late,
        dipole=dipole,
    )


def test_phases_of_harmonics_are_found_to_milliradians() -> None:
    found = retrieve_rabbitt(
        trace_of(CHIRP), ionisation_energy=ARGON, wavelength=800e-9, orders=(13, 23)
    )
    delay = found.extra["group_delay"][1]
    away = np.angle(np.exp(1j * (2.0 * OMEGA * delay - np.diff(CHIRP))))
    assert_allclose(away, 0.0, atol=3e-3)
    assert_allclose(found.extra["harmonic_order"][1], ORDERS)
    size = found.extra["harmonic_amplitude"][1]
    assert_allclose(size, SIZES / SIZES.max(), atol=0.02)
    assert np.all(found.extra["group_delay_error"][1] < 1e-18)
    assert found.error < 1e-3
    assert plot_attosecond_retrieval(found).axes[0].get_title() == "measured"
    assert found.to_dataset()["harmonic_phase"].attrs["units"] == "rad"


def test_the_burst_is_the_sum_of_the_harmonics() -> None:
    found = retrieve_rabbitt(
        trace_of(0.0 * CHIRP), ionisation_energy=ARGON, wavelength=800e-9
    )
    time = np.linspace(-0.6e-15, 0.6e-15, 4001)
    waves = SIZES @ np.exp(-1j * np.outer(ORDERS * OMEGA, time))
    power = np.abs(waves) ** 2
    lit = time[power > 0.5 * power.max()]
    assert found.fwhm == pytest.approx(np.ptp(lit), rel=0.01)
    low, high = found.fwhm_interval
    assert low <= found.fwhm * 1.001
    assert high - low < 2e-18


def test_a_train_that_comes_later_shifts_all_sidebands_alike() -> None:
    late = 60e-18
    moved = retrieve_rabbitt(
        trace_of(CHIRP + late * OMEGA * ORDERS, late=100e-18),
        ionisation_energy=ARGON,
        wavelength=800e-9,
        orders=(13, 23),
        n_bootstrap=0,
    )
    delay = moved.extra["group_delay"][1] * 2.0 * OMEGA
    away = np.angle(np.exp(1j * (delay - np.diff(CHIRP) - 2.0 * OMEGA * late)))
    assert_allclose(away, 0.0, atol=4e-3)


def test_atomic_phases_are_taken_away() -> None:
    axis = np.linspace(0.5, 40.0, 80) * EV
    phase = 2e-17 / HBAR * axis * np.linspace(1.0, 0.3, 80)
    dipole = PhotoDipole(energy=axis, magnitude=np.ones(80), phase=phase)
    trace = trace_of(CHIRP, dipole)
    options = {
        "ionisation_energy": ARGON,
        "wavelength": 800e-9,
        "orders": (13, 23),
        "n_bootstrap": 0,
    }
    without = retrieve_rabbitt(trace, **options)  # type: ignore[arg-type]
    apart = retrieve_rabbitt(trace, dipole=dipole, **options)  # type: ignore[arg-type]
    delay = apart.extra["group_delay"][1] * 2.0 * OMEGA
    away = np.angle(np.exp(1j * (delay - np.diff(CHIRP))))
    assert_allclose(away, 0.0, atol=4e-3)
    kept = without.extra["group_delay"][1] - apart.extra["group_delay"][1]
    assert_allclose(
        kept, dipole.delay((ORDERS[:-1] + 1) * HBAR * OMEGA - ARGON), rtol=0.02
    )


def test_sidebands_of_second_order_beat_at_twice_the_frequency() -> None:
    delay = np.linspace(0.0, np.pi / OMEGA, 40, endpoint=False)
    signal = sideband_signals(delay, ORDERS, SIZES, CHIRP, wavelength=800e-9)
    beat = np.exp(2j * OMEGA * delay) @ signal
    assert_allclose(
        np.angle(np.exp(-1j * np.angle(beat)) * np.exp(-1j * np.diff(CHIRP))),
        0.0,
        atol=1e-9,
    )
    assert_allclose(signal.mean(axis=0), SIZES[1:] ** 2 + SIZES[:-1] ** 2)


def test_traces_that_show_no_beating_are_refused() -> None:
    trace = trace_of(CHIRP)
    options = {"ionisation_energy": ARGON, "wavelength": 800e-9}
    with pytest.raises(InvalidValue, match="half a cycle"):
        retrieve_rabbitt(trace.isel(delay=slice(6)), **options)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="two neighbouring"):
        retrieve_rabbitt(trace, orders=(13, 13), **options)  # type: ignore[arg-type]
    blind = trace.isel(delay=slice(8)).assign_coords(
        delay=np.pi / OMEGA * np.arange(8) / 2.0
    )
    with pytest.raises(InvalidValue, match="one phase again and again"):
        retrieve_rabbitt(blind, **options)  # type: ignore[arg-type]
    coarse = trace.isel(energy=slice(None, None, 8))
    with pytest.raises(InvalidValue, match="closer than"):
        retrieve_rabbitt(coarse, **options)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="steps of two"):
        sideband_signals([0.0], [1, 2], [1.0, 1.0], [0.0, 0.0], wavelength=8e-7)
    with pytest.raises(InvalidValue, match="as many values as orders"):
        sideband_signals([0.0], [1, 3, 5], [1.0, 1.0], np.zeros(3), wavelength=8e-7)
    with pytest.raises(InvalidValue, match="each of 2 sidebands"):
        sideband_signals(
            [0.0], [1, 3, 5], np.ones(3), np.zeros(3), wavelength=8e-7,
            atomic_phases=[0.0],
        )  # fmt: skip
    with pytest.raises(InvalidValue, match="not zero"):
        harmonic_train([1, 3], [0.0, 0.0], [0.0, 0.0], wavelength=8e-7, fwhm=1e-14)


def test_a_flat_background_is_no_harmonic_and_no_amplitude() -> None:
    trace = trace_of(CHIRP)
    empty = trace.isel(energy=slice(100)) * 0.0
    energy = trace["energy"].values
    empty = empty.assign_coords(
        energy=energy[-1] + (energy[1] - energy[0]) * np.arange(1, 101)
    )
    longer = xr.concat([trace, empty], dim="energy", combine_attrs="override")
    options = {"ionisation_energy": ARGON, "wavelength": 800e-9, "n_bootstrap": 30}
    clean = retrieve_rabbitt(longer, **options)  # type: ignore[arg-type]
    level = 0.02 * float(longer["spectrum"].max())
    rng = np.random.default_rng(1)
    noise = 0.02 * level * rng.standard_normal(longer["spectrum"].shape)
    dark = longer.copy(data={"spectrum": longer["spectrum"] + level + noise})
    found = retrieve_rabbitt(dark, **options)  # type: ignore[arg-type]
    assert_allclose(found.extra["harmonic_order"][1], ORDERS)
    assert float(found.extra["background"][1]) == pytest.approx(0.02 / 1.02, rel=0.05)
    assert found.fwhm == pytest.approx(clean.fwhm, rel=0.01)
    low, high = found.fwhm_interval
    assert low < clean.fwhm < high
    given = retrieve_rabbitt(dark, background=level, **options)  # type: ignore[arg-type]
    assert given.fwhm == pytest.approx(clean.fwhm, rel=0.01)
    kept = retrieve_rabbitt(dark, background=0.0, **options)  # type: ignore[arg-type]
    assert kept.extra["harmonic_order"][1].size > ORDERS.size
    assert found.to_dataset()["background"].shape == ()


@pytest.mark.parametrize("orders", ["ab", (13,), (13.5, 21), (math.nan, 21), (21, 13)])
def test_orders_are_two_whole_numbers(orders: Any) -> None:
    options: dict[str, Any] = {
        "ionisation_energy": ARGON,
        "wavelength": 800e-9,
        "n_bootstrap": 0,
    }
    with pytest.raises((InvalidKind, InvalidValue), match="orders"):
        retrieve_rabbitt(trace_of(CHIRP), orders=orders, **options)
