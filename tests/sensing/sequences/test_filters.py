"""Filter functions and coherence against closed forms and sampled noise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing import sequences as sq
from qleap.sensing._kernels import filters as kernels
from qleap.sensing._reference import filters as reference
from qleap.sensing.sequences import (
    LineNoise,
    LorentzianNoise,
    NoiseSum,
    Pulse,
    Sequence,
    WhiteNoise,
    coherence,
    dephasing,
    filter_function,
    toggling_frame,
)

T = 4e-6
FREQUENCY = np.linspace(1e3, 4e6, 173)
Z = 2.0 * np.pi * FREQUENCY * T


def _dimensionless(sequence: Sequence) -> NDArray[np.float64]:
    """Return F(omega t) in the form of Cywinski et al. 2008."""
    return 0.5 * (Z / T) ** 2 * filter_function(sequence, FREQUENCY)


def test_ramsey_and_echo_have_the_filters_of_the_literature() -> None:
    # Cywinski et al., Phys. Rev. B 77, 174509 (2008), table I.
    assert_allclose(_dimensionless(sq.ramsey(T)), 2.0 * np.sin(Z / 2) ** 2, atol=1e-10)
    echo = 8.0 * np.sin(Z / 4) ** 4
    assert_allclose(_dimensionless(sq.hahn_echo(T)), echo, atol=1e-10)


@pytest.mark.parametrize("n", [2, 3, 8, 9])
def test_cpmg_has_the_filter_of_the_literature(n: int) -> None:
    outer = np.sin(Z / 2) if n % 2 == 0 else np.cos(Z / 2)
    expected = 8.0 * (np.sin(Z / 4 / n) ** 2 * outer / np.cos(Z / 2 / n)) ** 2
    assert_allclose(_dimensionless(sq.cpmg(T / n, n)), expected, atol=1e-7)


@pytest.mark.parametrize("n", [3, 6])
def test_uhrigs_sequence_has_the_filter_of_the_literature(n: int) -> None:
    k = np.arange(-n - 1, n + 1)[:, None]
    waves = (-1.0) ** k * np.exp(0.5j * Z * np.cos(np.pi * k / (n + 1)))
    expected = 0.5 * np.abs(waves.sum(axis=0)) ** 2
    assert_allclose(_dimensionless(sq.udd(T, n)), expected, atol=1e-9)


def test_uhrigs_sequence_is_flat_to_its_order_at_low_frequency() -> None:
    # |Y|^2 f^2 starts with f^(2 n + 2), whereas CPMG with n pulses has f^6.
    low = np.array([2e4, 4e4])
    slope = np.diff(np.log(filter_function(sq.udd(T, 4), low))) / math.log(2.0)
    assert_allclose(slope, 8.0, atol=0.1)


def test_a_finite_pulse_turns_the_axis_as_the_schroedinger_equation_does() -> None:
    import scipy.linalg

    pulse = Pulse(duration=0.3e-6, rabi_frequency=2e6, phase=0.7, detuning=0.9e6)
    frame = toggling_frame(Sequence((pulse, pulse)))
    x = np.array([[0, 1], [1, 0]], complex)
    y, z = np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0]).astype(complex)
    done, now = np.eye(2, dtype=complex), 0.0
    step, seen, times = 1e-9, [], []
    for _ in range(600):
        turned = done.conj().T @ z @ done
        seen.append([0.5 * np.trace(turned @ s).real for s in (x, y, z)])
        times.append(now)
        inside = math.fmod(now + 0.5 * step, pulse.duration)
        angle = pulse.phase + 2.0 * np.pi * pulse.detuning * inside
        drive = 0.5 * pulse.rabi_frequency * (np.cos(angle) * x + np.sin(angle) * y)
        done = scipy.linalg.expm(-2j * np.pi * step * drive) @ done
        now += step
    assert_allclose(frame.axis(np.array(times)), seen, atol=2e-5)


@pytest.mark.parametrize(
    "sequence",
    [
        sq.xy8(0.4e-6, rabi_frequency=5e6),
        sq.ramsey(1e-6, rabi_frequency=1e6) + sq.rabi(0.7e-6, 1e6, detuning=0.4e6),
        Sequence((Pulse.rotation(2.0, rabi_frequency=3e6, shape="gaussian"),)),
    ],
)
def test_the_filter_of_finite_pulses_is_the_integral_over_their_axis(
    sequence: Sequence,
) -> None:
    frame = toggling_frame(sequence)
    edges = np.append(frame.start, frame.total)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    half = 0.5 * np.diff(edges)
    time = (edges[:-1] + half)[:, None] + half[:, None] * nodes
    weight = (half[:, None] * weights).ravel()
    r = frame.axis(time.ravel())[:, :2]
    wave = np.exp(2j * np.pi * FREQUENCY[:, None] * time.ravel())
    expected = np.sum(np.abs((wave * weight) @ r) ** 2, axis=1)
    assert_allclose(
        filter_function(sequence, FREQUENCY), expected, rtol=1e-9, atol=1e-20
    )


@pytest.mark.parametrize("frequency", [0.3e6, 1.0e6, 2.6e6])
def test_a_weak_signal_costs_as_much_fidelity_as_the_filter_says(
    frequency: float,
) -> None:
    # Imperfect finite pulses: the loss is <|a|^2>/4 with a the first-order rotation.
    import scipy.linalg

    sequence = sq.cpmg(0.5e-6, 2, rabi_frequency=4e6) + sq.rabi(0.11e-6, 3e6)
    size, step = 2e3, 2e-9
    x, z = np.array([[0, 0.5], [0.5, 0]], complex), np.diag([0.5, -0.5]).astype(complex)
    y = np.array([[0, -0.5j], [0.5j, 0]])

    def final(theta: float, amplitude: float) -> NDArray[np.complex128]:
        state, now = np.array([1.0, 0.0], complex), 0.0
        for element in sequence.flat():
            drive = np.zeros((2, 2), complex)
            if isinstance(element, Pulse):
                axis = math.cos(element.phase) * x + math.sin(element.phase) * y
                drive = element.rabi_frequency * axis
            steps = max(1, round(element.duration / step))
            width = element.duration / steps
            for k in range(steps):
                seen = math.cos(
                    2 * math.pi * frequency * (now + (k + 0.5) * width) + theta
                )
                total = drive + amplitude * seen * z
                state = scipy.linalg.expm(-2j * np.pi * width * total) @ state
            now += element.duration
        return state

    quiet = final(0.0, 0.0)
    losses = [
        1.0 - abs(np.vdot(quiet, final(theta, size))) ** 2
        for theta in (0.0, 0.5 * math.pi)
    ]
    gain = filter_function(sequence, [frequency])[0]
    expected = (2.0 * np.pi * size) ** 2 * gain / 8.0
    assert_allclose(np.mean(losses), expected, rtol=3e-3)


@given(
    duration=st.lists(st.floats(1e-9, 1e-3), min_size=1, max_size=6).map(np.array),
    shift=st.floats(-1e8, 1e8),
    omega=st.lists(st.floats(0.0, 1e9), min_size=1, max_size=9).map(np.array),
)
def test_the_kernel_equals_its_reference(
    duration: NDArray[np.float64], shift: float, omega: NDArray[np.float64]
) -> None:
    n = len(duration)
    middle = np.cumsum(duration) - 0.5 * duration
    rate = np.linspace(0.0, shift, n)
    weight = np.exp(1j * np.arange(2 * n)).reshape(2, n)
    arguments = (middle, duration, rate, weight, omega)
    found = kernels.toggling_spectrum(*arguments)
    expected = reference.toggling_spectrum(*arguments)
    # Arguments up to 1e6 rad keep ten digits.
    assert_allclose(found, expected, rtol=0.0, atol=1e-9 * duration.sum())


@pytest.mark.parametrize("ratio", [0.05, 1.0, 30.0])
def test_ornstein_uhlenbeck_noise_has_the_decays_of_klauder_and_anderson(
    ratio: float,
) -> None:
    # Klauder and Anderson, Phys. Rev. 125, 912 (1962): Ramsey and two-pulse echo.
    rms, memory = 2e5, T * ratio
    noise = LorentzianNoise(rms=rms, correlation_time=memory)
    u, size = 1.0 / ratio, (2.0 * math.pi * rms * memory) ** 2
    ramsey = size * (u + math.expm1(-u))
    echo = size * (u - 3.0 - math.exp(-u) + 4.0 * math.exp(-u / 2.0))
    assert_allclose(dephasing(sq.ramsey(T), noise), ramsey, rtol=1e-12)
    assert_allclose(dephasing(sq.hahn_echo(T), noise), echo, rtol=1e-9)


def test_slow_noise_leaves_a_gaussian_ramsey_and_a_cubic_echo_decay() -> None:
    rms, memory = 1e5, 1.0
    noise = LorentzianNoise(rms=rms, correlation_time=memory)
    b = 2.0 * math.pi * rms
    assert_allclose(dephasing(sq.ramsey(T), noise), 0.5 * (b * T) ** 2, rtol=1e-5)
    assert_allclose(
        dephasing(sq.hahn_echo(T), noise), b**2 * T**3 / (12.0 * memory), rtol=1e-3
    )


def test_white_noise_decays_exponentially_whatever_the_pulses() -> None:
    noise = WhiteNoise(level=800.0)
    expected = 2.0 * math.pi**2 * 800.0 * T
    for sequence in (sq.ramsey(T), sq.hahn_echo(T), sq.udd(T, 5)):
        assert_allclose(dephasing(sequence, noise), expected, rtol=1e-13)
    fast = LorentzianNoise(rms=2e7, correlation_time=1e-12)
    level = float(fast.density([0.0])[0])
    assert_allclose(
        dephasing(sq.hahn_echo(T), fast), 2 * math.pi**2 * level * T, rtol=1e-5
    )


def test_one_over_f_noise_leaves_a_gaussian_echo() -> None:
    # chi = 16 A int sin^4(pi f T / 2) / f^3 df = 4 pi^2 A T^2 ln 2.
    noise = sq.power_law_noise(3e9, 1.0, low=1.0, high=1e13)
    expected = 4.0 * math.pi**2 * 3e9 * T**2 * math.log(2.0)
    assert_allclose(dephasing(sq.hahn_echo(T), noise), expected, rtol=1e-7)


@pytest.mark.parametrize("centre", [0.0, 0.4e6])
@pytest.mark.parametrize(
    "sequence", [sq.xy8(0.5e-6), sq.xy8(0.5e-6, rabi_frequency=8e6), sq.ramsey(T)]
)
def test_the_closed_form_of_a_lorentzian_is_the_integral_over_its_spectrum(
    sequence: Sequence, centre: float
) -> None:
    noise = LorentzianNoise(rms=2e5, correlation_time=1e-6, centre=centre)
    band = sq.BandNoise(function=noise.density, low=1e-2, high=1e11)
    assert_allclose(dephasing(sequence, noise), dephasing(sequence, band), rtol=1e-6)


def test_a_line_is_a_lorentzian_without_width() -> None:
    sharp = LorentzianNoise(rms=5e4, correlation_time=10.0, centre=1.1e6)
    line = LineNoise(frequency=(1.1e6,), rms=(5e4,))
    sequence = sq.xy8(0.5e-6, 2)
    assert_allclose(dephasing(sequence, line), dephasing(sequence, sharp), rtol=1e-5)
    both = NoiseSum((line, WhiteNoise(level=10.0)))
    expected = coherence(sequence, line) * coherence(sequence, WhiteNoise(level=10.0))
    assert_allclose(coherence(sequence, both), expected, rtol=1e-12)


def test_coherence_is_the_mean_over_sampled_noise() -> None:
    rms, memory, n, paths = 1.5e5, 1e-6, 400, 4000
    noise = LorentzianNoise(rms=rms, correlation_time=memory)
    sequence = sq.cpmg(1e-6, 4)
    rng = np.random.default_rng(5)
    keep = math.exp(-T / n / memory)
    detuning = rng.normal(scale=rms, size=paths)
    time = (np.arange(n) + 0.5) * T / n
    y, phase = sq.sign_function(sequence, time), np.zeros(paths)
    for sign in y:
        phase += 2.0 * np.pi * sign * detuning * T / n
        kick = rng.normal(scale=rms * math.sqrt(1.0 - keep**2), size=paths)
        detuning = keep * detuning + kick
    seen = np.cos(phase)
    error = seen.std() / math.sqrt(paths)
    assert abs(seen.mean() - coherence(sequence, noise)) < 4.0 * error
    assert 0.2 < seen.mean() < 0.8


def test_a_laser_has_no_filter_function() -> None:
    lit = Sequence((sq.Laser(duration=1e-6),)) + sq.ramsey(T)
    with pytest.raises(InvalidValue, match="without light"):
        filter_function(lit, [1e6])


def test_density_integrates_to_the_variance() -> None:
    noise = LorentzianNoise(rms=3.0, correlation_time=0.01, centre=200.0)
    f = np.linspace(-2e5, 2e5, 4_000_001)
    assert_allclose(np.trapezoid(noise.density(f), f), 9.0, rtol=1e-3)
