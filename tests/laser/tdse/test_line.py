"""Atoms on a line against exact laws, complex scaling and QuTiP."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
import qutip
import xarray as xr
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline
from scipy.linalg import lu_factor, lu_solve

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HARTREE,
    SPEED_OF_LIGHT,
)
from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.core.parallel import map_points
from qleap.laser import DrivingField
from qleap.laser.harmonics import harmonic_spectrum
from qleap.laser.tdse import SoftCore, line_states, soft_core, solve_line

HYDROGEN = SoftCore(softening=np.sqrt(2.0))
OMEGA = 0.057  # 800 nm


@dataclass(frozen=True)
class Oscillator:
    """A harmonic potential."""

    omega: float

    def values_au(self, x: ArrayLike) -> np.ndarray:
        return np.asarray(0.5 * self.omega**2 * np.asarray(x) ** 2)

    def gradient_au(self, x: ArrayLike) -> np.ndarray:
        return np.asarray(self.omega**2 * np.asarray(x))


class Broken(Oscillator):
    """A potential that is not known everywhere."""

    def values_au(self, x: ArrayLike) -> np.ndarray:
        return np.where(np.abs(x) > 20.0, np.nan, 0.0)


class Constant(Oscillator):
    """A potential that forgets its points."""

    def values_au(self, x: ArrayLike) -> np.ndarray:  # noqa: ARG002
        return np.array(-1.0)


def driven(time: np.ndarray, field: np.ndarray, omega: float = OMEGA) -> DrivingField:
    wavelength = 2.0 * np.pi * SPEED_OF_LIGHT / (omega / ATOMIC_TIME)
    return DrivingField(
        time=time * ATOMIC_TIME,
        field=field * ATOMIC_ELECTRIC_FIELD,
        wavelength=wavelength,
    )


def burst(strength: float, cycles: int, omega: float = OMEGA) -> DrivingField:
    """Return light of a sin^2 envelope that leaves neither momentum nor way."""
    end = 2.0 * np.pi * cycles / omega
    time = np.linspace(0.0, end, round(end / 0.4))
    envelope = np.sin(np.pi * time / end) ** 2
    momentum = -strength / omega * envelope * np.sin(omega * time)
    field = -CubicSpline(time, momentum).derivative()(time)
    return driven(time, field, omega)


def sizes(**lengths: float) -> dict[str, Any]:
    """Return keywords in SI units of bohr and atomic units of time."""
    return {
        name: value * (ATOMIC_TIME if name == "time_step" else BOHR_RADIUS)
        for name, value in lengths.items()
    }


def dipole_au(data: xr.Dataset) -> np.ndarray:
    return np.asarray(data["dipole"].values[0] / (ELEMENTARY_CHARGE * BOHR_RADIUS))


def test_a_driven_oscillator_is_in_its_coherent_state() -> None:
    omega, time = 0.3, np.linspace(0.0, 60.0, 601)
    field = 0.05 * np.sin(np.pi * time / 60.0) ** 2 * np.cos(0.25 * time)
    data = solve_line(
        driven(time, field),
        Oscillator(omega),
        absorber=False,
        **sizes(surface=20.0, half_width=30.0, spacing=0.06, time_step=0.05),
    )
    # x'' = -omega^2 x - E, as for a particle, and |<0|alpha>|^2 = exp(-|alpha|^2).
    turn = CubicSpline(time, -field * np.exp(1j * omega * time)).antiderivative()
    wave = turn(time) * np.exp(-1j * omega * time)  # p - i omega x
    place, momentum = -wave.imag / omega, wave.real
    energy = 0.5 * momentum**2 + 0.5 * omega**2 * place**2
    assert np.abs(-dipole_au(data) - place).max() < 2e-6
    share = data["state_population"].values
    assert np.abs(share - np.exp(-energy / omega)).max() < 1e-6
    assert place.max() > 0.2


@cache
def strong(gauge: str = "length") -> xr.Dataset:
    finer = {"spacing": 0.1} if gauge == "length" else {"spacing": 0.25}
    return solve_line(
        burst(0.06, 2),
        HYDROGEN,
        gauge=gauge,
        absorber=False,
        **sizes(surface=100.0, half_width=450.0, time_step=0.1, **finer),
    )


def test_length_and_velocity_gauge_agree() -> None:
    ours, other = strong(), strong("velocity")
    assert 0.01 < 1.0 - float(ours["state_population"][-1]) < 0.5
    for name in ("state_population", "survival"):
        apart = float(ours[name][-1]) - float(other[name][-1])
        assert abs(apart) < 1e-6
    largest = np.abs(ours["dipole_acceleration"]).max()
    apart = np.abs(ours["dipole_acceleration"] - other["dipole_acceleration"]).max()
    assert apart < 2e-5 * largest


def test_the_norm_is_kept() -> None:
    assert np.abs(strong()["norm"].values - 1.0).max() < 1e-10


def test_the_dipole_is_accelerated_as_ehrenfest_says() -> None:
    data = strong()
    time = data["time"].values
    acceleration = CubicSpline(time, data["dipole_acceleration"].values[0])
    place = data["dipole"].values[0]
    assert np.abs(acceleration.antiderivative(2)(time) - place).max() < (
        1e-5 * np.abs(place).max()
    )


def test_harmonics_end_at_the_classical_cutoff() -> None:
    data = solve_line(burst(0.08, 4), HYDROGEN)
    spectrum = harmonic_spectrum(data)
    quiver = 0.08**2 / (4.0 * OMEGA**2)
    cutoff = (3.17 * quiver + 1.32 * 0.5) / OMEGA
    order, power = spectrum["order"].values, spectrum["spectrum"].values[0]
    level = [
        np.log10(power[np.abs(order - place) < 4.0].mean())
        for place in (cutoff - 12.0, cutoff - 4.0, cutoff + 10.0)
    ]
    assert abs(level[0] - level[1]) < 1.0
    assert level[1] - level[2] > 2.5


def test_the_third_harmonic_grows_with_the_cube_of_the_intensity() -> None:
    found = []
    for strength in (0.004, 0.004 * np.sqrt(2.0)):
        data = solve_line(
            burst(strength, 16), HYDROGEN, **sizes(surface=60.0, spacing=0.2)
        )
        spectrum = harmonic_spectrum(data, taper=0.0)
        near = np.abs(spectrum["order"].values - 3.0) < 0.3
        found.append(spectrum["spectrum"].values[0][near].sum())
    assert found[1] / found[0] == pytest.approx(8.0, rel=0.03)


def kinetic(n: int, h: float) -> np.ndarray:
    """Return the kinetic energy between sinc functions, atomic units."""
    apart = np.subtract.outer(np.arange(n), np.arange(n))
    safe = np.where(apart == 0, 1, apart)
    return np.where(apart == 0, np.pi**2 / 6.0, (-1.0) ** apart / safe**2) / h**2


def complex_scaled_rate(field: float) -> float:
    """Return the width of hydrogen's level in a static field, atomic units."""
    x, h = np.linspace(-35.0, 35.0, 201, retstep=True)
    turn = np.exp(0.35j)
    values = -1.0 / np.sqrt((turn * x) ** 2 + 2.0) + field * turn * x
    hamiltonian = kinetic(x.size, h) / turn**2 + np.diag(values)
    guess = -0.52 - 0.002j
    factors = lu_factor(hamiltonian - guess * np.eye(x.size))
    state = np.exp(-(x**2)).astype(complex)
    for _ in range(40):
        found = lu_solve(factors, state)
        level = guess + (state @ state) / (state @ found)
        state = found / np.linalg.norm(found)
    return float(-2.0 * level.imag)


