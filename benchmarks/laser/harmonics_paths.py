"""Quantum paths and recombination: equations, the full integral, exact hydrogen."""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HARTREE,
)
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import (
    path_spectrum,
    periodic_field,
    photoionisation_cross_section,
    photoionisation_table,
    quantum_paths,
    recombination_element,
    sfa_dipole,
)
from qleap.laser.harmonics.scattering_states import radial_elements
from qleap.laser.ionisation import atom
from qleap.laser.tdse import central_potential

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

FINE_STRUCTURE = 7.2973525643e-3
INTENSITY = 1.5e18
POINTS = 1024
"""Of a cycle in the full integral."""


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield truths of quantum paths, then of recombination."""
    del quick
    yield Accuracy(
        name="laser.harmonics.saddle_points",
        title="largest error of the energy at return, of 3 visits and 200 harmonics",
        unit="hartree",
        evidence="analytic",
        reference="the equations of the saddle points, for a cosine",
        measure=_residual,
        prediction=0.0,
        citation="Lewenstein et al., Phys. Rev. A 49, 2117 (1994)",
    )
    yield Accuracy(
        name="laser.harmonics.path_sum",
        title="relative error of the upper plateau by quantum paths, 1.6 um, argon",
        unit="1",
        evidence="simulated",
        reference="the strong-field integral over births and returns",
        measure=_path_error,
        prediction=0.0,
        citation="Lewenstein et al., Phys. Rev. A 49, 2117 (1994)",
    )
    yield Accuracy(
        name="laser.harmonics.elliptical_paths",
        title="relative error of elliptical harmonics by quantum paths, 1.6 um, argon",
        unit="1",
        evidence="simulated",
        reference="sfa_dipole, both components, ellipticities of 0.1 and 0.3",
        measure=_elliptical_error,
        prediction=0.0,
        citation="Lewenstein et al., Phys. Rev. A 49, 2117 (1994)",
    )
    yield Accuracy(
        name="laser.harmonics.path_time",
        title="time for paths of 200 harmonics and 3 visits, threads: 1",
        unit="s",
        evidence="simulated",
        reference="nothing",
        measure=_path_time,
        alone=True,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.harmonics.hydrogen_cross_section",
        title="largest relative error of hydrogen's photoionisation, 0.3 meV to 80 eV",
        unit="1",
        evidence="analytic",
        reference="the exact cross section",
        measure=_hydrogen_error,
        prediction=0.0,
        citation="Bethe and Salpeter, Quantum Mechanics of One- and Two-Electron "
        "Atoms (1957), section 71",
    )
    yield Accuracy(
        name="laser.harmonics.cooper_minimum",
        title="zero of argon's d wave, difference from the measured Cooper minimum",
        unit="eV",
        evidence="recorded-lab-data",
        reference="48 eV",
        measure=_cooper_difference,
        prediction=2.0,
        citation="Higuet et al., arXiv:1012.2676",
    )
    yield Accuracy(
        name="laser.harmonics.published_recombination",
        title="largest relative error of hydrogen's recombination from a published "
        "cross section, 15 to 340 eV",
        unit="1",
        evidence="analytic",
        reference="the exact cross section, by detailed balance",
        measure=_published_error,
        prediction=0.0,
        citation="Verner et al., Astrophys. J. 465, 487 (1996)",
    )


def _energies(number: int) -> Floats:
    return np.linspace(17.0, 50.0, number) * ELECTRONVOLT


def _residual() -> float:
    field = periodic_field(800e-9, INTENSITY)
    data = quantum_paths(field, "Ar", _energies(200), visits=3)
    birth, back = (data[n].values / ATOMIC_TIME for n in ("birth_time", "return_time"))
    omega = field.spacing_au
    a = field.amplitudes[0].real / ATOMIC_ELECTRIC_FIELD / omega
    momentum = a / omega * (np.cos(omega * back) - np.cos(omega * birth))
    momentum /= back - birth
    ip = atom("Ar").energy_au
    born = (momentum + a * np.sin(omega * birth)) ** 2 / 2.0 + ip
    end = (momentum + a * np.sin(omega * back)) ** 2 / 2.0 + ip
    energy = data["photon_energy"].values / HARTREE
    return float(max(np.abs(born).max(), np.abs(end - energy).max()))


def _path_time() -> float:
    field = periodic_field(800e-9, INTENSITY)
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        quantum_paths(field, "Ar", _energies(200), visits=3)
        taken.append(time.perf_counter() - began)
    return min(taken)


def _path_error() -> float:
    field = periodic_field(1600e-9, INTENSITY)
    ip, omega = atom("Ar").energy_au, field.spacing_au
    strength = field.amplitudes[0].real / ATOMIC_ELECTRIC_FIELD
    quiver = strength**2 / (4.0 * omega**2)
    # Excursions beyond 0.8 cycles, which the integral leaves out, have less energy.
    orders = np.arange(round((ip + 2.0 * quiver) / omega) // 2 * 2 + 1, 193, 2)
    exact = _full_integral(ip, strength, omega)[orders]
    data = quantum_paths(field, "Ar", orders * omega * HARTREE)
    unit = ELEMENTARY_CHARGE * BOHR_RADIUS / ATOMIC_TIME
    scale = -((orders * omega) ** 2) * unit * 2.0 * np.pi / omega
    found = path_spectrum(data)["amplitude"].values[0] / scale
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


def _elliptical_error() -> float:
    """Return the larger error of the upper plateau at two ellipticities."""
    errors, steps = [], 1200
    for ratio in (0.1, 0.3):
        field = periodic_field(1600e-9, INTENSITY, ellipticity=ratio)
        ip, omega = atom("Ar").energy_au, field.spacing_au
        strength = abs(field.amplitudes[0, 0]) / ATOMIC_ELECTRIC_FIELD
        quiver = strength**2 / (4.0 * omega**2)
        orders = np.arange(round((ip + 2.0 * quiver) / omega) // 2 * 2 + 1, 193, 2)
        t = np.arange(3 * steps) * field.cycle / steps
        values = field.values_au(t / ATOMIC_TIME)[0].real * ATOMIC_ELECTRIC_FIELD
        data = sfa_dipole(
            DrivingField(time=t, field=values, wavelength=1600e-9),
            "Ar",
            longest_excursion=1.05 * field.cycle,
        )
        last = data["dipole_acceleration"].values[:, 2 * steps :]
        exact = np.conj(np.fft.fft(last)[:, orders]) * field.cycle / steps
        made = quantum_paths(field, "Ar", orders * omega * HARTREE)
        found = path_spectrum(made)["amplitude"].values
        errors.append(np.linalg.norm(found - exact) / np.linalg.norm(exact))
    return float(max(errors))


def _full_integral(ip: float, field: float, omega: float) -> Complex:
    """Return harmonics in a cosine, excursions faded out from 0.8 to 1.1 cycles."""
    dt = 2.0 * np.pi / omega / POINTS
    t = np.arange(POINTS) * dt
    alpha, a = 2.0 * ip, field / omega
    found = np.zeros(POINTS)
    for k in range(1, round(1.1 * POINTS)):
        tau, then = k * dt, t - k * dt
        fade = np.cos(0.5 * np.pi * max(k / POINTS - 0.8, 0.0) / 0.3) ** 2
        p = a / omega * (np.cos(omega * t) - np.cos(omega * then)) / tau
        turns = np.sin(2 * omega * t) - np.sin(2 * omega * then)
        square = tau / 2.0 - turns / (4.0 * omega)
        action = ip * tau + 0.5 * (a**2 * square - p**2 * tau)
        v, born = p + a * np.sin(omega * t), p + a * np.sin(omega * then)
        squares = (v**2 + alpha) * (born**2 + alpha)
        wave = 1j * (np.pi / (1e-8 + 0.5j * tau)) ** 1.5 * np.exp(-1j * action)
        element = v * born * field * np.cos(omega * then) / squares**3
        found += fade * element * wave.real
    scale = 2.0 * 2.0**7 * alpha**2.5 / np.pi**2 * dt
    return np.asarray(np.conj(np.fft.fft(scale * found)) / POINTS)


def _hydrogen_error() -> float:
    photon = 0.5 + np.array([1e-5, 0.01, 0.3, 1.0, 3.0])
    found = photoionisation_cross_section("H", photon * HARTREE)
    return float(np.abs(found / _hydrogen(photon) - 1.0).max())


def _hydrogen(photon: Floats) -> Floats:
    """Return hydrogen's exact cross section, m^2, at photon energies in hartree."""
    k = np.sqrt(2.0 * photon - 1.0)
    falls = np.exp(-4.0 * np.arctan(k) / k) / (1.0 - np.exp(-2.0 * np.pi / k))
    scale = 2.0**9 * np.pi**2 / 3.0 * FINE_STRUCTURE * BOHR_RADIUS**2
    return np.asarray(scale * (0.5 / photon) ** 4 * falls)


def _published_error() -> float:
    element = recombination_element("H", table=photoionisation_table("H"))
    kinetic = element.kinetic_energy / HARTREE
    photon = kinetic + atom("H").energy_au
    # Electrons of an s state go as the squared cosine.
    along = 4.0 * np.pi**2 * FINE_STRUCTURE * photon * np.sqrt(2.0 * kinetic)
    exact = np.sqrt(3.0 * _hydrogen(photon) / (4.0 * np.pi * BOHR_RADIUS**2) / along)
    return float(np.abs(np.abs(element.values) / exact - 1.0).max())


def _cooper_difference() -> float:
    photon = np.linspace(35.0, 60.0, 101)
    kinetic = photon * ELECTRONVOLT / HARTREE - atom("Ar").energy_au
    element = radial_elements(central_potential("Ar (Muller)"), kinetic).elements[1]
    return float(abs(np.interp(0.0, element, photon) - 48.0))
