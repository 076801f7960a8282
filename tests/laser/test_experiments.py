"""Setups of published experiments against what was found there."""

import dataclasses

import numpy as np
import pytest
from scipy.constants import c
from scipy.optimize import brentq

from qleap.laser import (
    Capillary,
    Material,
    Pulse,
    analytic_signal,
    fwhm,
    light_at,
    propagate_capillary,
)
from qleap.laser.pulses import compress_by_polynomial

# HiSol.jl, README.md: the guide of Travers et al., Nat. Photon. 13, 547 (2019), for a
# dispersive wave at 160 nm of pulses with 200 uJ in 10 fs.
GUIDE = Capillary(
    core_radius=125e-6,
    length=3.0,
    gas="helium",
    pressure=0.7253185622214363e5,
    model="reduced",
    fit="ermolov-2015",
)


def _phase_matched(guide: Capillary) -> float:
    omega0 = 2.0 * np.pi * c / 800e-9
    slow = 1.0 / c + guide.delay_beyond_vacuum(800e-9)

    def mismatch(wavelength: float) -> float:
        omega = 2.0 * np.pi * c / wavelength
        beta = guide.propagation_constant([omega0, omega])
        return float(beta[1] - beta[0] - slow * (omega - omega0))

    return float(brentq(mismatch, 100e-9, 400e-9))


def test_the_soliton_of_travers_has_the_published_order_and_lengths() -> None:
    pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=10e-15, energy=200e-6)
    strength = GUIDE.nonlinear_coefficient(800e-9) * pulse.peak_power
    bend = abs(GUIDE.group_velocity_dispersion(800e-9)) / pulse.t0**2
    assert np.sqrt(strength / bend) == pytest.approx(2.50167, rel=1e-3)
    assert 1.0 / np.sqrt(strength * bend) == pytest.approx(1.63453, rel=1e-3)
    loss = float(GUIDE.attenuation(2.0 * np.pi * c / 800e-9))
    assert 1.0 / loss == pytest.approx(7.059317, rel=1e-6)


def test_the_dispersive_wave_is_phase_matched_at_160_nm() -> None:
    """HiSol.jl takes the fit to hold at 1 bar and 0 C, where ours holds at 1 atm.

    Ours agrees with Mansfield and Peck (1969) in the visible, theirs is 1.3 % denser.
    """
    found = _phase_matched(GUIDE)
    assert found == pytest.approx(158.95e-9, rel=2e-4)
    denser = dataclasses.replace(GUIDE, pressure=GUIDE.pressure_at(0.0) * 1.01325)
    assert _phase_matched(denser) == pytest.approx(160e-9, rel=2e-4)
    omega = 2.0 * np.pi * c / 633e-9
    own, peck = (
        float(Material(name="helium", fit=fit).susceptibility(omega))
        for fit in ("ermolov-2015", "mansfield-1969")
    )
    assert own == pytest.approx(peck, rel=1e-3)


@pytest.mark.filterwarnings("ignore:light reached the edge of the grid in high")
def test_a_soliton_in_helium_becomes_shorter_than_a_cycle_and_lights_the_far_uv() -> (
    None
):
    # Harmonics at the band's end (4e-5 of the peak) are beyond what is known of helium.
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=200e-6)
    data = propagate_capillary(
        pulse, GUIDE, tolerance=1e-4, n_positions=31, wavelengths=(80e-9, 3e-6)
    )
    powers = [np.abs(analytic_signal(data, z)) ** 2 for z in data["position"].values]
    shortest = min(fwhm(data["time"].values, power) for power in powers)
    assert 0.8e-15 < shortest < 800e-9 / c
    frequency = data["frequency"].values
    density = data["spectrum"].values[-1] * frequency**2
    far = np.where((frequency > c / 250e-9), density, 0.0)
    # The soliton is slowed down where it is compressed, so the wave is bluer.
    assert 0.88 * 159e-9 < c / frequency[np.argmax(far)] < 159e-9


def test_a_gradient_of_helium_compresses_to_three_and_a_half_femtoseconds() -> None:
    # S. Haessler, Nonlinear-propagation: 25 fs, 6.5 mJ, circular (two thirds of the
    # Kerr effect), 536 um bore, 2.5 m, 0 to 1.3 bar.
    guide = Capillary(
        core_radius=268e-6,
        length=2.5,
        gas="helium",
        pressure=(0.0, 1.3e5),
        fit="ermolov-2015",
    )
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=25e-15, energy=6.5e-3 / 1.5)
    data = propagate_capillary(pulse, guide, tolerance=1e-4, n_positions=2)
    out = light_at(data, guide.length, wavelength=740e-9)
    assert compress_by_polynomial(out, 3).fwhm == pytest.approx(3.5e-15, rel=0.05)
