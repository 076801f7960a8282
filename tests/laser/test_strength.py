"""Every door refuses light that no medium takes, before it looks for a grid."""

import math
from typing import Any

import pytest

from qleap.core.errors import InvalidValue
from qleap.laser import (
    Beam,
    Capillary,
    Fibre,
    Grid,
    Pulse,
    mix_envelopes,
    propagate_beam,
    propagate_capillary,
    propagate_crystal,
    propagate_ensemble,
    propagate_fibre,
)
from qleap.laser.media import Crystal, Material, ThreeWaveMixing
from qleap.laser.propagation.fibre import chosen_grid

BBO = Crystal(name="BBO")
MIXING = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")
FIBRE = Fibre(length=0.1, wavelength=800e-9, betas=(-1e-26,), gamma=0.1)
SPAN = Capillary(core_radius=100e-6, length=0.1, gas="argon", pressure=1e5)
SILICA = Material(name="fused silica")


def pulse(energy: float) -> Pulse:
    return Pulse(shape="gaussian", wavelength=800e-9, fwhm=50e-15, energy=energy)


@pytest.mark.parametrize(
    ("door", "rest", "energy", "got"),
    [
        (propagate_fibre, {"fibre": FIBRE}, 1.0, "peak power of 1.88e.13 W"),
        (propagate_ensemble, {"fibre": FIBRE}, 1.0, "gamma in 1/.W m"),
        (propagate_capillary, {"capillary": SPAN}, 1e3, "core_radius in m"),
        (
            propagate_beam,
            {"medium": SILICA, "beam": 1e-3, "length": 0.01},
            1.0,
            "energy in J, fwhm in s, radius in m",
        ),
    ],
)
def test_a_slip_of_units_is_told_by_the_nonlinear_index(
    door: Any, rest: dict[str, Any], energy: float, got: str
) -> None:
    with pytest.raises(InvalidValue, match=rf"n2 I must be <= 0\.1.*{got}"):
        door(pulse(energy), **rest)


def test_the_fibres_bound_is_at_a_tenth_of_the_index() -> None:
    # n2 I = gamma P / k0, so that 0.1 is reached at P = 0.1 k0 / gamma.
    power = 0.1 * 2.0 * math.pi / 800e-9 / FIBRE.gamma
    beyond = Pulse(wavelength=800e-9, fwhm=50e-15, peak_power=1.001 * power)
    with pytest.raises(InvalidValue, match=r"got 0\.1 at"):
        propagate_fibre(beyond, FIBRE)
    less = Pulse(wavelength=800e-9, fwhm=50e-15, peak_power=0.999 * power)
    grid = Grid.fitting(less)
    assert chosen_grid(less, FIBRE, grid) is grid


@pytest.mark.parametrize(
    "call",
    [
        lambda light: propagate_crystal(
            {"o": light}, BBO, length=1e-3, phase_matched="ooe", area=1e-8
        ),
        lambda light: mix_envelopes([light, None], MIXING, length=1e-3, area=1e-8),
    ],
)
def test_crystals_refuse_fields_that_answer_by_more_than_a_tenth(call: Any) -> None:
    with pytest.raises(InvalidValue, match=r"2 d E must be <= 0\.1.*W/m\^2.*waist in"):
        call(pulse(1.0))


def test_crystals_refuse_an_absurd_nonlinear_index() -> None:
    with pytest.raises(InvalidValue, match=r"n2 I must be <= 0\.1.*n2 in m\^2/W"):
        propagate_crystal(
            {"o": pulse(1e-6)}, BBO, length=1e-3, theta=0.5, area=1e-8, n2=5e-16
        )


@pytest.mark.parametrize(
    ("beam", "area"),
    [
        (Beam(radius=2.0), 0.5 * math.pi * 4.0),
        (Beam(radius=(1.0, 3.0)), 0.5 * math.pi * 3.0),
        (Beam(radius=1.0, order=2), math.pi**1.5 / (2.0 * math.sqrt(2.0))),
        (Beam(radius=1.0, charge=1), 0.25 * math.pi * 2.0 * math.e),
    ],
)
def test_the_peak_area_of_a_beam_is_that_of_its_integral(
    beam: Beam, area: float
) -> None:
    assert beam.peak_area == pytest.approx(area, rel=1e-6)
