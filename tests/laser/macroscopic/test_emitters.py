"""Emitters against the dipoles of one atom."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse
from qleap.laser.driving import driving_field
from qleap.laser.harmonics import (
    RecombinationElement,
    photoionisation_table,
    recombination_element,
    rescattering_corrected,
    sfa_dipole,
)
from qleap.laser.ionisation import atom
from qleap.laser.macroscopic import RescatteringEmitter, SfaEmitter
from qleap.laser.tdse import central_potential

CYCLE = 800e-9 / SPEED_OF_LIGHT


def test_emitters_are_the_dipoles_of_one_atom() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-6)
    field = driving_field(pulse, peak_intensity=1.2e18, step=CYCLE / 150.0)
    options: dict[str, Any] = {"longest_excursion": CYCLE, "excursion_fade": 0.4}
    dipole = sfa_dipole(field, "Ar", **options)
    options["target"] = "Ar"
    real = RescatteringEmitter(**options)
    for emitter, expected in (
        (SfaEmitter(**options), dipole),
        (real, rescattering_corrected(dipole, "Ar")),
    ):
        found = emitter.accelerations(field.field, field.step)
        wanted = expected["dipole_acceleration"].values
        assert np.abs(found - wanted).max() < 1e-9 * np.abs(wanted).max()
    assert real.parameters() != SfaEmitter(**options).parameters()
    with pytest.raises(InvalidValue, match="longest_excursion"):
        RescatteringEmitter(target="Ar", longest_excursion=-1.0)


def test_the_bound_on_the_effort_is_that_of_the_emitter() -> None:
    fields = 1e9 * np.sin(np.arange(2048) * 0.02)[None]
    options: dict[str, Any] = {"target": "Ar", "longest_excursion": 500e-18}
    for kind in (SfaEmitter, RescatteringEmitter):
        with pytest.raises(InvalidValue, match=r"<= 1e-12 h of one core.*most_hours"):
            kind(**options, most_hours=1e-12).accelerations(fields, 10e-18)
        free, bound = kind(**options, most_hours=None), kind(**options)
        one, other = (each.accelerations(fields, 10e-18) for each in (free, bound))
        assert np.array_equal(one, other)
        assert free.parameters() == bound.parameters()
        with pytest.raises(InvalidValue, match="most_hours must be > 0 h"):
            kind(**options, most_hours=0.0)


def test_emitters_take_what_a_correction_takes_and_refuse_the_rest() -> None:
    options: dict[str, Any] = {"target": "Ar", "longest_excursion": CYCLE}
    known = recombination_element("Ar (Muller)").values
    for element in ("Ar (Muller)", central_potential("Ar (Muller)")):
        made = RescatteringEmitter(element=element, **options)
        assert isinstance(made.element, RecombinationElement)
        assert np.array_equal(made.element.values, known)
    with pytest.raises(InvalidKind, match=r"element must be a Recomb.*table="):
        RescatteringEmitter(**{**options, "element": photoionisation_table("Ar")})
    for emitter in (SfaEmitter, RescatteringEmitter):
        for target in (None, "argon gas"):
            with pytest.raises((InvalidKind, InvalidValue), match="must be"):
                emitter(**{**options, "target": target})
        with pytest.raises(InvalidKind, match="rates must be a RateTable, got 3"):
            emitter(**{**options, "rates": 3})


def test_atoms_of_one_name_and_other_energies_are_told_apart() -> None:
    # A store would give the result of one for the other.
    options: dict[str, Any] = {"longest_excursion": CYCLE, "element": "Ar"}
    other = dataclasses.replace(atom("Ar"), ionisation_energy=2.6e-18)
    for emitter in (SfaEmitter, RescatteringEmitter):
        given = {k: v for k, v in options.items() if hasattr(emitter, k)}
        told = [emitter(target=t, **given).parameters() for t in ("Ar", other)]
        assert told[0] != told[1]
        assert told[0] == emitter(target=atom("Ar"), **given).parameters()
