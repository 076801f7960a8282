"""Scans of attosecond light over its driver."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse
from qleap.laser.attosecond import (
    Colour,
    cep_scan,
    double_optical_gate,
    driver_scan,
    isolated_pulse,
    plot_scan,
    synthesised_field,
    synthesiser_scan,
)
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.pulses import polarisation_gate

FEW = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, peak_power=1.0)
BAND = (50 * ELECTRONVOLT, 90 * ELECTRONVOLT)


def turned(data: Any, values: tuple[str, ...] = ("energy", "fwhm", "limit")) -> float:
    """Return the relative change of figures between phases half a turn apart."""
    half = data.sizes["cep"] // 2
    return max(
        float(np.abs(data[v].values[:half] / data[v].values[half:] - 1.0).max())
        for v in values
    )


def test_light_of_one_colour_repeats_after_half_a_turn_of_the_phase() -> None:
    phases = np.arange(8) * np.pi / 4
    data = cep_scan(FEW, "Ar", BAND, intensity=3e18, ceps=phases)
    assert turned(data) < 1e-9
    # It changes between, and the spectrum's end with it.
    assert np.ptp(data["after"].values) > 0.3
    assert data["spectrum"].dims == ("cep", "frequency")
    assert data["cutoff"].attrs["units"] == "J"
    figure = plot_scan(data)
    assert [ax.get_xlabel() for ax in figure.axes[:4]] == ["cep (pi rad)"] * 4


def test_polarisation_gates_repeat_after_half_a_turn_and_double_ones_do_not() -> None:
    pulse = Pulse(shape="gaussian", wavelength=750e-9, fwhm=5e-15, peak_power=1.0)
    phases = np.array([0.4, 0.4 + np.pi])
    single = polarisation_gate(pulse, 6e-15)
    double = double_optical_gate(pulse, 6e-15, ratio=0.3)
    once = cep_scan(single, "Ar", BAND, intensity=3e18, ceps=phases)
    twice = cep_scan(double, "Ar", BAND, intensity=3e18, ceps=phases)
    assert turned(once) < 1e-9
    assert turned(twice) > 0.1


def test_scans_of_a_synthesiser_are_its_single_calls(tmp_path: Path) -> None:
    colours = [
        Colour(wavelength=800e-9, fwhm=8e-15, intensity=1e18),
        Colour(wavelength=1300e-9, fwhm=12e-15, intensity=2e17),
    ]
    band = (25 * ELECTRONVOLT, 50 * ELECTRONVOLT)
    delays = np.array([-1e-15, 0.0, 1e-15])
    data = synthesiser_scan(
        colours, 1, "delay", delays, "Ar", band, excursion_fade=0.3,
        store=tmp_path / "scan", workers=1,
    )  # fmt: skip
    alone = isolated_pulse(synthesised_field(colours), "Ar", band, excursion_fade=0.3)
    assert float(data["fwhm"][1]) == pytest.approx(alone.bursts.fwhm, rel=1e-2)
    assert float(data["energy"][1]) == pytest.approx(alone.light.energy, rel=1e-2)
    again = synthesiser_scan(
        colours, 1, "delay", delays, "Ar", band, excursion_fade=0.3,
        store=tmp_path / "scan", workers=2,
    )  # fmt: skip
    assert again.equals(data)


def test_drivers_on_different_times_are_refused() -> None:
    def make(intensity: float) -> DrivingField:
        return driving_field(FEW, peak_intensity=intensity)

    with pytest.raises(InvalidValue, match="same times"):
        driver_scan(make, [1e18, 3e18], "Ar", BAND, name="intensity")
    with pytest.raises(InvalidKind, match="make must return"):
        driver_scan(lambda _: FEW, [1.0], "Ar", BAND)  # type: ignore[arg-type,return-value]
    with pytest.raises(InvalidValue, match="cep_scan"):
        plot_scan("scan")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="quantity"):
        synthesiser_scan(
            [Colour(wavelength=8e-7, fwhm=1e-14, intensity=1e18)], 0, "colour", [1.0],
            "Ar", BAND,
        )  # fmt: skip
    one = Colour(wavelength=8e-7, fwhm=1e-14, intensity=1e18)
    with pytest.raises(InvalidKind, match="colours must be a list of Colour"):
        synthesiser_scan(one, 0, "cep", [1.0], "Ar", BAND)  # type: ignore[arg-type]


def test_the_bound_on_the_effort_is_reached_through_every_door(tmp_path: Path) -> None:
    colours = [Colour(wavelength=800e-9, fwhm=8e-15, intensity=1e18)]
    driving = driving_field(FEW, peak_intensity=3e18)
    doors: list[Callable[..., Any]] = [
        lambda **most: isolated_pulse(driving, "Ar", BAND, **most),
        lambda **most: driver_scan(lambda _: driving, [1.0], "Ar", BAND, **most),
        lambda **most: cep_scan(FEW, "Ar", BAND, intensity=3e18, ceps=[0.0], **most),
        lambda **most: synthesiser_scan(
            colours, 0, "cep", [0.0], "Ar", (BAND[0] / 2, BAND[0]), **most
        ),
    ]
    for door in doors:
        with pytest.raises(InvalidValue, match=r"<= 1e-12 h of one core.*most_hours"):
            door(most_hours=1e-12)
        assert door(most_hours=None) is not None
    # What was refused before its first point leaves a store that can be used.
    store = tmp_path / "scan"
    with pytest.raises(InvalidValue, match="most_hours"):
        doors[2](most_hours=1e-12, store=store)
    assert doors[2](most_hours=None, store=store).sizes["cep"] == 1
