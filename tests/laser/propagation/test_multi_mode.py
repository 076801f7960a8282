"""Several modes of a hollow guide."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.fourier import ComplexTransform
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode, gaussian_coupling, linear_modes
from qleap.laser.propagation import capillary
from qleap.laser.propagation.capillary import propagate_capillary
from qleap.laser.propagation.capillary_equation import CapillaryEquation
from qleap.laser.propagation.capillary_evolution import analytic_signal
from qleap.laser.propagation.effects import Effects
from qleap.laser.propagation.equation import UnidirectionalEquation
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.linear import UniformLinear
from qleap.laser.propagation.mode_average import ModeAverage
from qleap.laser.propagation.multi_mode import RadialModes
from qleap.laser.propagation.responses import KerrEnvelope
from qleap.laser.propagation.time_grid import entering
from qleap.laser.pulses.pulse import Pulse

GUIDE = Capillary(core_radius=125e-6, length=0.5, gas="argon", pressure=0.5e5, loss=0.0)
GRID = Grid(n_points=256, window=4e-13, wavelength=800e-9)
PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, peak_power=2e9)


def gamma(*modes: Mode) -> float:
    """Return ``omega n2 / c`` times the overlap of four modes."""
    places, shares = np.polynomial.legendre.leggauss(60)
    r = 0.5 * (places + 1.0)
    product = np.prod([mode.field(r)[0] for mode in modes], axis=0)
    overlap = np.pi * float((shares * r) @ product) / GUIDE.core_radius_at(0.0) ** 2
    return GUIDE.nonlinear_coefficient(800e-9) * GUIDE.effective_area() * overlap


def test_one_mode_at_points_is_one_mode_at_its_effective_area() -> None:
    amplitudes = entering(PULSE, GRID)
    found = []
    for transverse in (
        RadialModes([Mode()], GUIDE.core_radius_at, 8),
        ModeAverage(GUIDE.effective_area),
    ):
        shape = (transverse.n_points, GRID.n_points)
        equation = UnidirectionalEquation(
            UniformLinear(np.zeros(GRID.n_points, complex)), transverse,
            [KerrEnvelope(GUIDE.chi3)], ComplexTransform(shape),
            omega=GRID.omega, weights=np.ones(GRID.n_points),
        )  # fmt: skip
        out = np.empty((1, GRID.n_points), complex)
        given = amplitudes[None] if transverse.n_points > 1 else amplitudes
        equation.nonlinear_into(0.0, given, out if given.ndim == 2 else out[0])
        found.append(out[0])
    assert_allclose(found[0], found[1], atol=1e-8 * np.abs(found[1]).max())


def test_light_in_a_higher_mode_arrives_later() -> None:
    modes = linear_modes(2)
    linear = CapillaryEquation(GUIDE, modes, GRID, Effects(kerr=False))
    amplitudes = np.stack([entering(PULSE, GRID)] * 2)
    start = Snapshot(position=0.0, amplitudes=amplitudes, step=0.5)
    *_, last = march(start, linear, [0.5], tolerance=1e-6)
    power = np.abs(np.fft.fft(last.amplitudes, axis=1)) ** 2
    centres = (power @ GRID.time) / power.sum(axis=1)
    # 1/v = (1 + u^2 c^2 / (2 omega^2 a^2)) / c, but for terms smaller by 1e-4.
    spread = modes[1].root ** 2 - modes[0].root ** 2
    across = (800e-9 / (2.0 * np.pi * 125e-6)) ** 2
    expected = 0.5 * 0.5 * spread * across / SPEED_OF_LIGHT
    assert_allclose(centres[1] - centres[0], expected, rtol=3e-3)


def test_a_weak_second_mode_beats_with_the_first() -> None:
    # First order in the power: a2' = i g P a1 exp(i (beta1 - beta2) z).
    weak = dataclasses.replace(PULSE, peak_power=2e7, energy=np.nan, fwhm=100e-15)
    grid = Grid(n_points=256, window=6e-13, wavelength=800e-9)
    modes = linear_modes(2)
    omega = np.array([grid.omega0])
    beta = [float(GUIDE.propagation_constant(omega, 0.0, m)[0]) for m in modes]
    beat = 2.0 * np.pi / abs(beta[0] - beta[1])
    data = propagate_capillary(
        weak, dataclasses.replace(GUIDE, length=beat), modes=modes, plasma=None,
        grid=grid, tolerance=1e-9, n_positions=5,
    )  # fmt: skip
    peak = [
        np.abs(analytic_signal(data, z, mode=1)).max() for z in data.position.values
    ]
    largest = 2.0 * gamma(*[modes[0]] * 3, modes[1]) * weak.peak_power
    expected = largest / abs(beta[0] - beta[1]) * np.sqrt(weak.peak_power)
    assert_allclose(peak[2], expected, rtol=0.01)
    assert_allclose(peak[1], expected / np.sqrt(2.0), rtol=0.01)
    assert peak[4] < 0.04 * expected  # a pulse has more than one frequency


def test_modes_share_photons_and_lose_none() -> None:
    strong = dataclasses.replace(PULSE, peak_power=6e9, energy=np.nan)
    data = propagate_capillary(
        strong, dataclasses.replace(GUIDE, length=0.05), modes=3, plasma=None,
        grid=Grid(n_points=256, window=3.6e-13, wavelength=800e-9), tolerance=1e-7,
        n_positions=6,
    )  # fmt: skip
    photons, shared = data["photon_number"].values, data["mode_energy"].values
    assert_allclose(photons, photons[0], rtol=1e-5)
    assert shared[:, 1].max() > 3e-3 * shared[0, 0]
    assert_allclose(shared.sum(axis=1), data["energy"].values, rtol=1e-12)


def test_light_draws_itself_together_below_the_critical_power() -> None:
    # Higher modes add on the axis: the beam narrows as the power nears the critical
    # one, 1.86 lambda^2 / (4 pi n2) (G. Fibich and A. L. Gaeta, Opt. Lett. 25, 335
    # (2000): the same one as in free space).
    area = GUIDE.effective_area()
    n2 = GUIDE.nonlinear_coefficient(800e-9) * area * 800e-9 / (2.0 * np.pi)
    critical = 1.86225 * 800e-9**2 / (4.0 * np.pi * n2)
    grid = Grid(n_points=256, window=6e-13, wavelength=800e-9)
    gains = []
    for share in (0.1, 0.4, 0.8):
        pulse = Pulse(
            shape="gaussian", wavelength=800e-9, fwhm=100e-15,
            peak_power=share * critical,
        )  # fmt: skip
        data = propagate_capillary(
            pulse, dataclasses.replace(GUIDE, length=0.08), modes=5, plasma=None,
            grid=grid, tolerance=1e-5, n_positions=17,
        )  # fmt: skip
        intensity = data["peak_intensity"].values
        gains.append(intensity.max() / intensity[0])
    assert 1.0 < gains[0] < 1.2
    assert gains[0] < gains[1] < gains[2]
    assert gains[2] > 2.0


def test_points_are_added_until_the_sources_stand_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capillary, "_first_radial", lambda _: 3)
    strong = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=300e-6)
    helium = Capillary(core_radius=125e-6, length=0.02, gas="helium", pressure=1e5)
    data = propagate_capillary(
        strong, helium, modes=2, full_field=False, tolerance=1e-5, n_positions=2
    )
    assert 6 <= results.parameters(data)["n_radial"] <= 12


def field_grid(n: int = 1024) -> FieldGrid:
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / 800e-9
    return FieldGrid(
        n_points=n, window=0.999 * n * 0.5 * np.pi / (4.5 * omega), wavelength=800e-9,
        band=(0.25 * omega, 4.5 * omega),
    )  # fmt: skip


def test_turned_polarisations_are_turned_light() -> None:
    helium = Capillary(core_radius=60e-6, length=5e-3, gas="helium", pressure=1e5)
    bright = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=160e-6)
    arguments = {"grid": field_grid(), "tolerance": 1e-6, "n_positions": 2}
    plain = propagate_capillary(bright, helium, modes=2, **arguments)  # type: ignore[arg-type]
    crossed = [Mode(radial=m, angle=0.5 * np.pi * k) for m in (1, 2) for k in (0, 1)]
    turned = propagate_capillary(
        bright,
        helium,
        modes=crossed,
        launch=(0.6, 0.8, 0.0, 0.0),
        **arguments,  # type: ignore[arg-type]
    )
    first, second = plain["amplitudes"].values[1]
    assert np.abs(second).max() > 1e-3 * np.abs(first).max()
    expected = [0.6 * first, 0.8 * first, 0.6 * second, 0.8 * second]
    found = turned["amplitudes"].values[1]
    assert_allclose(found, np.stack(expected), atol=2e-4 * np.abs(first).max())
    for name in ("peak_intensity", "electron_density"):
        assert_allclose(turned[name].values, plain[name].values, rtol=1e-3)
    assert plain["electron_density"].values[0] > 1e-3 * helium.number_density()


def test_circular_light_sees_two_thirds_of_the_nonlinearity() -> None:
    # P. D. Maker, R. W. Terhune and C. M. Savage, Phys. Rev. Lett. 12, 507 (1964):
    # no rotation of the ellipse where the polarisation is circular.
    both = (Mode(), Mode(angle=0.5 * np.pi))
    weak = dataclasses.replace(PULSE, fwhm=100e-15, peak_power=1e9, energy=np.nan)
    grid = Grid(n_points=256, window=6e-13, wavelength=800e-9)
    phases = []
    for launch in ((1.0, 0.0), (np.sqrt(0.5), 1j * np.sqrt(0.5)), None):
        data = propagate_capillary(
            weak, GUIDE, modes=both, launch=launch, kerr=launch is not None,
            plasma=None, grid=grid, n_positions=2,
        )  # fmt: skip
        middle = analytic_signal(data, 0.5)[grid.n_points // 2]
        phases.append(np.angle(middle))
    linear, circular = np.mod(np.array(phases[:2]) - phases[2], 2.0 * np.pi)
    assert_allclose(circular / linear, 2.0 / 3.0, rtol=2e-3)
    assert linear > 0.1


def test_modes_of_many_azimuths_share_photons_by_the_symmetry_of_the_gas() -> None:
    # Round light excites no mode of another azimuth; two of them together do.
    modes = [Mode(), Mode(azimuthal=2), Mode(kind="TM", azimuthal=0), Mode(azimuthal=3)]
    strong = dataclasses.replace(PULSE, peak_power=5e9, energy=np.nan)
    short = dataclasses.replace(GUIDE, length=0.02)
    grid = Grid(n_points=256, window=3.6e-13, wavelength=800e-9)
    shared = []
    for launch in ((1.0, 0.0, 0.0, 0.0), (0.8, 0.6, 0.0, 0.0)):
        data = propagate_capillary(
            strong, short, modes=modes, launch=launch, plasma=None, grid=grid,
            tolerance=1e-7, n_positions=2,
        )  # fmt: skip
        photons = data["photon_number"].values
        assert_allclose(photons[1], photons[0], rtol=1e-5)
        shared.append(data["mode_energy"].values[1] / data["energy"].values[1])
    assert shared[0][1:].max() < 1e-20
    assert shared[1][2] > 1e-6
    assert shared[1][3] > 1e-6


def test_what_two_polarisations_cannot_do_is_refused() -> None:
    both = (Mode(), Mode(angle=0.5 * np.pi))
    with pytest.raises(InvalidValue, match="must have raman=False"):
        propagate_capillary(PULSE, GUIDE, modes=both, grid=GRID)
    with pytest.raises(InvalidValue, match="make harmonics"):
        propagate_capillary(
            PULSE, GUIDE, modes=both, third_harmonic=False, plasma=None,
            grid=field_grid(2048),
        )  # fmt: skip


def test_what_a_beam_excites_is_launched() -> None:
    modes = linear_modes(3)
    shares = gaussian_coupling(50e-6, 125e-6, modes)
    data = propagate_capillary(
        PULSE, GUIDE, modes=modes, launch=shares, kerr=False, plasma=None, grid=GRID,
        n_positions=2,
    )  # fmt: skip
    expected = PULSE.energy * np.stack([shares**2] * 2)
    assert_allclose(data["mode_energy"].values, expected, rtol=1e-9)
    with pytest.raises(InvalidValue, match="one amplitude for each mode"):
        propagate_capillary(PULSE, GUIDE, modes=2, launch=(1.0,), grid=GRID)
    with pytest.raises(InvalidValue, match="add up to at most 1"):
        propagate_capillary(PULSE, GUIDE, modes=2, launch=(1.0, 0.5), grid=GRID)
