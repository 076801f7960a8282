"""The equation against analytic solutions and conservation laws."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import NotConverged
from qleap.laser import Fibre, Grid, Pulse
from qleap.laser.media.raman import raman_model
from qleap.laser.propagation.fibre_equation import FibreEquation
from qleap.laser.propagation.integrator import Snapshot, march

T0 = 100e-15
BETA2 = -20e-27
GAMMA = 2e-3
DISPERSION_LENGTH = T0**2 / abs(BETA2)
PERIOD = np.pi / 2.0 * DISPERSION_LENGTH
POWER = abs(BETA2) / (GAMMA * T0**2)
FWHM = 2.0 * np.arccosh(np.sqrt(2.0)) * T0
GRID = Grid(n_points=1024, window=6e-12, wavelength=1550e-9)
IDEAL = Fibre(
    length=1.0, wavelength=1550e-9, betas=(BETA2,), gamma=GAMMA, raman=None,
    self_steepening=False,
)  # fmt: skip

Complex = NDArray[np.complex128]


def soliton(order: float) -> Complex:
    pulse = Pulse(wavelength=1550e-9, fwhm=FWHM, peak_power=order**2 * POWER)
    return pulse.envelope_on(GRID)


def travel(
    entering: Complex,
    fibre: Fibre,
    length: float,
    *,
    grid: Grid = GRID,
    tolerance: float = 1e-9,
    step: float = 1e-3,
) -> Snapshot:
    start = Snapshot(position=0.0, amplitudes=np.fft.ifft(entering), step=step)
    equation = FibreEquation(fibre, grid)
    *_, last = march(start, equation, [length], tolerance=tolerance)
    return last


def envelope(light: Snapshot) -> Complex:
    return np.fft.fft(light.amplitudes)


def energy(field: Complex) -> float:
    return float(np.sum(np.abs(field) ** 2))


def photons(field: Complex, grid: Grid = GRID) -> float:
    return float(np.sum(np.abs(np.fft.ifft(field)) ** 2 / grid.omega))


def test_a_fundamental_soliton_keeps_its_shape_and_turns_its_phase() -> None:
    # Agrawal, Nonlinear Fiber Optics, (5.2.15): sech(tau) exp(i z / 2 L_D).
    length = 5.0 * DISPERSION_LENGTH
    expected = soliton(1.0) * np.exp(0.5j * length / DISPERSION_LENGTH)
    found = envelope(travel(soliton(1.0), IDEAL, length))
    assert_allclose(found, expected, atol=2e-6 * np.sqrt(POWER))


def test_a_second_order_soliton_follows_its_closed_form() -> None:
    # J. Satsuma and N. Yajima, Prog. Theor. Phys. Suppl. 55, 284 (1974); Agrawal
    # (5.2.22).
    xi, tau = 0.4, GRID.time / T0
    expected = (
        4.0
        * (np.cosh(3 * tau) + 3.0 * np.exp(4j * xi) * np.cosh(tau))
        * np.exp(0.5j * xi)
        / (np.cosh(4 * tau) + 4.0 * np.cosh(2 * tau) + 3.0 * np.cos(4 * xi))
    )
    found = envelope(travel(soliton(2.0), IDEAL, xi * DISPERSION_LENGTH))
    assert_allclose(found, np.sqrt(POWER) * expected, atol=1e-5 * np.sqrt(POWER))


def test_a_third_order_soliton_comes_back_after_one_period() -> None:
    found = envelope(travel(soliton(3.0), IDEAL, PERIOD, tolerance=1e-10))
    assert_allclose(np.abs(found), np.abs(soliton(3.0)), atol=2e-4 * np.sqrt(POWER))


def test_dispersion_alone_broadens_a_gaussian_by_the_known_law() -> None:
    # Agrawal (3.2.9) with z = 2 L_D; the chirp's sign follows beta2.
    t, linear = GRID.time, dataclasses.replace(IDEAL, gamma=0.0)
    z = 2.0
    found = envelope(
        travel(
            np.exp(-0.5 * (t / T0) ** 2).astype(complex), linear, z * DISPERSION_LENGTH
        )
    )
    # q = 1 - i z beta2 / T0^2 in the convention exp(-i omega t).
    q = 1.0 - 1j * z * np.sign(BETA2)
    assert_allclose(found, np.exp(-0.5 * (t / T0) ** 2 / q) / np.sqrt(q), atol=1e-9)


def test_third_order_dispersion_delays_by_the_slope_of_the_phase() -> None:
    cubic = Fibre(
        length=1.0, wavelength=1550e-9, betas=(0.0, 0.1e-39), gamma=0.0, raman=None
    )
    grid = Grid(n_points=4096, window=24e-12, wavelength=1550e-9)
    detuning = 2 * np.pi * 20e12 / 12.0
    packet = np.exp(-0.5 * (grid.time / 400e-15) ** 2 - 1j * detuning * grid.time)
    found = np.abs(envelope(travel(packet, cubic, 300.0, grid=grid))) ** 2
    centre = np.sum(grid.time * found) / found.sum()
    expected = 0.5 * 0.1e-39 * 300.0 * (detuning**2 + 0.5 / (400e-15) ** 2)
    assert centre == pytest.approx(expected, rel=1e-4)


def test_self_phase_modulation_alone_turns_the_phase_by_the_power() -> None:
    kerr = dataclasses.replace(IDEAL, betas=())
    start, length = soliton(1.0), 3.0 / (GAMMA * POWER)
    expected = start * np.exp(1j * GAMMA * np.abs(start) ** 2 * length)
    assert_allclose(
        envelope(travel(start, kerr, length)), expected, atol=1e-6 * np.sqrt(POWER)
    )


def test_loss_takes_its_share_of_the_energy() -> None:
    lossy = dataclasses.replace(IDEAL, loss=0.3)
    ended = envelope(travel(soliton(1.0), lossy, 2.0))
    assert energy(ended) / energy(soliton(1.0)) == pytest.approx(np.exp(-0.6), rel=1e-8)


def test_without_shock_and_raman_the_energy_stays() -> None:
    ended = envelope(travel(soliton(2.5), IDEAL, PERIOD))
    assert energy(ended) / energy(soliton(2.5)) == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("raman", ["blow-wood", "lin-agrawal", None])
def test_with_shock_and_raman_the_photon_number_stays(raman: str | None) -> None:
    # K. J. Blow and D. Wood, IEEE J. Quantum Electron. 25, 2665 (1989), section II.
    full = dataclasses.replace(IDEAL, raman=raman, self_steepening=True)
    start = soliton(3.0)
    ended = envelope(travel(start, full, 0.5 * PERIOD))
    assert photons(ended) / photons(start) == pytest.approx(1.0, abs=1e-7)
    if raman is not None:  # what the glass keeps as vibration
        assert energy(ended) / energy(start) < 1.0 - 1e-4


def test_a_soliton_moves_to_lower_frequencies_at_the_raman_rate() -> None:
    # J. P. Gordon, Opt. Lett. 11, 662 (1986); Agrawal (5.5.10):
    # dOmega/dz = -8 |beta2| T_R / (15 T0^4), T_R = f int t h(t) dt.
    # For pulses that are long against h.
    raman = raman_model("blow-wood")
    small = 1e9
    t_r = raman.response(np.array([small])).imag[0] / small
    width, length = 4.0 * T0, 100.0
    power = abs(BETA2) / (GAMMA * width**2)
    grid = Grid(n_points=1024, window=2.4e-11, wavelength=1550e-9)
    pulse = Pulse(wavelength=1550e-9, fwhm=4.0 * FWHM, peak_power=power)
    fibre = dataclasses.replace(IDEAL, raman="blow-wood")
    ended = travel(pulse.envelope_on(grid), fibre, length, grid=grid, step=0.1)
    density = np.abs(ended.amplitudes) ** 2
    shift = np.sum(grid.detuning * density) / density.sum()
    expected = -8.0 * abs(BETA2) * t_r / (15.0 * width**4) * length
    assert shift == pytest.approx(expected, rel=0.03)


def test_a_soliton_sheds_light_where_the_phases_match() -> None:
    # P. K. A. Wai et al., Opt. Lett. 11, 464 (1986); N. Akhmediev and M. Karlsson,
    # Phys. Rev. A 51, 2602 (1995): beta(Omega) = gamma P / 2.
    beta3 = 0.08 * 6.0 * abs(BETA2) * T0
    fibre = dataclasses.replace(IDEAL, betas=(BETA2, beta3))
    roots = np.roots([beta3 / 6.0, BETA2 / 2.0, 0.0, -0.5 * GAMMA * POWER])
    expected = float(roots.real.max())
    ended = travel(soliton(1.0), fibre, 4.0 * DISPERSION_LENGTH)
    detuning = GRID.detuning
    far = detuning > 0.7 * expected
    density = np.abs(ended.amplitudes) ** 2
    found = detuning[far][np.argmax(density[far])]
    assert found == pytest.approx(expected, rel=0.03)


def test_halving_a_fixed_step_lowers_the_error_sixteenfold() -> None:
    full = dataclasses.replace(IDEAL, raman="blow-wood", self_steepening=True)
    length = 0.25 * PERIOD
    exact = envelope(travel(soliton(2.0), full, length, tolerance=1e-12))
    errors = []
    for n_steps in (40, 80, 160):
        ended = travel(soliton(2.0), full, length, tolerance=0.0, step=length / n_steps)
        assert ended.steps == n_steps
        errors.append(np.linalg.norm(envelope(ended) - exact))
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert_allclose(orders, 4.0, atol=0.25)


def test_the_sum_of_local_errors_bounds_the_error_of_a_soliton() -> None:
    length = PERIOD
    exact = soliton(1.0) * np.exp(0.5j * length / DISPERSION_LENGTH)
    for tolerance in (1e-5, 1e-7):
        ended = travel(soliton(1.0), IDEAL, length, tolerance=tolerance)
        error = np.linalg.norm(envelope(ended) - exact) / np.linalg.norm(exact)
        assert error < 3.0 * ended.error


def test_a_step_that_becomes_too_small_is_said() -> None:
    wild = dataclasses.replace(IDEAL, gamma=1e10)
    with pytest.raises(NotConverged, match=r"the step is too small"):
        travel(soliton(1.0), wild, 1.0, step=1e-14)


def test_a_field_that_diverges_is_said() -> None:
    wild = dataclasses.replace(IDEAL, gamma=1e300)
    with pytest.raises(NotConverged, match=r"but at 0 m .* the field is not finite"):
        travel(soliton(1.0), wild, 1.0, tolerance=0.0, step=0.5)


def test_a_weak_side_band_is_amplified_as_four_wave_mixing_demands() -> None:
    # Agrawal, Nonlinear Fiber Optics, chapter 10: with kappa = beta2 Omega^2 +
    # 2 gamma P and g^2 = (gamma P)^2 - kappa^2/4, the signal is 1 + (gamma P/g)^2
    # sinh^2 g z, the idler the same less one.
    power, z = 50.0, 20.0
    for number in (4, 6):  # within and beyond the band of gain
        amplitudes = np.zeros(GRID.n_points, np.complex128)
        amplitudes[0], amplitudes[number] = np.sqrt(power), 1e-5
        start = Snapshot(position=0.0, amplitudes=amplitudes, step=1e-3)
        *_, end = march(start, FibreEquation(IDEAL, GRID), [z], tolerance=1e-10)
        detuning = GRID.detuning[number]
        mismatch = BETA2 * detuning**2 + 2.0 * GAMMA * power
        root = np.sqrt((GAMMA * power) ** 2 - mismatch**2 / 4.0 + 0j)
        idler = float(((GAMMA * power / root * np.sinh(root * z)) ** 2).real)
        found = np.abs(end.amplitudes[[number, -number]]) ** 2 / 1e-10
        assert_allclose(found, [1.0 + idler, idler], rtol=1e-3)


class Amplifier:
    """The equation of a fibre whose light grows by ``gain`` (1/m) in energy."""

    uniform = True

    def __init__(self, fibre: Fibre, grid: Grid, gain: float) -> None:
        self._equation, self._gain = FibreEquation(fibre, grid), gain
        self.weights = self._equation.weights
        self.nonlinear_into = self._equation.nonlinear_into

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        self._equation.propagator_into(start, end, out)
        out *= np.exp(0.5 * self._gain * (end - start))


def test_an_amplifier_of_normal_dispersion_makes_every_pulse_a_parabola() -> None:
    # M. E. Fermann et al., Phys. Rev. Lett. 84, 6010 (2000): |A|^2 = A0^2 (1 -
    # T^2/T0^2) with A0 = (g E)^(1/3) (gamma beta2/2)^(-1/6) exp(g z/3) / 2, T0 =
    # 6 sqrt(gamma beta2/2) A0/g, and a chirp of g T / (3 beta2).
    gain, gamma, beta2, length, energy_in = 1.9, 5.8e-3, 25e-27, 6.0, 12e-12
    fibre = dataclasses.replace(IDEAL, betas=(beta2,), gamma=gamma)
    grid = Grid(n_points=4096, window=24e-12, wavelength=1550e-9)
    shape = gamma * beta2 / 2.0
    top = 0.5 * (gain * energy_in) ** (1 / 3) * shape ** (-1 / 6)
    top *= np.exp(gain * length / 3.0)
    half_width = 6.0 * np.sqrt(shape) * top / gain
    for fwhm in (200e-15, 700e-15):
        pulse = Pulse(shape="gaussian", wavelength=1550e-9, fwhm=fwhm, energy=energy_in)
        start = Snapshot(
            position=0.0, amplitudes=np.fft.ifft(pulse.envelope_on(grid)), step=1e-3
        )
        equation = Amplifier(fibre, grid, gain)
        *_, end = march(start, equation, [length], tolerance=1e-6)
        field = envelope(end)
        parabola = top**2 * np.maximum(1.0 - (grid.time / half_width) ** 2, 0.0)
        assert_allclose(np.abs(field) ** 2, parabola, atol=0.06 * top**2)
        inner = np.abs(grid.time) < 0.6 * half_width
        # exp(-i omega t): the frequency is minus the slope of the phase.
        chirp = -np.gradient(np.unwrap(np.angle(field)), grid.step)
        slope = np.polyfit(grid.time[inner], chirp[inner], 1)[0]
        assert slope == pytest.approx(gain / (3.0 * beta2), rel=0.03)
