"""Absorption by Schroedinger's equation against exact lines, continua and levels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.constants
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike, NDArray

from qleap.core.constants import (
    BOHR_RADIUS,
    ELECTRON_MASS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.metrology import (
    absorption_of,
    atom_absorption,
    levels_of_atom,
    transient_absorption,
    transient_absorption_of_atom,
)
from qleap.laser.pulses import Pulse
from qleap.laser.tdse import (
    AtomModel,
    atom_model,
    line_states,
    solve_atom,
    solve_line,
)

Floats = NDArray[np.float64]

FINE_STRUCTURE = scipy.constants.fine_structure
EV = ELECTRONVOLT
DIPOLE = ELEMENTARY_CHARGE * BOHR_RADIUS
WIDTH = 0.3 * EV
LINES = np.linspace(9.3, 11.0, 121) * EV


def short(photon: float, fwhm: float, intensity: float = 1e12) -> DrivingField:
    pulse = Pulse(
        shape="gaussian",
        wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / photon,
        fwhm=fwhm,
        energy=1e-9,
    )
    return driving_field(pulse, peak_intensity=intensity, step=6e-18)


def infrared(intensity: float = 1e15) -> DrivingField:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=5e-15, energy=1e-6)
    return driving_field(pulse, peak_intensity=intensity, step=20e-18)


def stobbe(photon: Floats) -> Floats:
    """Return hydrogen's exact cross section, m^2."""
    x = 1.0 / np.sqrt(2.0 * photon / HARTREE - 1.0)
    scale = 512.0 * np.pi**2 / 3.0 * FINE_STRUCTURE * BOHR_RADIUS**2
    waves = np.exp(-4.0 * x * np.arctan(1.0 / x)) / (1.0 - np.exp(-2.0 * np.pi * x))
    return np.asarray(scale * (0.5 * HARTREE / photon) ** 4 * waves)


def lorentz(energy: Floats, gaps: Floats, dipoles: Floats, width: float) -> Floats:
    """Return the exact weak cross section of lines, both terms, m^2."""
    half = 0.5j * width
    gap, size = gaps[:, None], dipoles[:, None] ** 2
    poles = size * (1.0 / (gap - energy - half) + 1.0 / (gap + energy + half))
    scale = energy / HBAR / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT)
    return np.asarray(scale * poles.sum(axis=0).imag)


def hydrogen(driving: DrivingField, **choices: Any) -> AtomModel:
    grid = {"n_l": 4, "radius": 40.0, "slowest": 0.1, "radial_step": 0.4}
    return atom_model(driving, "H", **{**grid, "time_step": 0.1, **choices})


@pytest.fixture(scope="module")
def weak() -> tuple[Floats, Floats]:
    """Return photon energies and what hydrogen absorbs in space, m^2."""
    pulse = short(20.0 * EV, 100e-18)
    time = 24e-18 * np.arange(-20.0, 1667.0)
    both = driving_field(
        Pulse(
            shape="gaussian",
            wavelength=pulse.wavelength,
            fwhm=100e-18,
            energy=1e-9,
        ),
        peak_intensity=1e12,
        time=time,
    )
    dipole = solve_atom(
        both, "H", n_l=2, radius=80.0, slowest=0.1, radial_step=0.3, time_step=0.1
    )
    energy = np.linspace(9.0, 32.0, 2301) * EV
    data = absorption_of(dipole, both, energies=energy, taper=0.9)
    return energy, data["cross_section"].values[0]


def test_hydrogen_in_space_has_the_exact_continuum(
    weak: tuple[Floats, Floats],
) -> None:
    energy, section = weak
    free = (energy >= 15.0 * EV) & (energy <= 30.0 * EV)
    assert_allclose(section[free], stobbe(energy[free]), rtol=6e-3)


@pytest.mark.parametrize(
    ("low", "high", "strength", "error"),
    [(9.0, 11.2, 0.4162, 2e-3), (11.5, 12.43, 0.0791, 5e-3)],
)
def test_the_lyman_lines_have_the_exact_oscillator_strengths(
    weak: tuple[Floats, Floats], low: float, high: float, strength: float, error: float
) -> None:
    energy, section = weak
    line = (energy >= low * EV) & (energy <= high * EV)
    rule = 2.0 * np.pi**2 * FINE_STRUCTURE * HBAR**2 / ELECTRON_MASS
    found = np.trapezoid(section[line], energy[line]) / rule
    assert found == pytest.approx(strength, rel=error)


