"""Drivers in hollow guides against an integral along the way, wave by wave."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import j0, j1, jn_zeros

from qleap.core.constants import (
    ELECTRONVOLT,
    SPEED_OF_LIGHT,
    VACUUM_PERMEABILITY,
    VACUUM_PERMITTIVITY,
)
from qleap.laser import Capillary, Pulse, propagate_capillary
from qleap.laser.guides.modes import linear_modes
from qleap.laser.macroscopic import generate_harmonics

Floats = NDArray[np.float64]

CORE, LENGTH, WAVELENGTH, STRENGTH = 50e-6, 8e-3, 800e-9, 1e-60
OMEGA = 2.0 * np.pi * SPEED_OF_LIGHT / WAVELENGTH
THIRD = (4.2 * ELECTRONVOLT, 5.1 * ELECTRONVOLT)
PULSE = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=25e-15, energy=1e-6)


@dataclasses.dataclass(frozen=True)
class Cubic:
    """Atoms with the dipole ``STRENGTH E^3``."""

    def accelerations(self, fields: Floats, step: float) -> Floats:
        omega = 2.0 * np.pi * np.fft.rfftfreq(fields.shape[1], step)
        spectrum = np.fft.rfft(STRENGTH * fields * fields * fields, axis=1)
        return np.fft.irfft(-(omega**2) * spectrum, fields.shape[1], axis=1)

    def parameters(self) -> dict[str, object]:
        return {"model": "cubic"}


def wave_by_wave(guide: Capillary, shares: tuple[float, ...]) -> float:
    """Return the energy of the third harmonic, of monochromatic modes, J."""
    roots = jn_zeros(0, 6)
    radius = (np.arange(120) + 0.5) * CORE / 120
    area = 2.0 * np.pi * radius * CORE / 120
    shapes = j0(np.outer(roots, radius) / CORE)
    shapes /= (np.sqrt(np.pi) * CORE * np.abs(j1(roots)))[:, None]
    # Places closer where a gas begins as a root of the length.
    z = LENGTH * np.linspace(0.0, 1.0, 601) ** 2
    density = np.array([guide.number_density(float(p)) for p in z])
    admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
    field = np.zeros((z.size, radius.size), np.complex128)
    for mode, shape, share in zip(linear_modes(2), shapes, shares, strict=False):
        excess = np.array(
            [complex(guide.index_excess_of(OMEGA, n, CORE, mode)) for n in density]
        )
        steps = 0.5 * (excess[1:] + excess[:-1]) * np.diff(z)
        phase = OMEGA / SPEED_OF_LIGHT * np.concatenate([[0.0], np.cumsum(steps)])
        field += share * np.exp(1j * phase)[:, None] * shape
    field *= np.sqrt(2.0 / admittance)  # of one watt, V/m
    k = 3.0 * OMEGA / SPEED_OF_LIGHT
    source = density[:, None] * STRENGTH * field**3 / 4.0  # analytic polarisation
    total = 0.0
    for shape, root in zip(shapes, roots, strict=True):
        along = np.sqrt(k**2 - (root / CORE) ** 2)
        rate = 0.5j * VACUUM_PERMEABILITY * (3.0 * OMEGA) ** 2 / along
        part = (source @ (shape * area)) * np.exp(1j * (k - along) * z)
        total += abs(np.trapezoid(rate * part, z)) ** 2
    time = np.linspace(-2e-13, 2e-13, 4001)
    power = np.abs(PULSE.envelope(time)) ** 2
    return 0.5 * admittance * total * float(np.trapezoid(power**3, time))


@pytest.mark.parametrize(
    ("pressure", "shares"),
    [(3e3, (1.0,)), ((0.0, 2e4), (1.0,)), (3e3, (0.9, 0.3))],
)
def test_harmonics_in_a_guide_are_those_of_its_waves(
    pressure: float | tuple[float, float], shares: tuple[float, ...]
) -> None:
    guide = Capillary(core_radius=CORE, length=LENGTH, gas="helium", pressure=pressure)
    driver = propagate_capillary(
        PULSE,
        guide,
        modes=len(shares),
        launch=shares,
        kerr=False,
        plasma=None,
        full_field=False,
        n_positions=41,
        estimate_error=False,
    )
    data = generate_harmonics(
        driver, Cubic(), energies=THIRD, n_radii=16, weakest=1e-3, dispersion=None
    )
    expected = wave_by_wave(guide, shares)
    assert data["energy"].values[-1] == pytest.approx(expected, rel=1e-2)
