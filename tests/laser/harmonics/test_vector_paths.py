"""Quantum paths in light of two components, with other elements, and with depletion."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    ELECTRON_MASS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.attosecond import double_optical_gate, gated_field
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics import (
    AnalyticField,
    DipoleElements,
    analytic_field,
    gaussian_elements,
    hydrogen_like_elements,
    path_spectrum,
    periodic_field,
    quantum_paths,
    recollisions,
    sfa_dipole,
    tabulated_elements,
)
from qleap.laser.ionisation import atom, rate_table
from qleap.laser.pulses import Pulse, polarised

WAVELENGTH, INTENSITY = 800e-9, 2e18
OMEGA = 2.0 * np.pi * ATOMIC_TIME * SPEED_OF_LIGHT / WAVELENGTH
PEAK = np.sqrt(2.0 * INTENSITY / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
ORDERS = np.arange(35, 51, 2)
"""Of helium, from 1.4 quiver energies to beyond the cutoff."""

BICIRCULAR = {2: (INTENSITY, 0.0, -1.0, 0.0)}


def elliptical(ratio: float, angle: float = 0.0) -> AnalyticField:
    """Return light whose major axis has the field of linear light."""
    intensity = INTENSITY * (1.0 + ratio**2)
    return periodic_field(WAVELENGTH, intensity, ellipticity=ratio, angle=angle)


def of_helium(
    field: AnalyticField, orders: np.ndarray = ORDERS, **options: object
) -> xr.Dataset:
    return quantum_paths(field, "He", orders * OMEGA * HARTREE, **options)  # type: ignore[arg-type]


def whole(
    field: AnalyticField,
    orders: np.ndarray = ORDERS,
    elements: DipoleElements | None = None,
) -> np.ndarray:
    """Return harmonics of the integral over all births and returns, ``(c, n)``."""
    steps = 600
    time = np.arange(3 * steps) * field.cycle / steps
    values = field.values_au(time / ATOMIC_TIME)[0].real * ATOMIC_ELECTRIC_FIELD
    driving = DrivingField(time=time, field=values, wavelength=WAVELENGTH)
    data = sfa_dipole(
        driving, "He", longest_excursion=1.05 * field.cycle, elements=elements
    )
    last = data["dipole_acceleration"].values[:, 2 * steps :]
    return np.conj(np.fft.fft(last)[:, orders]) * field.cycle / steps


def times_of(data: xr.Dataset) -> list[np.ndarray]:
    return [data[name].values / ATOMIC_TIME for name in ("birth_time", "return_time")]


def unlike(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


def test_paths_in_two_components_obey_the_saddle_point_equations() -> None:
    field = periodic_field(
        WAVELENGTH, INTENSITY, ellipticity=0.4, angle=0.3, colours=BICIRCULAR
    )
    data = of_helium(field, visits=2)
    times = times_of(data)
    a, integral = [], []
    for t in times:
        waves = [
            c[:, None] / ATOMIC_ELECTRIC_FIELD * np.array([1.0, 1j]) / (n * OMEGA)
            for n, c in zip((1, 2), field.amplitudes.T, strict=True)
        ]
        phases = [n * OMEGA * t for n in (1, 2)]
        # Re(c exp(-i phi)) = Re c cos + Im c sin, also at complex times.
        rows = [
            (w[:, 0].real, w[:, 0].imag, n * OMEGA)
            for n, w in zip((1, 2), waves, strict=True)
        ]
        a.append(
            sum(
                -np.multiply.outer(re, np.sin(phi)) + np.multiply.outer(im, np.cos(phi))
                for (re, im, _), phi in zip(rows, phases, strict=True)
            )
        )
        integral.append(
            sum(
                np.multiply.outer(re / w, np.cos(phi))
                + np.multiply.outer(im / w, np.sin(phi))
                for (re, im, w), phi in zip(rows, phases, strict=True)
            )
        )
    momentum = (integral[1] - integral[0]) / (times[1] - times[0])
    ip = atom("He").energy_au
    born = ((momentum - a[0]) ** 2).sum(axis=0) / 2.0 + ip
    end = ((momentum - a[1]) ** 2).sum(axis=0) / 2.0 + ip
    assert data.sizes["pair"] >= 6
    assert np.abs(born).max() < 1e-12
    assert np.abs(end - ORDERS * OMEGA).max() < 1e-12
    unit = HBAR / 5.29177210903e-11
    assert data["momentum"].values / unit == pytest.approx(momentum, abs=1e-9)


def test_turned_linear_light_has_the_paths_of_linear_light() -> None:
    straight, turned = of_helium(elliptical(0.0)), of_helium(elliptical(0.0, 0.6))
    assert turned["birth_time"].values == pytest.approx(
        straight["birth_time"].values, abs=1e-27
    )
    for name in ("amplitude", "uniform_amplitude", "momentum"):
        one = straight[name].values
        both = np.stack([np.cos(0.6) * one, np.sin(0.6) * one])
        assert np.abs(turned[name].values - both).max() < 1e-9 * np.abs(one).max()


def test_small_ellipticities_end_in_linear_light() -> None:
    linear = path_spectrum(of_helium(elliptical(0.0)))["amplitude"].values[0]
    small, smaller = (
        path_spectrum(of_helium(elliptical(ratio)))["amplitude"].values
        for ratio in (2e-4, 1e-4)
    )
    assert smaller[0] == pytest.approx(linear, rel=1e-5)
    assert small[1] == pytest.approx(2.0 * smaller[1], rel=1e-5)
    other = path_spectrum(of_helium(elliptical(-1e-4)))["amplitude"].values
    assert other[1] == pytest.approx(-smaller[1], rel=1e-9)


def test_the_yield_falls_as_a_gaussian_of_the_ellipticity() -> None:
    # To the second order the action changes by that of the small component along the
    # paths of linear light, whose imaginary part is the width of the Gaussian.
    ratio, orders = 0.1, np.arange(35, 43, 2)
    straight = of_helium(elliptical(0.0), orders)
    turned = of_helium(elliptical(ratio), orders)
    birth, back = times_of(straight)
    a = ratio * PEAK / ATOMIC_ELECTRIC_FIELD / OMEGA
    square = [
        a**2 * (t / 2.0 + np.sin(2.0 * OMEGA * t) / (4.0 * OMEGA))
        for t in (birth, back)
    ]
    p = a * (np.sin(OMEGA * back) - np.sin(OMEGA * birth)) / OMEGA / (back - birth)
    action = 0.5 * (square[1] - square[0] - p**2 * (back - birth))
    change = turned["phase"].values - straight["phase"].values
    assert change == pytest.approx(-action.real, rel=0.02, abs=2e-3)
    weaker = np.log(
        np.abs(turned["amplitude"].values[0] / straight["amplitude"].values)
    )
    assert (action.imag < 0.0).all()
    assert weaker == pytest.approx(action.imag, rel=0.1)


def test_elliptical_light_makes_the_harmonics_of_the_full_integral() -> None:
    plain = np.sum(np.abs(whole(elliptical(0.0))) ** 2)
    summed = np.sum(np.abs(path_spectrum(of_helium(elliptical(0.0)))["amplitude"]) ** 2)
    for ratio, close in ((0.15, 1e-3), (0.4, 0.03)):
        field = elliptical(ratio)
        found = path_spectrum(of_helium(field))["amplitude"].values
        exact = whole(field)
        assert unlike(found[0], exact[0]) < 0.06
        # The minor component is an order smaller, and so is what is left out.
        assert unlike(found[1], exact[1]) < 0.25
        power, powers = (np.sum(np.abs(v) ** 2) for v in (found, exact))
        assert power / summed == pytest.approx(powers / plain, rel=close)


@pytest.mark.parametrize(
    "elements",
    [gaussian_elements(0.9), hydrogen_like_elements("He", shell="p")],
    ids=["Gaussian", "p states"],
)
def test_other_elements_make_the_harmonics_of_the_full_integral(
    elements: DipoleElements,
) -> None:
    field = elliptical(0.2)
    found = path_spectrum(of_helium(field, elements=elements))["amplitude"].values
    assert unlike(found, whole(field, elements=elements)) < 0.07


def test_two_circles_make_circular_harmonics_and_leave_out_every_third() -> None:
    field = periodic_field(WAVELENGTH, INTENSITY, ellipticity=1.0, colours=BICIRCULAR)
    orders = np.arange(37, 49)
    found = path_spectrum(of_helium(field, orders))["amplitude"].values
    size = np.abs(found)
    forbidden = orders % 3 == 0
    assert size[:, forbidden].max() < 1e-10 * size[:, ~forbidden].min()
    # 3n+1 turn as the fundamental does, 3n-1 as its second harmonic.
    turn = np.where(orders % 3 == 1, 1j, -1j)[~forbidden]
    assert found[1, ~forbidden] / found[0, ~forbidden] == pytest.approx(turn, abs=1e-9)
    exact = whole(field, orders)
    assert unlike(found[:, ~forbidden], exact[:, ~forbidden]) < 0.14


def test_crossed_colours_make_even_harmonics_across() -> None:
    field = periodic_field(
        WAVELENGTH, INTENSITY, colours={2: (0.2 * INTENSITY, 0.5, 0.0, 0.5 * np.pi)}
    )
    orders = np.arange(34, 48)
    found = path_spectrum(of_helium(field, orders))["amplitude"].values
    even = orders % 2 == 0
    size = np.abs(found)
    assert size[0, even].max() < 1e-10 * size[0, ~even].min()
    assert size[1, ~even].max() < 1e-10 * size[1, even].min()
    exact = whole(field, orders)
    assert unlike(found[0, ~even], exact[0, ~even]) < 0.1
    assert unlike(found[1, even], exact[1, even]) < 0.2


@cache
def pulse() -> DrivingField:
    light = Pulse(shape="gaussian", wavelength=1200e-9, fwhm=8e-15, energy=1e-6)
    return driving_field(polarised(light, ellipticity=0.1), peak_intensity=3e18)


def test_depleted_atoms_radiate_what_the_full_integral_has() -> None:
    driving, rates = pulse(), rate_table("Ar", "adk")
    data = sfa_dipole(
        driving, "Ar", longest_excursion=1.38 * driving.cycle, rates=rates
    )
    alive = data["survival"].values
    assert alive[-1] < 0.3
    energies = np.linspace(80.0, 110.0, 61) * ELECTRONVOLT
    waves = np.exp(1j * np.outer(driving.time, energies / HBAR)) * driving.step
    exact = data["dipole_acceleration"].values[0] @ waves
    depleted, given, whole_atoms = (
        path_spectrum(quantum_paths(driving, "Ar", energies, visits=2, **options))
        for options in ({"rates": rates}, {"survival": alive}, {})
    )
    assert unlike(depleted["amplitude"].values[0], exact) < 0.1
    assert given["amplitude"].values == pytest.approx(depleted["amplitude"].values)
    assert unlike(whole_atoms["amplitude"].values[0], exact) > 1.0
    series = quantum_paths(
        analytic_field(driving), "Ar", energies, visits=2, rates=rates
    )
    again = path_spectrum(series)["amplitude"].values
    assert unlike(again, depleted["amplitude"].values) < 1e-3


def test_paths_in_a_gate_are_followed_past_their_neighbours() -> None:
    # Long paths of one pair bend sharply where they pass the short ones of another.
    light = Pulse(shape="gaussian", wavelength=750e-9, fwhm=5e-15, peak_power=1.0)
    driving = gated_field(double_optical_gate(light, 6e-15, ratio=0.3), 4e18)
    energies = np.linspace(40.0, 95.0, 56) * ELECTRONVOLT
    data = quantum_paths(driving, "Ne", energies, visits=2)
    assert not np.isnan(data["birth_time"].values).any()
    found = path_spectrum(data)["amplitude"].values
    dipole = sfa_dipole(driving, "Ne", longest_excursion=1.38 * driving.cycle)
    waves = np.exp(1j * np.outer(driving.time, energies / HBAR)) * driving.step
    exact = dipole["dipole_acceleration"].values @ waves
    upper = energies > 65.0 * ELECTRONVOLT
    assert unlike(found[:, upper], exact[:, upper]) < 0.1
    assert unlike(found, exact) < 0.4


def test_electrons_with_the_velocity_aside_come_back() -> None:
    field = elliptical(0.5)
    driving = field.sampled(400.0, after=1.2 * field.cycle)
    births = field.cycle * np.array([0.03, 0.12, 0.53])
    data = recollisions(driving, births=births)
    pull = ELEMENTARY_CHARGE / ELECTRON_MASS
    omega = 2.0 * np.pi / field.cycle

    def force(t: float, state: np.ndarray) -> np.ndarray:
        wave = PEAK * np.array([np.cos(omega * t), 0.5 * np.sin(omega * t)])
        return np.concatenate([state[2:], pull * wave])

    for i, birth in enumerate(births):
        back = float(data["return_time"][i, 0])
        aside = float(data["birth_velocity"][i, 0])
        wave = force(birth, np.zeros(4))[2:]
        across = np.array([-wave[1], wave[0]]) / np.hypot(*wave)
        ends = [
            solve_ivp(
                force,
                (birth, back),
                np.concatenate([np.zeros(2), sign * aside * across]),
                rtol=1e-11,
                atol=1e-16,
            ).y[:, -1]
            for sign in (1.0, -1.0)
        ]
        end = min(ends, key=lambda y: np.hypot(*y[:2]))
        assert np.hypot(*end[:2]) < 1e-15
        energy = 0.5 * ELECTRON_MASS * (end[2:] ** 2).sum()
        assert float(data["return_energy"][i, 0]) == pytest.approx(energy, rel=1e-6)


def test_a_pair_is_told_once_where_two_classical_maxima_lead_to_it() -> None:
    data = of_helium(elliptical(0.45))
    births = data["birth_time"].values[:, 0, 0]
    assert births.size == 2
    assert abs(births[1] - births[0]) == pytest.approx(
        0.5 * WAVELENGTH / SPEED_OF_LIGHT
    )


def test_what_paths_cannot_do_is_refused() -> None:
    field = elliptical(0.2)
    circle = periodic_field(WAVELENGTH, INTENSITY, ellipticity=1.0)
    with pytest.raises(InvalidValue, match="less circular"):
        of_helium(circle)
    momenta = np.linspace(0.0, 4.0, 60)
    table = tabulated_elements(momenta, momenta * np.exp(-(momenta**2)))
    with pytest.raises(InvalidValue, match="hydrogen-like or Gaussian"):
        of_helium(field, elements=table)
    loose = hydrogen_like_elements("Ar")
    with pytest.raises(InvalidValue, match=r"0.9036 hartree, got 0.5792 hartree \(hyd"):
        of_helium(field, elements=loose)
    with pytest.raises(InvalidKind, match="elements must be DipoleElements"):
        of_helium(field, elements="Gaussian")
    rates = rate_table("He", "adk")
    with pytest.raises(InvalidValue, match="endless waves leave no atoms"):
        of_helium(field, rates=rates)
    with pytest.raises(InvalidValue, match="survival must have"):
        quantum_paths(pulse(), "Ar", [80.0 * ELECTRONVOLT], survival=[1.0])
    with pytest.raises(InvalidValue, match="give the field that the series is of"):
        quantum_paths(analytic_field(pulse()), "Ar", [1e-17], survival=[1.0])
    with pytest.raises(InvalidValue, match="ellipticity, angle"):
        periodic_field(WAVELENGTH, INTENSITY, colours={2: (1e17, 0.0, 1.0)})


def test_what_paths_were_made_of_tells_fields_and_survivals_apart() -> None:
    told = set()
    for phase in (0.0, 0.5):
        field = periodic_field(8e-7, 5e18, colours={2: (1e17, phase, 0.0, 1.0)})
        told.add(of_helium(field, ORDERS[:1]).attrs["parameters"])
    for left in (None, 1.0, 0.5):
        survival = None if left is None else np.full(pulse().time.size, left)
        given = pulse(), "Ar", [80.0 * ELECTRONVOLT]
        told.add(quantum_paths(*given, survival=survival).attrs["parameters"])
    assert len(told) == 5