def test_an_atom_on_a_line_absorbs_as_the_sum_over_its_states() -> None:
    states = line_states("H", 16, half_width=150.0 * BOHR_RADIUS)
    gaps = (states["energy"] - states["energy"][0]).values[1:]
    place = states["position"].values
    waves = states["wave_function"].values
    elements = (waves[1:] * place * waves[0]).sum(axis=1) * (place[1] - place[0])
    energy = np.linspace(gaps[0] - 0.5 * EV, gaps[2] + 0.3 * EV, 301)
    exact = lorentz(energy, gaps, ELEMENTARY_CHARGE * elements, WIDTH)
    data = transient_absorption_of_atom(
        "H",
        short(energy.mean(), 200e-18),
        None,
        delays=[0.0],
        energies=energy,
        width=WIDTH,
        model="line",
    )
    section = data["cross_section"].values[0]
    assert_allclose(section, exact, atol=4e-3 * exact.max())
    assert elements[2] ** 2 * gaps[2] > 0.03 * elements[0] ** 2 * gaps[0]


def test_a_dipole_that_is_made_to_decay_absorbs_as_levels_that_do() -> None:
    pulse = short(21.2 * EV, 200e-18)
    time = 3e-18 * np.arange(-500.0, 25_000.0)
    field = np.interp(time, pulse.time, pulse.field[0], left=0.0, right=0.0)
    omega = 21.2 * EV / HBAR
    ring = np.cumsum(field * np.exp(1j * omega * time)) * 3e-18
    sine = np.imag(ring.conj() * np.exp(1j * omega * time))
    acceleration = 2.0 * (0.4 * DIPOLE) ** 2 / HBAR * omega
    acceleration *= field - omega * sine
    driving = DrivingField(time=time, field=field, wavelength=pulse.wavelength)
    energy = np.linspace(20.6, 21.8, 101) * EV
    data = absorption_of(
        dipole_dataset(driving, acceleration, {}),
        driving,
        energies=energy,
        width=WIDTH,
    )
    exact = lorentz(energy, np.array([21.2 * EV]), np.array([0.4 * DIPOLE]), WIDTH)
    assert_allclose(data["cross_section"].values[0], exact, rtol=2e-3)
    taken = exact * data["pulse_density"] / (energy / HBAR)
    taken *= 2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
    assert_allclose(data["response"][0], taken, rtol=2e-3)


def test_the_levels_of_hydrogen_have_the_exact_energies_and_dipoles() -> None:
    model = hydrogen(infrared(), n=2, l=1, n_l=4, radius=80.0, radial_step=0.2)
    levels = levels_of_atom(model, width=WIDTH, shells=3)
    # 2p first, then 1s, 2s, 3s, 3p, 3d.
    shell = np.array([2.0, 1.0, 2.0, 3.0, 3.0, 3.0])
    assert_allclose(levels.energies, -0.5 * HARTREE / shell**2, rtol=1e-4)
    assert levels.widths.tolist() == [0.0, *[WIDTH] * 5]
    sizes = np.abs(levels.dipoles[0] / DIPOLE)
    # Radial elements 1.2903, 5.1962, 0.9384 and 4.7480 times the angle's.
    exact = [1.2903 / 3**0.5, 27**0.5 / 3**0.5, 0.9384 / 3**0.5, 0.0]
    assert_allclose(sizes[1:], [*exact, 4.7480 * 2.0 / 15**0.5], atol=2e-3)
    turned = hydrogen(infrared(), n=2, l=1, m=1, radius=80.0, radial_step=0.2)
    sizes = np.abs(levels_of_atom(turned, width=WIDTH, shells=3).dipoles[0] / DIPOLE)
    assert_allclose(sizes, [0.0, 0.0, 4.7480 / 5**0.5], atol=2e-3)
    with pytest.raises(InvalidKind, match="must be an AtomModel"):
        levels_of_atom("H", width=WIDTH, shells=3)  # type: ignore[arg-type]


def test_a_dressed_atom_changes_as_its_levels_do() -> None:
    pulse, dressing = short(10.15 * EV, 200e-18, 1e14), infrared()
    model, delays = hydrogen(dressing), [-5e-15, -1e-15]
    given: dict[str, Any] = {"energies": LINES, "delays": delays}
    bare = {**given, "delays": [0.0]}
    tdse = [
        transient_absorption_of_atom(model, pulse, light, width=WIDTH, **chosen)
        for light, chosen in ((dressing, given), (None, bare))
    ]
    levels = levels_of_atom(model, width=WIDTH, shells=12, n_l=4)
    few = [
        transient_absorption(levels, pulse, light, **chosen)
        for light, chosen in ((dressing, given), (None, bare))
    ]
    ours, theirs = (
        dressed["cross_section"].values - undressed["cross_section"].values
        for dressed, undressed in (tdse, few)
    )
    peak = float(tdse[1]["cross_section"].max())
    assert np.abs(ours).max() > 0.03 * peak
    # Steps of 0.1 atomic units move the line by 2 meV.
    assert_allclose(ours, theirs, atol=0.05 * np.abs(theirs).max())


