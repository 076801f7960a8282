"""Classical returns against known numbers, and the laws of the cutoff."""

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import (
    cosine_return,
    cutoff_energy,
    cutoff_factor,
    cutoff_intensity,
    cutoff_wavelength,
    recollisions,
)
from qleap.laser.ionisation import atom
from qleap.laser.pulses import ponderomotive_energy

WAVELENGTH = 800e-9
CYCLE = WAVELENGTH / SPEED_OF_LIGHT
TIME = np.arange(0.0, 4.0 * CYCLE, CYCLE / 128)


def wave(sign: float = 1.0) -> DrivingField:
    field = 3e10 * np.cos(2.0 * np.pi * TIME / CYCLE)
    return DrivingField(time=TIME, field=sign * field, wavelength=WAVELENGTH)


def test_the_fastest_return_is_that_of_corkum() -> None:
    born = np.radians(np.linspace(17.0, 19.0, 2001))
    phase, energy = cosine_return(born)
    best = energy.argmax()
    assert energy[best] == pytest.approx(3.17314, abs=2e-5)
    assert np.degrees(born[best]) == pytest.approx(17.96, abs=0.01)
    assert np.degrees(phase[best]) == pytest.approx(252.0, abs=0.1)


def test_births_at_the_crest_return_after_a_cycle_and_at_the_zero_at_once() -> None:
    phase, energy = cosine_return([0.0, 0.5 * np.pi])
    assert phase == pytest.approx([2.0 * np.pi, 0.5 * np.pi], abs=1e-3)
    assert energy == pytest.approx([0.0, 0.0], abs=1e-6)
    with pytest.raises(InvalidValue, match="quarter of a cycle"):
        cosine_return([-0.1])


def test_a_sampled_wave_has_the_returns_of_the_cosine() -> None:
    phases = np.radians([3.0, 18.0, 40.0, 70.0])
    driving = wave()
    data = recollisions(driving, births=CYCLE * (1.0 + phases / (2.0 * np.pi)))
    back, energy = cosine_return(phases)
    found = 2.0 * np.pi * (data["return_time"].values[:, 0] / CYCLE - 1.0)
    assert found == pytest.approx(back, abs=1e-7)
    level = data["return_energy"].values[:, 0] / driving.ponderomotive_energy
    assert level == pytest.approx(energy, rel=1e-6)


def test_later_returns_are_slower_and_both_directions_alike() -> None:
    data = recollisions(wave(), visits=3)
    level = (data["return_energy"].max("birth_time")).values
    level = level / wave().ponderomotive_energy
    # Second and third return: the maxima of 2(sin a - sin b)^2, found by a fine grid.
    assert level == pytest.approx([3.173, 1.5355, 2.4016], abs=1e-3)
    assert data["return_time"].equals(recollisions(wave(-1.0), visits=3)["return_time"])


def test_electrons_obey_newton() -> None:
    from scipy.integrate import solve_ivp

    from qleap.core.constants import ELECTRON_MASS, ELEMENTARY_CHARGE

    envelope = np.exp(-(((TIME - 2.0 * CYCLE) / CYCLE) ** 2))
    field = 3e10 * envelope * np.cos(2.0 * np.pi * TIME / CYCLE + 0.4)
    driving = DrivingField(time=TIME, field=field, wavelength=WAVELENGTH)
    born = np.array([1.96, 2.0]) * CYCLE
    data = recollisions(driving, births=born)
    push = -ELEMENTARY_CHARGE * 3e10 * CYCLE / ELECTRON_MASS

    def move(x: float, y: np.ndarray) -> list[float]:
        """Times are in cycles, from the middle of the pulse."""
        return [y[1], push * np.exp(-(x**2)) * np.cos(2.0 * np.pi * x + 0.4)]

    for birth, back, energy in zip(
        born / CYCLE - 2.0,
        data["return_time"].values[:, 0] / CYCLE - 2.0,
        data["return_energy"].values[:, 0],
        strict=True,
    ):
        place, speed = solve_ivp(move, (birth, back), [0.0, 0.0], rtol=1e-9).y[:, -1]
        assert abs(place) < 1e-5 * abs(speed)
        assert 0.5 * ELECTRON_MASS * speed**2 == pytest.approx(energy, rel=1e-5)


def test_electrons_are_born_and_return_within_the_field_and_the_excursion() -> None:
    # Before its times the spline of the field goes on to anywhere.
    outside = np.array([-0.6, -0.2, -1e-3, 5.0]) * CYCLE
    assert np.isnan(recollisions(wave(), births=outside)["return_time"]).all()
    births = np.array([1.01, 1.05, 1.1]) * CYCLE
    full = recollisions(wave(), births=births)
    taken = full["return_time"].values[:, 0] - births
    assert np.isfinite(taken).all()
    for longest in (1e-3 * CYCLE, taken[1] + 1e-4 * CYCLE, taken[1] - 1e-4 * CYCLE):
        found = recollisions(wave(), births=births, longest_excursion=longest)
        there = np.isfinite(found["return_time"].values[:, 0])
        assert np.array_equal(there, taken <= longest)
    with pytest.raises(InvalidKind, match="birth_phase must be real numbers"):
        cosine_return("crest")
    with pytest.raises(InvalidKind, match="driving must be a DrivingField"):
        recollisions(wave().field)  # type: ignore[arg-type]


def test_the_quantum_cutoff_is_that_of_lewenstein() -> None:
    # 1.32 in strong fields, 1.25 at three times the ponderomotive energy.
    assert cutoff_factor(1e-6) == pytest.approx(1.324, abs=5e-4)
    assert cutoff_factor(0.01) == pytest.approx(1.3237, abs=1e-4)
    assert 1.1 < cutoff_factor(20.0) < cutoff_factor(3.0) < 1.3
    quiver = ponderomotive_energy(5e18, WAVELENGTH)
    ip = atom("He").ionisation_energy
    for law, factor in (("classical", 1.0), ("lewenstein", 1.32)):
        found = cutoff_energy("He", 5e18, WAVELENGTH, law=law)
        assert found == pytest.approx(3.17314 * quiver + factor * ip, rel=1e-5)


def test_the_light_for_a_cutoff_has_that_cutoff() -> None:
    wanted = 100.0 * ELECTRONVOLT
    intensity = cutoff_intensity("Ne", wanted, WAVELENGTH)
    assert cutoff_energy("Ne", intensity, WAVELENGTH) == pytest.approx(wanted, rel=1e-9)
    longer = cutoff_wavelength("Ne", wanted, 2e18)
    assert cutoff_energy("Ne", 2e18, longer) == pytest.approx(wanted, rel=1e-9)
    with pytest.raises(InvalidValue, match="no plateau"):
        cutoff_intensity("Ne", 22.0 * ELECTRONVOLT, WAVELENGTH)


def test_light_without_a_plateau_is_refused_by_its_own_name() -> None:
    with pytest.raises(InvalidValue, match="peak_intensity must be > 0"):
        cutoff_energy("Ar", 0.0, WAVELENGTH)
    with pytest.raises(InvalidValue, match=r"peak_intensity must be >= 1\.3.*e\+17"):
        cutoff_energy("Ar", 1e17, WAVELENGTH)
    lowest = atom("Ar").ionisation_energy / ponderomotive_energy(20.0, WAVELENGTH)
    assert cutoff_energy("Ar", 1.0001 * lowest, WAVELENGTH) > 0.0
    with pytest.raises(InvalidKind, match="atom must be an Atom"):
        cutoff_energy(15.76, 1e18, WAVELENGTH)  # type: ignore[arg-type]