def test_a_static_field_frees_as_fast_as_complex_scaling_says() -> None:
    rise, end = 60.0, 200.0
    time = np.linspace(0.0, end, 401)
    field = 0.07 * np.sin(0.5 * np.pi * np.minimum(time / rise, 1.0)) ** 2
    data = solve_line(
        driven(time, field), HYDROGEN, **sizes(surface=40.0, half_width=90.0)
    )
    late = time > 110.0
    falling = np.log(data["survival"].values[late])
    rate = -np.polyfit(time[late], falling, 1)[0]
    assert rate == pytest.approx(complex_scaled_rate(0.07), rel=5e-3)


def test_qutip_agrees() -> None:
    n, far = 90, 18.0
    x, h = np.linspace(-far, far, n, retstep=True)
    still = qutip.Qobj(kinetic(n, h) + np.diag(HYDROGEN.values_au(x)))
    place = qutip.Qobj(np.diag(x))
    time = np.linspace(0.0, 30.0, 76)
    field = 0.02 * np.sin(np.pi * time / 30.0) ** 2 * np.cos(0.25 * time)
    ground = still.eigenstates(eigvals=1)[1][0]
    theirs = qutip.sesolve(
        [still, [place, CubicSpline(time, field)]],
        ground,
        time,
        e_ops=[place],
        options={"rtol": 1e-8, "atol": 1e-9, "nsteps": 10000},
    ).expect[0]
    data = solve_line(
        driven(time, field),
        HYDROGEN,
        absorber=False,
        **sizes(surface=10.0, half_width=far, spacing=0.05, time_step=0.1),
    )
    assert np.abs(-dipole_au(data) - theirs).max() < 1e-4
    assert np.abs(theirs).max() > 0.1


