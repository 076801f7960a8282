"""Doors to beams and crystals refuse what is of the wrong kind, with a clear word."""

import math
from typing import Any

import numpy as np
import pytest

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import (
    Beam,
    Capillary,
    FieldGrid,
    Grid,
    Pulse,
    critical_power,
    mix_envelopes,
    propagate_beam,
    propagate_capillary,
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
        ({"wavelengths": (None, 2e-6)}, "wavelengths must be one real number in m"),
        ({"length": 10**400}, "length must be one real number in m, got 1000"),
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
        ({"full_field": False}, "with full_field=False: envelopes are kept about"),
        ({"grid": FIELDS}, "wavelengths must be left out where a grid is given"),
    ],
)
def test_wavelengths_that_would_be_ignored_are_refused(
    change: dict[str, Any], message: str
) -> None:
    band: dict[str, Any] = {"wavelengths": (4e-7, 2e-6), **change}
    with pytest.raises(InvalidValue, match=message):
        propagate_beam(PULSE, ARGON, 1e-4, length=0.01, **band)
    guide = Capillary(core_radius=1e-4, length=0.1, gas="argon", pressure=1e4)
    with pytest.raises(InvalidValue, match=message):
        propagate_capillary(PULSE, guide, **band)
    if "grid" in change:
        with pytest.raises(InvalidValue, match=message):
            propagate_crystal(
                {"o": PULSE}, BBO, length=1e-4, theta=0.5, area=1e-6, **band
            )


@pytest.mark.parametrize("name", ["symmetry", "plasma"])
def test_an_array_is_not_a_word(name: str) -> None:
    given: dict[str, Any] = {name: np.array([1.0, 2.0])}
    with pytest.raises(InvalidValue, match=f"{name} must be one of .* got array"):
        propagate_beam(PULSE, ARGON, 1e-4, length=0.01, **given)


def test_an_array_of_edge_and_number_is_asked_for_a_whole_number() -> None:
    with pytest.raises(InvalidValue, match="n_radii must be between 4 and 4096, got 2"):
        propagate_beam(
            PULSE, ARGON, 1e-4, length=0.01,
            transverse=np.array([1e-3, 2.0]),  # type: ignore[arg-type]
        )  # fmt: skip


def test_a_million_threads_are_refused_before_they_are_made() -> None:
    with pytest.raises(InvalidValue, match="threads must be between 1 and 1024"):
        propagate_beam(PULSE, ARGON, 1e-4, length=0.01, threads=10**6)


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


def test_mixings_and_crystals_refuse_what_is_no_number_or_letter() -> None:
    with pytest.raises(InvalidKind, match="polarisations must be three letters"):
        ThreeWaveMixing.second_harmonic(BBO, 800e-9, None)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="signal must be one real number in m"):
        ThreeWaveMixing.parametric(
            BBO,
            pump=4e-7,
            signal=None,  # type: ignore[arg-type]
            polarisations="ooe",
        )
    with pytest.raises(InvalidKind, match="theta must be real numbers in rad"):
        MIXING.mismatch("flat")
    with pytest.raises(InvalidValue, match="theta must be finite in rad, got nan"):
        MIXING.mismatch(math.nan)
    with pytest.raises(InvalidValue, match="phi must be a finite number in rad"):
        MIXING.matching_angles(phi=math.inf)
    with pytest.raises(InvalidKind, match="theta must be one real number in rad"):
        MIXING.effective_nonlinearity([0.5, 0.6])  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="wavelength must be real numbers in m"):
        BBO.refractive_index("red", "o", 0.5)
