"""Gates and synthesised fields against formulas of their own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse
from qleap.laser.attosecond import (
    Colour,
    double_optical_gate,
    gate_width,
    gated_field,
    synthesised,
    synthesised_field,
    with_cep,
)
from qleap.laser.pulses import PolarisedPulse, delayed, ellipticity, polarisation_gate

PULSE = Pulse(shape="gaussian", wavelength=750e-9, fwhm=7e-15, peak_power=1.0)


def envelopes(light: PolarisedPulse, time: NDArray[np.float64]) -> Any:
    """Return both envelopes about the first carrier at times."""
    fields = np.zeros((2, time.size), complex)
    for term, vector in zip(light.terms[:2], light.vectors, strict=False):
        fields += np.outer(vector, term.envelope(time))
    return fields


@pytest.mark.parametrize("axes", [1.0, 0.5, 0.3])
def test_gate_ends_where_the_ellipticity_reaches_the_threshold(axes: float) -> None:
    light = double_optical_gate(PULSE, 8e-15, ratio=0.0, ellipticity=axes)
    width = gate_width(7e-15, 8e-15, threshold=0.2, ellipticity=axes)
    found = ellipticity(envelopes(light, 0.5 * width * np.array([-1.0, 0.0, 1.0])))
    np.testing.assert_allclose(found, [-0.2, 0.0, 0.2], atol=1e-9)


def test_gate_of_circles_is_the_polarisation_gate() -> None:
    ours = double_optical_gate(PULSE, 8e-15, ratio=0.0)
    theirs = polarisation_gate(PULSE, 8e-15)
    time = np.linspace(-15e-15, 15e-15, 301)
    np.testing.assert_allclose(ours.fields(time), theirs.fields(time), atol=1e-12)


def test_gate_width_is_what_textbooks_round_to() -> None:
    # 0.3 tau^2 / T_d for a threshold of 0.2, as quoted by M. Koeberlin's notes.
    assert gate_width(5e-15, 5e-15) / 5e-15 == pytest.approx(0.3, rel=0.03)
    # Ellipses make it shorter by their ratio.
    half = gate_width(5e-15, 5e-15, ellipticity=0.5)
    assert half / gate_width(5e-15, 5e-15) == pytest.approx(0.5, rel=0.02)
    assert gate_width(5e-15, 5e-15, threshold=1.0) == np.inf


def test_second_harmonic_makes_half_cycles_unequal_by_its_ratio() -> None:
    light = double_optical_gate(PULSE, 7e-15, ratio=0.3)
    cycle = PULSE.wavelength / SPEED_OF_LIGHT
    crest, trough = light.fields(np.array([0.0, 0.5 * cycle]))[0]
    plain = double_optical_gate(PULSE, 7e-15, ratio=0.0)
    up, down = plain.fields(np.array([0.0, 0.5 * cycle]))[0]
    assert crest / up == pytest.approx(1.3, rel=1e-12)
    assert trough / down == pytest.approx(0.7, abs=0.01)
    assert light.terms[2].wavelength == pytest.approx(375e-9)


def test_phase_of_the_driver_turns_its_second_harmonic_twice() -> None:
    light = double_optical_gate(PULSE, 7e-15, ratio=0.3)
    time = np.linspace(-10e-15, 10e-15, 201)
    made = double_optical_gate(
        Pulse(shape="gaussian", wavelength=750e-9, fwhm=7e-15, peak_power=1.0, cep=0.7),
        7e-15,
        ratio=0.3,
    )
    turned = with_cep(light, 0.7).fields(time)
    np.testing.assert_allclose(turned, made.fields(time), atol=1e-12)
    once = with_cep(PULSE, 0.7).field(time)
    np.testing.assert_allclose(once, delayed(PULSE, 0.0, phase=0.7).field(time))


def test_gated_field_has_the_intensity_asked_for_in_the_middle() -> None:
    light = double_optical_gate(PULSE, 9e-15, ratio=0.4, phase=0.5, ellipticity=0.5)
    plain = double_optical_gate(PULSE, 9e-15, ratio=0.0, ellipticity=0.5)
    with_harmonic, without = (gated_field(made, 2e18) for made in (light, plain))
    at = np.argmin(np.abs(without.time))
    amplitude = without.field[0, at]
    found = 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * amplitude**2
    assert found == pytest.approx(2e18, rel=1e-9)
    # The second harmonic comes on top.
    middle = np.argmin(np.abs(with_harmonic.time))
    share = with_harmonic.field[0, middle] / amplitude
    assert share == pytest.approx(1.0 + 0.4 * np.cos(0.5), rel=1e-9)
    assert with_harmonic.wavelength == 750e-9


def test_colours_add_as_cosines() -> None:
    colours = [
        Colour(wavelength=800e-9, fwhm=30e-15, intensity=1e18),
        Colour(
            wavelength=1300e-9, fwhm=40e-15, intensity=2e17, delay=3e-15, cep=0.4
        ),
    ]  # fmt: skip
    driving = synthesised_field(colours)
    t = driving.time
    expected = np.zeros(t.size)
    for c in colours:
        size = np.sqrt(2.0 * c.intensity / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
        away = t - c.delay
        shape = np.exp(-2.0 * np.log(2.0) * (away / c.fwhm) ** 2)
        omega = 2.0 * np.pi * SPEED_OF_LIGHT / c.wavelength
        expected += size * shape * np.cos(omega * away + c.cep)
    np.testing.assert_allclose(driving.field[0], expected, atol=1e-7 * expected.max())
    assert driving.wavelength == 800e-9
    assert colours[1].light.delay == 3e-15
    assert len(synthesised(colours).parts) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: double_optical_gate(PULSE, 0.0, ratio=0.1), "delay"),
        (lambda: double_optical_gate(PULSE, 1e-15, ratio=-1.0), "ratio"),
        (
            lambda: double_optical_gate(PULSE, 1e-15, ratio=0.1, ellipticity=0.0),
            "ellipticity",
        ),
        (lambda: gate_width(1e-15, 1e-15, threshold=1.5), "threshold"),
        (lambda: synthesised([]), "colours"),
        (lambda: double_optical_gate(PULSE, 3e-13, ratio=0.1), "overlap"),
        (
            lambda: gated_field(double_optical_gate(PULSE, 3e-13, ratio=0.0), 1e18),
            "shorter delay",
        ),
        (
            lambda: Colour(wavelength=800e-9, fwhm=1e-14, intensity=-1.0),
            "intensity",
        ),
    ],
)
def test_impossible_gates_and_colours_are_refused(
    call: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        call()


def test_other_objects_than_light_are_refused() -> None:
    with pytest.raises(InvalidKind, match="light"):
        gated_field(PULSE, 1e18)  # type: ignore[arg-type]
    colour = Colour(wavelength=800e-9, fwhm=1e-14, intensity=1e18)
    with pytest.raises(InvalidKind, match="put it in a list"):
        synthesised(colour)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match=r"colours\[0\]"):
        synthesised([PULSE])  # type: ignore[list-item]
    with pytest.raises(InvalidKind, match="light"):
        double_optical_gate("pulse", 1e-15, ratio=0.1)  # type: ignore[arg-type]
