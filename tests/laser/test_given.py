"""Doors to beams and crystals refuse what is of the wrong kind, with a clear word."""

import math
from typing import Any

import numpy as np
import pytest

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import (
    Beam,
    FieldGrid,
    Grid,
    Pulse,
    critical_power,
    mix_envelopes,
    propagate_beam,
    propagate_crystal,
    self_focusing_distance,
)
from qleap.laser.media import Crystal, Material, ThreeWaveMixing

PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=40e-15, energy=1e-6)
ARGON = Material(name="argon", pressure=1e5, temperature=293.0)
BBO = Crystal(name="BBO")
MIXING = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")
ENVELOPES = Grid(n_points=64, window=2.4e-13, wavelength=800e-9)
FIELDS = FieldGrid(
    n_points=1024, window=4e-13, wavelength=800e-9, band=(1.0e15, 3.9e15)
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pulse": 1.0}, "pulse must be light"),
        ({"medium": "argon"}, "medium must be a Material"),
        ({"medium": 3}, "medium must be a Material"),
        ({"beam": None}, "radius must be one real number in m, got None"),
        ({"beam": (1e-4, 1e-4, 1e-4)}, "radius must be one number, or two"),
        ({"grid": "wide"}, "grid must be a FieldGrid or Grid, got 'wide'"),
        ({"transverse": 1e-3}, "transverse must be the edge .* and the number"),
        ({"transverse": (1e-3,)}, "transverse must be the edge .* and the number"),
        ({"wavelengths": (5e-7,)}, "wavelengths must be the shortest and the longest"),
    ],
)
def test_a_beam_is_told_what_it_cannot_take(
    change: dict[str, Any], message: str
) -> None:
    good = {"pulse": PULSE, "medium": ARGON, "beam": 1e-4, "length": 0.01}
    with pytest.raises(InvalidKind, match=message):
        propagate_beam(**{**good, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": None}, "radius must be one real number"),
        ({"focal_length": "near"}, "focal_length must be one real number"),
        ({"focal_length": math.nan}, "focal_length must be a distance other than zero"),
        ({"charge": "one"}, "charge must be a whole number"),
        ({"tilt": 0.1}, "tilt must be two numbers, along x and y, in rad"),
        ({"tilt": (2.0, 0.0)}, "tilt must lie between"),
        ({"offset": (0.0, 0.0, 0.0)}, "offset must be two numbers"),
    ],
)
def test_a_shape_is_told_what_it_cannot_take(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises((InvalidKind, InvalidValue), match=message):
        Beam(**{"radius": 1e-4, **change})


def test_numbers_of_arrays_and_lists_make_a_shape() -> None:
    shape = Beam(
        radius=[1e-4, np.float32(2e-4)],  # type: ignore[arg-type]
        focal_length=np.float32(0.5),  # type: ignore[arg-type]
        charge=-2,
    )
    assert shape.radius == pytest.approx((1e-4, 2e-4))
    assert shape.focal_length == 0.5
    assert shape.largest_radius == pytest.approx(2e-4)


def test_formulas_of_self_focusing_refuse_what_has_no_meaning() -> None:
    with pytest.raises(InvalidKind, match="medium must be a Material"):
        critical_power(None, 800e-9)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="wavelength must be > 0 m"):
        critical_power(ARGON, 0.0)
    with pytest.raises(InvalidValue, match="critical must be > 0 W"):
        self_focusing_distance(1e9, 0.0, 1e-3, 1e7)
    with pytest.raises(InvalidValue, match="power must be >= 0 W"):
        self_focusing_distance(-1.0, 1e9, 1e-3, 1e7)
    with pytest.raises(InvalidValue, match="index must be > 0"):
        Beam.with_waist(1e-4, 0.1, 800e-9, index=0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pulses": PULSE}, "pulses must be a Mapping"),
        ({"pulses": {"o": 1.0}}, r"pulses\['o'\] must be light"),
        ({"pulses": {"o": None}}, r"pulses\['o'\] must be light"),
        ({"crystal": "BBO"}, "crystal must be a Crystal"),
        ({"grid": ENVELOPES}, "grid must be a FieldGrid, got Grid"),
        ({"phase_matched": 3}, "phase_matched must be a str, got 3"),
        ({"phi": "flat"}, "phi must be one real number in rad"),
        ({"phi": math.nan}, "phi must be a finite number in rad"),
        ({"poling": 1e-5}, "poling must be a Poling, got 1e-05"),
        ({"wavelengths": 1e-6}, "wavelengths must be the shortest and the longest"),
    ],
)
def test_a_crystal_is_told_what_it_cannot_take(
    change: dict[str, Any], message: str
) -> None:
    good = {"crystal": BBO, "length": 1e-4, "phase_matched": "ooe", "area": 1e-6}
    with pytest.raises((InvalidKind, InvalidValue), match=message):
        propagate_crystal(**{"pulses": {"o": PULSE}, **good, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pulses": PULSE}, "pulses must be a list or tuple"),
        ({"pulses": [1.0, None]}, r"pulses\[0\] must be light"),
        ({"mixing": "ooe"}, "mixing must be a ThreeWaveMixing"),
        ({"grid": FIELDS}, "grid must be a Grid, got a FieldGrid"),
        ({"absorption": np.sqrt}, "absorption must be one real number"),
    ],
)
def test_envelopes_are_told_what_they_cannot_take(
    change: dict[str, Any], message: str
) -> None:
    good = {"pulses": [PULSE, None], "mixing": MIXING, "length": 1e-3, "area": 1e-6}
    with pytest.raises(InvalidKind, match=message):
        mix_envelopes(**{**good, **change})


def test_a_grid_that_cuts_an_entering_envelope_off_is_refused() -> None:
    # As other doors do: the part of the pulse that had room went in without a word.
    for window, message in ((8.6e-14, "window must be"), (3e-12, "time step must be")):
        grid = Grid(n_points=64, window=window, wavelength=800e-9)
        with pytest.raises(InvalidValue, match=message):
            mix_envelopes(
                [PULSE, None], MIXING, length=1e-4, area=1e-6, grid=grid, n_positions=2
            )