def test_what_the_dressing_field_radiates_by_itself_can_be_taken_off() -> None:
    """A weaker pulse has the same cross section then, and not before."""
    dressing, found = infrared(), {}
    model = hydrogen(dressing, radius=30.0, time_step=0.2)
    for harmonics in (True, False):
        sections = [
            transient_absorption_of_atom(
                model,
                short(10.15 * EV, 200e-18, intensity),
                dressing,
                energies=LINES,
                delays=[-1e-15],
                width=5.0 * WIDTH,
                harmonics=harmonics,
            )["cross_section"].values
            for intensity in (1e9, 1e12)
        ]
        found[harmonics] = np.abs(sections[0] - sections[1]).max() / sections[1].max()
    assert found[False] < 1e-4
    assert found[True] > 1e-2


SOLVED: list[DrivingField] = []


def interrupted(driving: DrivingField, **given: Any) -> Any:
    """Solve, but for the second time."""
    SOLVED.append(driving)
    if len(SOLVED) == 2:
        raise KeyboardInterrupt
    return solve_line(driving, **given)


def test_a_scan_goes_on_from_its_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atom_absorption, "solve_line", interrupted)
    given: dict[str, Any] = {
        "delays": [-1e-15, 0.0, 1e-15],
        "energies": LINES,
        "width": 2.0 * EV,
        "model": "line",
        "spacing": 0.2 * BOHR_RADIUS,
        "workers": 1,
    }
    pulse, dressing = short(10.15 * EV, 200e-18), infrared(1e14)
    whole = ("H", pulse, dressing)
    with pytest.raises(KeyboardInterrupt):
        transient_absorption_of_atom(*whole, store=tmp_path / "scan", **given)
    begun, kept = len(SOLVED), len(list((tmp_path / "scan").glob("*.point")))
    data = transient_absorption_of_atom(*whole, store=tmp_path / "scan", **given)
    assert kept > 0
    assert len(SOLVED) == begun + 3 - kept
    again = transient_absorption_of_atom(*whole, **given)
    assert np.array_equal(data["response"], again["response"])
    assert data["delay"].values.tolist() == given["delays"]
    with pytest.raises(InvalidValue, match="computed from other values"):
        transient_absorption_of_atom(
            *whole, store=tmp_path / "scan", **{**given, "width": EV}
        )


def test_a_store_refuses_a_potential_that_it_cannot_tell_from_others(
    tmp_path: Path,
) -> None:
    class Well:
        def values_au(self, x: ArrayLike) -> Floats:
            return np.asarray(-np.exp(-(np.asarray(x) ** 2)))

        def gradient_au(self, x: ArrayLike) -> Floats:
            return np.asarray(2.0 * np.asarray(x) * np.exp(-(np.asarray(x) ** 2)))

    with pytest.raises(InvalidKind, match="where there is a store"):
        transient_absorption_of_atom(
            Well(),
            short(10.15 * EV, 200e-18),
            None,
            delays=[0.0],
            energies=LINES,
            width=EV,
            model="line",
            store=tmp_path,
        )


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"energies": 10.0 * LINES}, InvalidValue, "pulse must hold light"),
        ({"dressing": "light"}, InvalidKind, "dressing must be a DrivingField"),
        ({"model": "space"}, InvalidValue, "model must be one of atom, line"),
        ({"width": 0.1}, InvalidValue, "width must lie between"),
        ({"delays": [-6.0]}, InvalidValue, "delays must let the dressing field meet"),
        ({"delays": [-6.0, 0.0, 6.0]}, InvalidValue, "a delay must take <="),
        ({"width": 1e-6 * EV}, InvalidValue, "a delay must take <="),
        ({"most_hours": 1e-6}, InvalidValue, "3 delays of"),
        ({"target": 1.0}, InvalidKind, "target must be"),
        ({"target": "H", "model": "line", "half_width": 1e-10}, InvalidValue, "half_w"),
        ({"target": "H", "model": "line", "grid": 1}, InvalidValue, "unknown key"),
        ({"target": "H", "grid": 1}, InvalidValue, "unknown key"),
        ({"n_l": 4}, InvalidValue, "must be those of the AtomModel"),
    ],
)
def test_scans_of_what_is_none_are_refused_before_they_begin(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    dressing = infrared()
    given = {
        "target": hydrogen(dressing),
        "pulse": short(10.15 * EV, 200e-18),
        "dressing": dressing,
        "delays": [-1e-15, 0.0, 1e-15],
        "energies": LINES,
        "width": WIDTH,
        **change,
    }
    with pytest.raises(error, match=words):
        transient_absorption_of_atom(**given)
