"""Absorption of what is none, or too much, is refused in words; parts add up."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from qleap.core.constants import BOHR_RADIUS, ELECTRONVOLT, ELEMENTARY_CHARGE
from qleap.core.errors import InvalidKind, InvalidValue, QleapError
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.metrology import (
    Levels,
    absorption_of,
    absorption_spectra,
    transient_absorption,
)

EV = ELECTRONVOLT
DEBYE = ELEMENTARY_CHARGE * BOHR_RADIUS
TIME = 6e-18 * np.arange(-200.0, 201.0)
ENERGIES = np.linspace(20.0, 22.0, 5) * EV


def light(components: int = 1, late: float = 0.0) -> DrivingField:
    wave = np.exp(-((TIME / 200e-18) ** 2)) * np.cos(21.0 * EV / 1.0546e-34 * TIME)
    return DrivingField(
        time=np.asarray(TIME + late),
        field=np.stack([1e9 * wave] * components),
        wavelength=59e-9,
    )


def levels(**changes: Any) -> Levels:
    given = {
        "energies": [0.0, 21.0 * EV],
        "dipoles": DEBYE * np.array([[0.0, 0.4], [0.4, 0.0]]),
        "widths": [0.0, 0.1 * EV],
    }
    return Levels(**{**given, **changes})


def dipole() -> xr.Dataset:
    return dipole_dataset(light(), np.sin(1e16 * TIME), {})


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"dipoles": "abc"}, InvalidKind, "dipoles must be"),
        ({"dipoles": [[0.0, 1.0], [1.0]]}, InvalidKind, "dipoles must be"),
        ({"dipoles": np.eye(2) * 1j}, InvalidKind, "so that they are real"),
        ({"dipoles": np.zeros((2, 2))}, InvalidValue, "above zero somewhere"),
        ({"dipoles": np.ones((2, 2))}, InvalidValue, "one debye is"),
        ({"widths": []}, InvalidValue, "widths must be 2 values"),
        ({"energies": [0.0, 21.0]}, InvalidValue, "one electronvolt is"),
    ],
)
def test_levels_that_are_none_are_refused(
    change: dict[str, Any], error: type[QleapError], words: str
) -> None:
    with pytest.raises(error, match=words):
        levels(**change)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"pulse": None}, InvalidKind, "pulse must be a DrivingField"),
        ({"pulse": light(2)}, InvalidValue, "pulse must be linear"),
        ({"pulse": light().scaled(0.0)}, InvalidValue, "pulse must hold light"),
        ({"energies": 40.0 * ENERGIES}, InvalidValue, "pulse must hold light"),
        ({"energies": [1.0, 2.0]}, InvalidValue, r"energies\[-1\] must lie between"),
        ({"dressing": "light"}, InvalidKind, "dressing must be a DrivingField"),
        ({"dressing": light(2)}, InvalidValue, "dressing must be linear"),
        ({"delays": [0.0, 1.0]}, InvalidValue, "take nearer delays"),
        ({"delays": [0.0, 1e300]}, InvalidValue, "take nearer delays"),
        ({"delays": np.zeros(2**22)}, InvalidValue, "a result must have"),
        ({"levels": levels(widths=[0.0, 0.0])}, InvalidValue, "beside the line at"),
    ],
)
def test_absorption_that_cannot_be_computed_is_refused(
    change: dict[str, Any], error: type[QleapError], words: str
) -> None:
    given = {
        "levels": levels(),
        "pulse": light(),
        "dressing": light(),
        "delays": [0.0, 1e-15],
        "energies": ENERGIES,
        **change,
    }
    with pytest.raises(error, match=words):
        transient_absorption(**given)


def test_uneven_energies_beyond_reason_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(absorption_spectra, "MOST_TURNS", 1000)
    given: dict[str, Any] = {"delays": [0.0], "energies": ENERGIES}
    transient_absorption(levels(), light(), None, **given)
    given["energies"] = ENERGIES**1.5 / EV**0.5
    with pytest.raises(InvalidValue, match=r"even ones \(numpy.linspace\)"):
        transient_absorption(levels(), light(), None, **given)


@pytest.mark.parametrize("power", [1.0, 1.01])
def test_long_times_are_transformed_in_parts(
    monkeypatch: pytest.MonkeyPatch, power: float
) -> None:
    energies = EV * (ENERGIES / EV) ** power
    given: dict[str, Any] = {"delays": [0.0, 1e-16], "energies": energies}
    whole = transient_absorption(levels(), light(), light(), **given)
    monkeypatch.setattr(absorption_spectra, "PART", 97)
    parts = transient_absorption(levels(), light(), light(), **given)
    assert_allclose(parts["response"], whole["response"], rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"dipoles": None}, InvalidKind, "dipoles must be a dataset of the kind"),
        ({"dipoles": ["a"]}, InvalidKind, "dipoles must be a dataset of the kind"),
        ({"dipoles": []}, InvalidValue, "one dataset at least"),
        ({"dipoles": dipole().isel(time=0)}, InvalidValue, "with lists or slices"),
        (
            {"dipoles": dipole().drop_vars("dipole_acceleration")},
            InvalidValue,
            "must hold dipole_acceleration",
        ),
        ({"dipoles": dipole().isel(time=[0])}, InvalidValue, "time must have at least"),
        ({"dipoles": dipole()[["field"]]}, InvalidValue, "got none"),
        (
            {"dipoles": dipole().assign_coords(time=1e18 * TIME**3)},
            InvalidValue,
            "equal steps",
        ),
        ({"pulse": None}, InvalidKind, "pulse must be a DrivingField"),
        ({"pulse": light(late=2e-15)}, InvalidValue, "the pulse within their times"),
        ({"energies": -ENERGIES[::-1]}, InvalidValue, r"energies\[0\] must be > 0"),
        ({"energies": 40.0 * ENERGIES}, InvalidValue, "solve it on finer times"),
        ({"delays": ["a"]}, InvalidKind, "delays must be an array"),
    ],
)
def test_dipoles_that_absorb_nothing_are_refused(
    change: dict[str, Any], error: type[QleapError], words: str
) -> None:
    given = {
        "dipoles": dipole(),
        "pulse": light(),
        "energies": ENERGIES,
        **change,
    }
    with pytest.raises(error, match=words):
        absorption_of(**given)


def test_a_dipole_of_turned_dimensions_is_the_same() -> None:
    there = absorption_of(dipole(), light(), energies=ENERGIES)
    turned = absorption_of(dipole().transpose(), light(), energies=ENERGIES)
    assert turned["response"].equals(there["response"])
    bad = dipole()
    bad["dipole_acceleration"][0, 3] = np.nan
    with pytest.raises(InvalidValue, match="dipole_acceleration must be finite"):
        absorption_of(bad, light(), energies=ENERGIES)
