"""Attosecond light of atoms: laws of trains, gates and chirps."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.constants import ELECTRONVOLT, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Pulse
from qleap.laser.attosecond import (
    Colour,
    IsolatedPulse,
    ThinFilm,
    compensating_film,
    double_optical_gate,
    find_bursts,
    gated_field,
    isolated_pulse,
    short_path_chirp,
    synthesised_field,
)
from qleap.laser.driving import driving_field
from qleap.laser.ionisation import rate_table
from qleap.laser.media import XuvMedium
from qleap.laser.pulses import polarised, ponderomotive_energy, to_samples

CYCLE = 800e-9 / SPEED_OF_LIGHT
ARGON = 15.76 * ELECTRONVOLT


def flat_top(wavelength: float = 800e-9, cycles: float = 5.0) -> Pulse:
    """Return light of even cycles."""
    cycle = wavelength / SPEED_OF_LIGHT
    return Pulse(
        shape="flat-top", wavelength=wavelength, fwhm=cycles * cycle, ramp=cycle,
        peak_power=1.0,
    )  # fmt: skip


def band(low: float, high: float) -> tuple[float, float]:
    return low * ELECTRONVOLT, high * ELECTRONVOLT


def peaks(made: IsolatedPulse, least: float = 0.1) -> NDArray[np.float64]:
    """Return the times of the high bursts within three cycles about the middle."""
    bursts = find_bursts(made.light, within=(-1.5 * CYCLE, 1.5 * CYCLE))
    return np.asarray(bursts.time[bursts.power > least * bursts.power.max()])


def test_bursts_come_twice_a_cycle_and_once_with_a_second_harmonic() -> None:
    plain = flat_top()
    driving = driving_field(plain, peak_intensity=3e18)
    times = peaks(isolated_pulse(driving, "Ar", band(45, 75)))
    np.testing.assert_allclose(np.diff(times), 0.5 * CYCLE, rtol=0.03)
    both = synthesised_field(
        [
            Colour(wavelength=800e-9, fwhm=25e-15, intensity=3e18),
            Colour(wavelength=400e-9, fwhm=25e-15, intensity=2e17, cep=0.3),
        ]
    )
    times = peaks(isolated_pulse(both, "Ar", band(70, 105)), 0.3)
    assert times.size >= 2
    np.testing.assert_allclose(np.diff(times), CYCLE, rtol=0.03)


def test_harmonics_weaken_with_ellipticity_as_gates_assume() -> None:
    energies = []
    for ratio in (0.0, 0.1, 0.2, 0.3):
        pulse = Pulse(shape="gaussian", wavelength=8e-7, fwhm=1e-14, peak_power=1.0)
        light = polarised(pulse, ellipticity=ratio)
        driving = driving_field(light, peak_intensity=2.5e18)
        energies.append(isolated_pulse(driving, "Ar", band(35, 55)).light.energy)
    share = np.array(energies) / energies[0]
    assert np.all(np.diff(share) < 0.0)
    # A threshold of 0.2 is where little is left.
    assert 0.3 < share[1] < 0.9
    assert share[2] < 0.3
    assert share[3] < 0.1


def test_chirp_of_short_paths_goes_as_one_over_intensity_and_wavelength() -> None:
    # Mairesse et al. (2003) measured it; the law is that of classical paths.
    products, ratios = [], []
    for intensity, wavelength in ((3e18, 800e-9), (4e18, 800e-9), (3e18, 1200e-9)):
        cycle = wavelength / SPEED_OF_LIGHT
        up = ponderomotive_energy(intensity, wavelength)
        driving = driving_field(flat_top(wavelength, 4.0), peak_intensity=intensity)
        made = isolated_pulse(driving, "Ar", (ARGON + 0.9 * up, ARGON + 2.3 * up))
        burst = find_bursts(made.light, within=(-0.3 * cycle, 0.3 * cycle))
        expected = short_path_chirp(intensity, wavelength, burst.photon_energy - ARGON)
        products.append(burst.gdd * intensity * wavelength)
        ratios.append(burst.gdd / expected)
    np.testing.assert_allclose(products, np.mean(products), rtol=0.04)
    np.testing.assert_allclose(ratios, 0.9, atol=0.06)


def test_classical_chirp_scales_exactly_and_has_the_slope_of_returns() -> None:
    up = ponderomotive_energy(3e18, 800e-9)
    once = short_path_chirp(3e18, 800e-9, 1.6 * up)
    assert short_path_chirp(6e18, 800e-9, 3.2 * up) == pytest.approx(once / 2.0)
    assert short_path_chirp(3e18, 1600e-9, 6.4 * up) == pytest.approx(once / 2.0)
    with pytest.raises(InvalidValue, match="kinetic_energy must be <"):
        short_path_chirp(3e18, 800e-9, 3.2 * up)


def test_aluminium_undoes_a_chirp() -> None:
    pytest.importorskip("periodictable")
    wavelength = 2.0 * np.pi * SPEED_OF_LIGHT * HBAR / (42.0 * ELECTRONVOLT)
    chirped = Pulse(
        shape="gaussian", wavelength=wavelength, fwhm=250e-18, peak_power=1.0,
        gdd=20000e-36,
    )  # fmt: skip
    grid = Grid(n_points=256, window=20e-15, wavelength=wavelength)
    light = to_samples(chirped, grid)
    found = compensating_film(light, XuvMedium(formula="Al"), thickest=1.5e-6)
    assert found.film.thickness > 300e-9
    assert found.fwhm < 0.95 * found.fwhm_before
    assert found.limit <= found.fwhm * 1.001
    assert 0.0 < found.transmission < 0.5
    assert find_bursts(found.light).gdd < 0.8 * 20000e-36
    assert "nm of Al" in str(found)


def test_gates_leave_one_burst_of_a_long_driver() -> None:
    pulse = Pulse(shape="gaussian", wavelength=750e-9, fwhm=7e-15, peak_power=1.0)
    energies = band(55, 130)
    train = driving_field(pulse, peak_intensity=1e19)
    many = isolated_pulse(train, "Ne", energies)
    gate = double_optical_gate(pulse, 7e-15, ratio=0.3, ellipticity=0.5)
    one = isolated_pulse(gated_field(gate, 1e19), "Ne", energies)
    assert many.bursts.satellite_ratio > 0.3
    assert one.bursts.energy_share > 5.0 * many.bursts.energy_share / 3.0


def test_depletion_gates_the_leading_edge() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=8e-15, peak_power=1.0)
    driving = driving_field(pulse, peak_intensity=1.2e19)
    rates = rate_table("Ar", "ppt", wavelength=800e-9)
    kept = isolated_pulse(driving, "Ar", band(60, 120))
    lost = isolated_pulse(driving, "Ar", band(60, 120), rates=rates)

    def middle(made: IsolatedPulse) -> float:
        power = np.abs(made.light.samples) ** 2
        return float(np.sum(power * made.light.grid.time) / power.sum())

    assert middle(lost) < middle(kept) - 0.5 * CYCLE
    assert float(lost.dipole["survival"][-1]) < 0.05


def test_filters_are_passed_and_their_loss_is_told() -> None:
    pytest.importorskip("periodictable")
    pulse = Pulse(shape="gaussian", wavelength=720e-9, fwhm=3.3e-15, peak_power=1.0)
    driving = driving_field(pulse, peak_intensity=7e18)
    film = ThinFilm(medium=XuvMedium(formula="Zr"), thickness=300e-9)
    bare = isolated_pulse(driving, "Ne", band(60, 120))
    made = isolated_pulse(driving, "Ne", band(60, 120), filters=[film])
    share = made.light.energy / bare.light.energy
    assert made.transmission == pytest.approx(share, rel=1e-12)
    assert bare.transmission == 1.0
    assert 0.1 < share < 0.8
    assert "filters pass" in str(made)
    assert "filters pass 100 %" in str(bare)


def test_what_is_no_driver_is_refused() -> None:
    with pytest.raises(InvalidKind, match="driving"):
        isolated_pulse(flat_top(), "Ar", band(45, 75))  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="medium"):
        compensating_film(flat_top(), "Al")  # type: ignore[arg-type]
    pytest.importorskip("periodictable")
    film = ThinFilm(medium=XuvMedium(formula="Zr"), thickness=300e-9)
    pulse = Pulse(shape="gaussian", wavelength=720e-9, fwhm=3.3e-15, peak_power=1.0)
    driving = driving_field(pulse, peak_intensity=7e18)
    with pytest.raises(InvalidKind, match="filters"):
        isolated_pulse(driving, "Ne", band(60, 120), filters=film)  # type: ignore[arg-type]