def test_the_estimated_error_is_honest() -> None:
    light = burst(0.06, 2)
    exact = solve_line(light, HYDROGEN, **sizes(spacing=0.05, time_step=0.02))
    data = solve_line(
        light, HYDROGEN, estimate_error=True, **sizes(spacing=0.15, time_step=0.2)
    )
    true = np.abs(data["dipole_acceleration"] - exact["dipole_acceleration"]).max()
    true = float(true / np.abs(exact["dipole_acceleration"]).max())
    assert 0.7 * true < float(data["estimated_error"]) < 2.0 * true


def test_levels_are_exact_and_those_of_a_dense_matrix() -> None:
    data = line_states(HYDROGEN, 4, **sizes(half_width=100.0, spacing=0.1))
    found = data["energy"].values / HARTREE
    assert found[0] == pytest.approx(-0.5, abs=3e-8)
    x, h = np.linspace(-40.0, 40.0, 241, retstep=True)
    dense = np.linalg.eigvalsh(kinetic(x.size, h) + np.diag(HYDROGEN.values_au(x)))
    assert found == pytest.approx(dense[:4], abs=1e-6)
    waves = data["wave_function"].values
    step = float(np.diff(data["position"].values[:2])[0])
    assert step * waves @ waves.T == pytest.approx(np.eye(4), abs=1e-7)


def test_an_atom_by_its_name_has_its_ionisation_energy() -> None:
    data = line_states("He", **sizes(half_width=50.0, spacing=0.05))
    electronvolts = -data["energy"].values[0] / ELEMENTARY_CHARGE
    assert electronvolts == pytest.approx(24.587389, rel=1e-5)
    light = burst(0.01, 1)
    quick = sizes(surface=40.0, spacing=0.2)
    named, given = (solve_line(light, a, **quick) for a in ("He", soft_core("He")))
    assert named["dipole"].equals(given["dipole"])


def test_scans_run_side_by_side() -> None:
    quick = sizes(surface=40.0, spacing=0.2, time_step=0.2)

    def survival(strength: float) -> float:
        data = solve_line(burst(strength, 1), HYDROGEN, **quick)
        return float(data["survival"][-1])

    strengths = [0.02, 0.05, 0.08]
    alone = [survival(strength) for strength in strengths]
    assert map_points(survival, strengths, workers=2) == alone
    assert alone[0] > alone[1] > alone[2]


def test_a_line_that_is_too_short_is_said() -> None:
    small = sizes(surface=20.0, half_width=25.0, spacing=0.2)
    with pytest.warns(QleapWarning, match="reached the ends of the line"):
        solve_line(burst(0.08, 1), HYDROGEN, absorber=False, **small)
    with pytest.raises(InvalidValue, match=r"half_width must be >= .* m"):
        solve_line(burst(0.08, 1), HYDROGEN, **small)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"gauge": "Length"}, InvalidValue, "did you mean 'length'"),
        ({"state": 40}, InvalidValue, "state must be a bound one"),
        ({"state": 12}, InvalidValue, "surface must hold the state 12"),
        ({"target": np.hypot}, InvalidKind, "values_au and gradient_au"),
        ({"target": Broken(1.0)}, InvalidValue, "must be finite"),
        ({"target": Constant(1.0)}, InvalidValue, "give one number at each point"),
        ({"driving": 1.0}, InvalidKind, "driving must be a DrivingField"),
        ({"time_step": 1e-30}, InvalidValue, "give a longer time_step"),
        ({"spacing": 1e-10}, InvalidValue, "1 radian of the fastest electron"),
        ({"spacing": 1e-19}, InvalidValue, "larger spacing"),
    ],
)
def test_what_cannot_be_solved_is_refused(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    given = {"driving": burst(0.01, 1), "target": HYDROGEN, **change}
    with pytest.raises(error, match=words):
        solve_line(**given)
    if "target" in change and error is InvalidValue:
        with pytest.raises(error, match=words):
            line_states(given["target"])
