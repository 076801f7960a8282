"""Rates of ionisation against exact ones, published ones, and each other."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.linalg import eigvals
from scipy.special import dawsn

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    ELEMENTARY_CHARGE,
    HARTREE,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.ionisation import (
    ATOMS,
    Atom,
    adk,
    atom,
    barrier_suppression_intensity,
    keldysh_parameter,
    landau_lifshitz,
    multiphoton,
    ppt,
    yudin_ivanov,
)

ONE: dict[str, Any] = {"m": 0, "electrons": 1.0}
HELIUM = replace(ATOMS["He"], ionisation_energy=0.9036 * HARTREE)
ARGON = replace(ATOMS["Ar"], ionisation_energy=0.5792 * HARTREE, l=0, electrons=1)
HYDROGEN = replace(ATOMS["H"], ionisation_energy=0.5 * HARTREE)
FIELDS = np.array([0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.10])
EXACT = np.array([2.237529e-8, 3.892700e-6, 7.718417e-5, 5.150775e-4, 1.847369e-3,
                  4.539658e-3, 1.453811e-2])  # fmt: skip
"""1/atomic time, hydrogen in a static field: complex scaling, see the test below."""


def field_of(intensity: np.ndarray | float) -> np.ndarray:
    """Return the peak field of an intensity in W/cm^2."""
    return np.sqrt(2e4 * np.asarray(intensity) / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))


def stark_resonance(field: float, n: int = 20) -> complex:
    """Return hydrogen's complex ground-state energy in a field, atomic units.

    In parabolic coordinates the equation is a sum of two; products of Laguerre
    functions of complex scale turn it into a pencil of matrices.
    """
    k = np.arange(n + 2)
    x = np.diag(2.0 * k + 1.0) - np.diag(k[1:], 1) - np.diag(k[1:], -1)
    square, one = (x @ x)[:n, :n], np.eye(n)
    x = x[:n, :n]
    c = np.exp(0.45j)
    radial = (0.25 * x - np.diag(k[:n] + 0.5)) / c
    first = radial - 0.25 * field * c**2 * square
    second = radial + 0.25 * field * c**2 * square
    a = -(np.kron(first, one) + np.kron(one, second) + np.eye(n * n))
    b = 0.5 * c * (np.kron(x, one) + np.kron(one, x))
    found = eigvals(a, b)
    return complex(found[np.argmin(np.abs(found + 0.5 + 2.25 * field**2))])


@pytest.mark.parametrize("i", [3, 6])
def test_exact_rates_of_hydrogen_come_out_of_complex_scaling(i: int) -> None:
    assert_allclose(-2.0 * stark_resonance(FIELDS[i]).imag, EXACT[i], rtol=2e-6)


def test_exact_rates_of_hydrogen_are_those_of_the_shared_table(
    shared_data: Path,
) -> None:
    path = shared_data / "laser" / "hydrogen_static_field_rates.csv"
    if not path.exists():
        pytest.skip("the table of exact rates is not on this machine")
    table = np.genfromtxt(path, delimiter=",", comments="#", skip_header=3)
    assert_allclose(table[:, 0], FIELDS)
    assert_allclose(table[:, 1], EXACT, rtol=1e-12)


def test_tunnelling_overestimates_hydrogen_more_the_stronger_the_field() -> None:
    ratio = adk(FIELDS * ATOMIC_ELECTRIC_FIELD, HYDROGEN) * ATOMIC_TIME / EXACT
    assert_allclose(ratio[[0, -1]], [1.331, 3.502], rtol=1e-3)
    assert (np.diff(ratio) > 0.0).all()


def test_tong_and_lin_bring_hydrogen_within_nine_per_cent() -> None:
    strong = FIELDS * ATOMIC_ELECTRIC_FIELD
    rate = adk(strong, HYDROGEN, barrier_suppression=True) * ATOMIC_TIME
    assert_allclose(rate, EXACT, rtol=0.09)


def test_tunnelling_of_hydrogen_is_the_formula_of_landau_and_lifshitz() -> None:
    strong = FIELDS * ATOMIC_ELECTRIC_FIELD
    assert_allclose(adk(strong, HYDROGEN), landau_lifshitz(strong), rtol=1e-12)
    assert landau_lifshitz(0.0) == 0.0


def test_tunnelling_rates_are_those_of_luna() -> None:
    # Luna.jl, test/test_ionisation.jl; it takes l* = 0 and one electron.
    helium = adk([1e10, 2e10, -2e10], HELIUM, amplitude="s wave", **ONE)
    assert_allclose(helium, [1.24163714e-18, 1.07723909, 1.07723909], rtol=1e-6)
    argon = adk([7e9, 8e9], ARGON, amplitude="s wave", **ONE)
    assert_allclose(argon, [2.4422306e-8, 4.4947115e-5], rtol=1e-6)


def test_multiphoton_rates_are_those_of_luna() -> None:
    # Luna.jl, test/test_ionisation.jl, two electrons, Stark shift, momentary.
    rate = ppt([1e10, 1.3e10], HELIUM, 800e-9, cycle_average=False, stark_shift=True)
    assert_allclose(rate, [2 * 1.40432138471583e-5, 2 * 0.04517809797503506], rtol=1e-3)


def test_multiphoton_rates_of_argon_follow_a_published_curve() -> None:
    # 800 nm, one electron with m = 0, cycle averages: points of a curve that Luna.jl's
    # example PPT_ionisation_rate holds as "Gonzalez et al.", read off a figure.
    intensity = [2.8234e12, 6.1038e12, 1.7254321307444412e13, 1.06493910729420e14,
                 4.03353582046182e14, 1.170509201343539e15]  # fmt: skip
    curve = [1.0781e-2, 4.1871e1, 1.4706663e6, 8.74313777e11, 5.55091071e14,
             1.07912534e16]  # fmt: skip
    rate = ppt(field_of(np.array(intensity)), "Ar", 800e-9, **ONE)
    assert_allclose(rate, curve, rtol=0.12)


def test_multiphoton_rates_of_oxygen_follow_a_published_curve() -> None:
    # Couairon and Mysyrowicz, Phys. Rep. 441, 47 (2007), as read off by Luna.jl.
    oxygen = Atom(name="O2", ionisation_energy=12.063 * ELEMENTARY_CHARGE)
    intensity = np.array([1.2058e12, 2.0542e12, 2.9364e12, 4.3278e12])
    curve = [12.799, 821.98, 12182.0, 181875.9]
    assert_allclose(ppt(field_of(intensity), oxygen, 800e-9), curve, rtol=0.3)


def test_multiphoton_rates_of_helium_follow_ilkov() -> None:
    # Ilkov, Decker and Chin, J. Phys. B 25, 4005 (1992), 10.6 um, as read off by
    # Luna.jl: field in V/cm. The curve is steep, 1 % of the field is 30 % of the rate.
    field = np.array([5.35146e8, 8.3848e8, 1.46500783e9, 2.55968880e9])
    curve = [4.14552e10, 8.52746e12, 7.01186569e14, 6.80784515e15]
    rate = ppt(100.0 * field, "He", 10.6e-6, electrons=1)
    assert np.abs(np.log10(rate / curve)).max() < 0.25


@pytest.mark.parametrize("name", ["H", "He", "Ar", "He+"])
def test_slow_light_tunnels(name: str) -> None:
    # The Keldysh parameter is below 0.01 here.
    strength = 0.5 * atom(name).barrier_suppression_field
    slow = ppt(strength, name, 1e-3)
    assert_allclose(slow, adk(strength, name, cycle_average=True), rtol=2e-3)


@pytest.mark.parametrize("coulomb", multiphoton.COULOMB)
def test_forms_of_the_coulomb_correction_differ_by_their_factors(coulomb: str) -> None:
    gamma = keldysh_parameter(1e10, "He", 400e-9)
    power = 2.0 * atom("He").n_star
    factors: dict[str, Any] = {
        "ilkov": (1.0 + gamma**2) ** (-0.5 * power),
        "popov": (1.0 + 2.0 * gamma / math.e) ** -power,
        "static": 1.0,
    }
    ratio = ppt(1e10, "He", 400e-9, coulomb=coulomb) / ppt(
        1e10, "He", 400e-9, coulomb="static"
    )
    assert_allclose(ratio, factors[coulomb], rtol=1e-12)


def test_weak_light_takes_as_many_photons_as_the_energy_needs() -> None:
    # 12.13 eV by photons of 3.10 eV: the rate goes with the field to the eighth power.
    low, high = ppt([1e6, 2e6], "Xe", 400e-9)
    assert_allclose(math.log2(high / low), 8.0, atol=1e-3)


@pytest.mark.parametrize("m", [0, 1, 2])
@pytest.mark.parametrize("gamma", [0.05, 0.3, 2.0, 20.0])
def test_series_over_photons_is_summed_to_its_limit(m: int, gamma: float) -> None:
    alpha = 2.0 * (math.asinh(gamma) - gamma / math.sqrt(1.0 + gamma**2))
    beta = 2.0 * gamma / math.sqrt(1.0 + gamma**2)
    for lowest in (1e-3, 0.4, 1.0):
        u = lowest + np.arange(int(40.0 / alpha) + 2)
        terms = np.exp(-alpha * u) * multiphoton._channel(m, np.sqrt(beta * u))
        found = multiphoton._sum(m, *(np.array([v]) for v in (alpha, beta, lowest)))
        assert_allclose(found[0], math.fsum(terms), rtol=1e-9)


@pytest.mark.parametrize("m", [0, 1, 2])
def test_channel_functions_are_their_integrals(m: int) -> None:
    for x in (1e-3, 0.3, 1.0, 6.0, 15.0):
        whole = quad(
            lambda y, x=x: (x**2 - y**2) ** m * math.exp(y**2 - x**2),
            0.0,
            x,
            points=[max(0.0, x - 3.0 / x)],
            epsabs=0.0,
            epsrel=1e-11,
            limit=200,
        )[0]
        assert_allclose(multiphoton._channel(m, np.array(x)), whole, rtol=1e-9)


def test_integral_over_channels_is_the_one_of_quadrature() -> None:
    alpha, beta = 0.7, 1.3
    for m in (0, 1):
        whole = quad(
            lambda u, m=m: float(
                math.exp(-alpha * u) * multiphoton._channel(m, np.sqrt(beta * u))
            ),
            0.0,
            80.0,
            epsabs=0.0,
            epsrel=1e-10,
            limit=200,
        )[0]
        found = multiphoton._integral(m, np.array(alpha), np.array(beta))
        assert_allclose(found, whole, rtol=1e-8)


def test_series_at_small_keldysh_parameters_meet_the_closed_forms() -> None:
    for function in (multiphoton.spread, multiphoton._slowness):
        below, above = function(np.array([0.02 * (1.0 - 1e-9), 0.02]))
        assert_allclose(below, above, rtol=1e-7)


def yudin_ivanov_by_hand(
    field: float, phase: float, omega: float, energy: float
) -> float:
    """Write Phys. Rev. A 64, 013409, eqs. (16) to (19), down for an s state."""
    kappa = math.sqrt(2.0 * energy)
    n, g, s = 1.0 / kappa, omega * kappa / field, abs(math.sin(phase))
    a = 1.0 + g**2 - s**2
    b = math.sqrt(a**2 + 4.0 * g**2 * s**2)
    c = math.hypot(math.sqrt((b + a) / 2.0) + g, math.sqrt((b - a) / 2.0) + s)
    phi = (g**2 + s**2 + 0.5) * math.log(c)
    phi -= 3.0 * math.sqrt(b - a) / (2.0 * math.sqrt(2.0)) * s
    phi -= math.sqrt(b + a) / (2.0 * math.sqrt(2.0)) * g
    k = math.asinh(g) - g / math.sqrt(1.0 + g**2)
    nu = energy / omega * (1.0 + 0.5 / g**2)
    u = math.floor(nu) + 1.0 - nu + np.arange(20_000)
    channels = np.sum(
        np.exp(-2.0 * k * u) * dawsn(np.sqrt(2.0 * g / math.sqrt(1.0 + g**2) * u))
    )
    a0 = 4.0 / math.sqrt(3.0 * math.pi) * g**2 / (1.0 + g**2) * channels
    size = 2.0 ** (2.0 * n) / (n * math.gamma(2.0 * n))
    lead = size * math.sqrt(3.0 * k / g**3) * (1.0 + g**2) ** 0.75 * a0 * energy
    lead *= (2.0 * kappa**3 / field) ** (2.0 * n - 1.0)
    return float(lead * math.exp(-(field**2) * phi / omega**3))


@pytest.mark.parametrize(("field", "phase"), [(0.03, 0.0), (0.05, 0.4), (0.08, 1.5)])
def test_rate_within_the_cycle_is_the_published_formula(
    field: float, phase: float
) -> None:
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / 800e-9 * ATOMIC_TIME
    found = yudin_ivanov(field * ATOMIC_ELECTRIC_FIELD, phase, "He", 800e-9, **ONE)
    by_hand = yudin_ivanov_by_hand(field, phase, omega, atom("He").energy_au)
    assert_allclose(found * ATOMIC_TIME, by_hand, rtol=1e-9)


@pytest.mark.parametrize(
    ("wavelength", "close"), [(400e-9, 0.16), (800e-9, 0.17), (4e-6, 0.04)]
)
def test_rate_within_the_cycle_averages_to_that_of_the_cycle(
    wavelength: float, close: float
) -> None:
    phase = np.linspace(0.0, 2.0 * np.pi, 4000, endpoint=False)
    for field in (1e10, 2e10, 3e10):
        average = yudin_ivanov(field, phase, "Ar", wavelength).mean()
        whole = ppt(field, "Ar", wavelength, coulomb="static")
        assert abs(average / whole - 1.0) < close


def test_rate_at_the_crest_of_slow_light_is_static() -> None:
    assert_allclose(yudin_ivanov(2e10, 0.0, "Ar", 1e-4), adk(2e10, "Ar"), rtol=1e-3)


def test_fast_light_ionises_between_its_crests() -> None:
    # The formula takes the momentary field in the exponent alone.
    exponent = 2.0 * atom("Ar").kappa ** 3 / 3.0 * ATOMIC_ELECTRIC_FIELD / 1e10
    static = math.exp(exponent * (1.0 - 1.0 / math.cos(0.6)))
    slow = yudin_ivanov(1e10, [0.0, 0.6], "Ar", 100e-6)
    fast = yudin_ivanov(1e10, [0.0, 0.6], "Ar", 800e-9)
    assert_allclose(slow[1] / slow[0], static, rtol=0.02)
    assert fast[1] / fast[0] > 1e3 * static


def test_cycle_average_of_tunnelling_is_that_of_the_sine() -> None:
    phase = np.linspace(0.0, 2.0 * np.pi, 4000, endpoint=False)
    for name, field in (("He", 5e10), ("Ar", 2e10), ("Xe", 1.5e10)):
        mean = adk(field * np.cos(phase), name).mean()
        assert_allclose(mean, adk(field, name, cycle_average=True), rtol=0.05)


def test_states_of_a_shell_add_up() -> None:
    parts = adk(2e10, "Ar", m=0, electrons=2) + 2.0 * adk(2e10, "Ar", m=1, electrons=2)
    assert_allclose(adk(2e10, "Ar"), parts, rtol=1e-12)


def test_published_amplitudes_are_near_those_of_the_quantum_defect() -> None:
    for name in ("H", "He", "Ne", "Ar", "Kr", "Xe", "He+"):
        ratio = adk(2e10, name, amplitude="asymptotic") / adk(2e10, name)
        assert 0.5 < ratio < 2.1, name
    assert_allclose(
        adk(2e11, "He+", amplitude="asymptotic"), adk(2e11, "He+"), rtol=1e-3
    )


def test_keldysh_parameter_is_that_of_the_ponderomotive_energy() -> None:
    intensity = 1e14
    energy = 9.337e-14 * intensity * 0.8**2  # eV, as every text book has it
    expected = math.sqrt(13.598 / (2.0 * energy))
    found = keldysh_parameter(field_of(intensity), "H", 800e-9)
    assert_allclose(found, expected, rtol=1e-3)


def test_barrier_suppression_is_at_the_published_intensities() -> None:
    # Augst et al., Phys. Rev. Lett. 63, 2212 (1989): 4.00e9 (Ip/eV)^4/Z^2 W/cm^2.
    for name in ("He", "Ne", "Ar", "Kr", "Xe", "Ar+"):
        who = atom(name)
        volts = who.ionisation_energy / ELEMENTARY_CHARGE
        expected = 4.0e9 * volts**4 / who.charge**2
        assert_allclose(barrier_suppression_intensity(name) * 1e-4, expected, rtol=2e-3)


def test_no_field_ionises_nothing() -> None:
    assert adk(0.0, "He") == 0.0
    assert ppt([0.0, 1.0], "He", 800e-9).tolist() == [0.0, 0.0]
    assert yudin_ivanov(0.0, 0.0, "He", 800e-9) == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: adk(1e10, "Argon"), "did you mean 'Ar'|must be one of"),
        (lambda: adk(np.nan, "Ar"), "finite real numbers in V/m"),
        (lambda: adk(1e10 + 1j, "Ar"), "absolute value"),
        (lambda: adk(1e10, "Ar", m=2), "m must be between -1 and 1"),
        (lambda: adk(1e10, "Ar", electrons=0.0), "electrons must be > 0"),
        (lambda: adk(1e10, "Ar+", barrier_suppression=True), "suppression"),
        (lambda: adk(1e10, "N2", amplitude="asymptotic"), "amplitude of N2"),
        (lambda: adk(1e10, "Ar", amplitude="hartree"), "amplitude must be one of"),
        (lambda: ppt(1e10, "Ar", -1.0), "wavelength must be > 0"),
        (lambda: ppt(1e10, "Xe", 1e-6, stark_shift=True), "polarisabilities of Xe"),
        (lambda: ppt(1e10, "Xe", 1e-6, coulomb="none"), "coulomb must be one of"),
        (lambda: yudin_ivanov(1e10, np.inf, "Ar", 1e-6), "phase must be finite"),
        (
            lambda: yudin_ivanov([1e10, 2e10], [0, 1, 2], "Ar", 1e-6),
            r"of envelope, \(2,\), got \(3,\)",
        ),
        (lambda: keldysh_parameter(0.0, "Ar", 1e-6), "field must be > 0"),
        (lambda: Atom(name="x", ionisation_energy=13.6), "one eV is"),
        (lambda: Atom(name="x", ionisation_energy=2e-18, l=4), "l must be"),
        (lambda: Atom(name="x", ionisation_energy=2e-18, electrons=3), "electrons"),
        (lambda: atom("Krypton"), "name must be one of"),
    ],
)
def test_what_has_no_sense_is_refused_in_words(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=words):
        call()


def test_an_atom_is_one_or_its_name() -> None:
    with pytest.raises(InvalidKind, match="must be an Atom or the name"):
        adk(1e10, 18)  # type: ignore[arg-type]
