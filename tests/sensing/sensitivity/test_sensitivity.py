"""From devices and protocols to T/sqrt(Hz): formulas, models, published numbers."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import constants
from scipy.optimize import minimize_scalar
from scipy.stats import poisson

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NITROGEN_14, NVCentre
from qleap.sensing.sensitivity import (
    Casr,
    ContinuousWave,
    Decoupling,
    Device,
    PowerBroadening,
    PulsedOdmr,
    Ramsey,
    fisher_information,
    nv_count,
    sensitivity_of,
    sequence_sensitivity,
)
from qleap.sensing.sequences import Free, Pulse, Sequence, rotating_frame

MAGNETON = constants.value("Bohr magneton")
GAMMA = 2.0029 * MAGNETON / constants.h  # Hz/T
DEVICE = Device(
    sensors=1e9,
    photons=0.05,
    contrast=0.03,
    dephasing_time=4e-6,
    initialisation=10e-6,
    readout=1e-6,
    coherence_time=60e-6,
)


def test_a_cubic_millimetre_at_one_ppm_holds_the_published_number() -> None:
    # Barry et al. 2020, appendix 3: 1.76e14 NV- in 1 mm^3 at 1 ppm
    assert_allclose(nv_count(1.0, 1e-9, orientation_share=1.0), 1.76e14, rtol=2e-3)


@pytest.mark.parametrize(("penalty", "photons", "source"), [
    # Barry et al. 2020, Table II, single centres: sigma_R and photons a readout
    (80.0, 0.01, "Fang 2013"),
    (48.0, 0.04, "Hopper 2016"),
    (54.0, 0.022, "Jaskula 2019"),
])  # fmt: skip
def test_published_readouts_have_the_contrast_of_single_centres(
    penalty: float, photons: float, source: str
) -> None:
    # ibid.: measurement contrast <~ 15 %
    contrast = 1.0 / math.sqrt((penalty**2 - 1.0) * photons)
    assert 0.1 < contrast < 0.15, source
    device = dataclasses.replace(DEVICE, contrast=contrast, photons=photons)
    assert_allclose(device.readout_noise, penalty)


def test_ramsey_is_the_equation_of_the_review() -> None:
    tau, d = 2e-6, DEVICE
    # Barry et al. 2020, eq. 15, written with hbar / (g mu_B) as there
    expected = (
        constants.hbar / (2.0029 * MAGNETON)
        / math.sqrt(d.sensors * tau)
        / math.exp(-tau / d.dephasing_time)
        * math.sqrt(1.0 + 1.0 / (d.contrast**2 * d.photons))
        * math.sqrt((10e-6 + tau + 1e-6) / tau)
    )  # fmt: skip
    assert_allclose(Ramsey(tau=tau).sensitivity(d), expected, rtol=1e-8)


def test_idle_time_and_lost_photons_count() -> None:
    once = Ramsey(tau=1e-6).sensitivity(DEVICE)
    idle = dataclasses.replace(DEVICE, duty=0.25)
    assert_allclose(Ramsey(tau=1e-6).sensitivity(idle), 2.0 * once)
    lossy = dataclasses.replace(DEVICE, photons=0.5, detection_efficiency=0.1)
    assert_allclose(Ramsey(tau=1e-6).sensitivity(lossy), once)


def test_double_quantum_gains_what_dephasing_leaves() -> None:
    long = dataclasses.replace(DEVICE, double_quantum_dephasing_time=4e-6)
    single = Ramsey(tau=1e-6).sensitivity(long)
    assert_allclose(Ramsey(tau=1e-6, double_quantum=True).sensitivity(long), single / 2)
    # magnetic dephasing is twice as fast: at half of tau, and no overhead, the same
    bare = dataclasses.replace(DEVICE, initialisation=0.0, readout=0.0)
    assert_allclose(
        Ramsey(tau=1e-6, double_quantum=True).sensitivity(bare),
        Ramsey(tau=2e-6).sensitivity(bare) / math.sqrt(2.0),
    )


@pytest.mark.parametrize("overhead", [0.0, 4e-6, 1e-3])
def test_the_best_precession_time_is_the_root_of_its_equation(overhead: float) -> None:
    d = dataclasses.replace(DEVICE, initialisation=overhead, readout=0.0)
    found = minimize_scalar(
        lambda tau: Ramsey(tau=tau).sensitivity(d),
        bounds=(1e-8, 2e-5),
        method="bounded",
        options={"xatol": 1e-14},
    ).x
    # d/dtau of tau/T + ln(tau)  - ln(tau + t_O)/2: 2 tau^2 + (2 t_O - T) tau = 2 T t_O
    t, b = d.dephasing_time, 2.0 * overhead - d.dephasing_time
    expected = (-b + math.sqrt(b * b + 16.0 * t * overhead)) / 4.0
    assert_allclose(found, expected, rtol=1e-5)
    # Barry et al. 2020: T2*/2 without overhead, towards T2* with much of it
    if overhead == 0.0:
        assert_allclose(expected, t / 2.0)
    if overhead == 1e-3:
        assert_allclose(expected, t, rtol=5e-3)


def test_the_formula_is_that_of_a_model_of_photons_and_spins() -> None:
    tau = 3e-6

    def population(field: Any) -> Any:
        turn = 2.0 * np.pi * GAMMA * field * tau
        return 0.5 + 0.5 * math.exp(-tau / DEVICE.dephasing_time) * np.sin(turn)

    # readings as normal with the variance of photons and spins together
    found = sensitivity_of(
        lambda field: DEVICE.counts(population(field))[0],
        cycle=DEVICE.cycle(tau),
        noise="gaussian",
        sigma=math.sqrt(DEVICE.counts(0.5)[1]),
    )
    assert_allclose(found, Ramsey(tau=tau).sensitivity(DEVICE), rtol=1e-8)


def test_counts_have_the_variance_of_a_mixture_of_two_poissons() -> None:
    rng = np.random.default_rng(1)
    d = dataclasses.replace(DEVICE, sensors=50.0, photons=3.0, contrast=0.4)
    bright = rng.random((20_000, 50)) < 0.3
    photons = rng.poisson(np.where(bright, 3.0 * 1.4, 3.0 * 0.6)).sum(axis=1)
    mean, variance = d.counts(0.3)
    assert_allclose(photons.mean(), mean, rtol=2e-3)
    assert_allclose(photons.var(), variance, rtol=0.04)


def test_the_penalty_is_the_information_of_the_mixture_where_photons_are_few() -> None:
    # one centre, population p: information of the whole distribution of counts
    contrast, photons, k = 0.2, 0.03, np.arange(12)
    bright, dark = photons * (1 + contrast), photons * (1 - contrast)
    one, other = poisson.pmf(k, bright), poisson.pmf(k, dark)
    found = fisher_information(
        lambda p: p * one + (1 - p) * other, {"p": 0.5}, noise="categorical"
    ).matrix[0, 0]
    # without photon noise 1 / (p (1 - p)) = 4; the penalty divides by its square
    device = dataclasses.replace(DEVICE, contrast=contrast, photons=photons)
    assert_allclose(4.0 / found, device.readout_noise**2, rtol=3e-3)


def test_continuous_waves_are_the_equation_of_the_review() -> None:
    line = ContinuousWave(linewidth=1e6, contrast=0.02, rate=1e14)
    # Barry et al. 2020, eq. 17
    expected = (
        4.0 / (3.0 * math.sqrt(3.0)) * constants.h / (2.0029 * MAGNETON)
        * 1e6 / (0.02 * math.sqrt(1e14))
    )  # fmt: skip
    assert_allclose(line.sensitivity(), expected, rtol=1e-8)


@pytest.mark.parametrize("shape", ["lorentzian", "gaussian"])
def test_the_flank_of_a_line_is_the_best_point_of_its_model(shape: str) -> None:
    line = ContinuousWave(linewidth=1e6, contrast=1e-4, rate=1e14, shape=shape)

    def at(detuning: float) -> float:
        def model(field: Any) -> Any:
            u = 2.0 * (detuning + GAMMA * field) / 1e6
            if shape == "lorentzian":
                return 1e14 * (1.0 - 1e-4 / (1.0 + u * u))
            return 1e14 * (1.0 - 1e-4 * np.exp(-math.log(2.0) * u * u))

        return sensitivity_of(model, cycle=1.0)

    best = minimize_scalar(at, bounds=(1e4, 1e6), method="bounded")
    assert_allclose(best.fun, line.sensitivity(), rtol=1e-4)  # contrast is small
    if shape == "lorentzian":  # Vanier and Audoin, as quoted in the review
        assert_allclose(best.x, 1e6 / (2.0 * math.sqrt(3.0)), rtol=1e-2)


def test_pulsed_odmr_is_the_equation_of_the_review() -> None:
    d = DEVICE
    photons = d.sensors * d.photons
    # Barry et al. 2020, eq. 18
    expected = (
        8.0 / (3.0 * math.sqrt(3.0)) * constants.hbar / (2.0029 * MAGNETON)
        / (0.05 * math.sqrt(photons)) * math.sqrt(15e-6) / 4e-6
    )  # fmt: skip
    assert_allclose(PulsedOdmr(contrast=0.05).sensitivity(d), expected, rtol=1e-8)


def test_echoes_are_the_equation_of_the_review() -> None:
    d, tau = DEVICE, 40e-6
    # Barry et al. 2020, eq. 28 with eq. 29 for k = 1
    expected = (
        math.pi / 2.0 * constants.hbar / (2.0029 * MAGNETON)
        / math.sqrt(d.sensors * tau) * math.exp(tau / 60e-6)
        * math.sqrt(1.0 + 1.0 / (d.contrast**2 * d.photons))
        * math.sqrt(51e-6 / tau)
    )  # fmt: skip
    echo = Decoupling(pulses=1, frequency=1.0 / tau)
    assert_allclose(echo.sensitivity(d), expected, rtol=1e-8)
    loose = dataclasses.replace(echo, phase_locked=False)
    assert_allclose(loose.sensitivity(d), math.sqrt(2.0) * expected, rtol=1e-8)


@pytest.mark.parametrize(("pulses", "frequency"), [(1, 2e4), (8, 5e5), (64, 1e6)])
def test_half_turns_rectify_the_field(pulses: int, frequency: float) -> None:
    # phase = 2 pi gamma B integral of |sin(2 pi f t)| over tau = 2/pi of B all along
    protocol = Decoupling(pulses=pulses, frequency=frequency)
    t = (np.arange(200_000) + 0.5) / 200_000 * protocol.tau
    gain = np.mean(np.abs(np.sin(2.0 * np.pi * frequency * t)))
    assert_allclose(gain, 2.0 / np.pi, rtol=1e-6)
    long = dataclasses.replace(DEVICE, coherence_time=1e3)
    expected = (
        long.readout_noise / (2 * np.pi * GAMMA * gain * protocol.tau)
        * math.sqrt(long.cycle(protocol.tau) / long.sensors)
    )  # fmt: skip
    assert_allclose(protocol.sensitivity(long), expected, rtol=1e-6)


def test_the_best_number_of_pulses_is_that_of_the_closed_form() -> None:
    # exp[(k^(1-s)/(2 f T2))^p] / sqrt(k) without overhead is smallest at
    # k = [(2 T2 f)^p / (2 p (1-s))]^(1/(p (1-s)))  (Pham et al., PRB 86, 045214)
    d = dataclasses.replace(DEVICE, initialisation=0.0, readout=0.0)
    s, p, f = d.decoupling_exponent, d.coherence_exponent, 1e5
    best = ((2 * 60e-6 * f) ** p / (2 * p * (1 - s))) ** (1 / (p * (1 - s)))
    values = {
        k: Decoupling(pulses=k, frequency=f).sensitivity(d) for k in range(2, 20000, 2)
    }
    assert_allclose(min(values, key=values.__getitem__), best, atol=2.0)


def test_decoupling_stops_at_twice_the_relaxation_time() -> None:
    d = dataclasses.replace(DEVICE, relaxation_time=1e-3)
    assert_allclose(d.coherence_with(8), 60e-6 * 4.0)
    assert_allclose(d.coherence_with(10_000), 2e-3)
    with pytest.raises(InvalidValue, match="coherence_time must be given"):
        dataclasses.replace(d, coherence_time=None).coherence_with(1)


def test_synchronised_readings_find_an_amplitude_at_the_bound() -> None:
    # b cos(2 pi df t + phi), phase and frequency unknown, one reading a cycle
    casr = Casr(pulses=16, frequency=0.9e6)
    cycle = casr.cycle(DEVICE)
    assert_allclose(cycle * 0.9e6, 18.0)  # 17.9 periods, and a wait
    block = casr.block
    sigma = block.sensitivity(DEVICE) / math.sqrt(block.cycle(DEVICE))
    n = 4000
    t = cycle * np.arange(n)
    found = fisher_information(
        lambda b, df, phi: b * np.cos(2.0 * np.pi * df * t + phi),
        {"b": 1e-9, "df": 3.1e3, "phi": 0.4},
        noise="gaussian",
        sigma=sigma,
    )
    expected = casr.sensitivity(DEVICE) / math.sqrt(n * cycle)
    assert_allclose(found.standard_errors["b"], expected, rtol=2e-3)
    assert_allclose(casr.bandwidth(DEVICE), 0.5 / cycle)


@pytest.mark.parametrize("nitrogen", [None, NITROGEN_14])
def test_a_simulated_ramsey_sequence_gives_the_formula(nitrogen: Any) -> None:
    centre = NVCentre(nitrogen=nitrogen)
    spins = rotating_frame(centre.spin_system(), [0, 0, 0.02], levels=(0, 1))
    tau = 1.9e-6
    first = Pulse.rotation(math.pi / 2)
    last = Pulse.rotation(math.pi / 2, phase=math.pi / 2)
    sequence = Sequence((first, Free(duration=tau), last))
    left = math.exp(-tau / DEVICE.dephasing_time)
    found = sequence_sensitivity(spins, sequence, DEVICE, visibility=left)
    formula = Ramsey(tau=tau).sensitivity(DEVICE)
    if nitrogen is None:
        assert_allclose(found, formula, rtol=1e-6)
        return
    # three lines 2.16 MHz apart beat: fringes shrink by |1 + 2 cos(2 pi A tau)| / 3
    beat = abs(1.0 + 2.0 * math.cos(2.0 * np.pi * 2.162e6 * tau)) / 3.0
    assert_allclose(found, formula / beat, rtol=1e-2)


def test_a_sequence_beside_half_height_has_the_noise_of_its_counts() -> None:
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.02], levels=(0, 1))
    first = Pulse.rotation(math.pi / 2)
    last = Pulse.rotation(math.pi / 2, phase=math.pi / 2)
    tau, field, left = 1e-6, 5e-6, 0.7
    sequence = Sequence((first, Free(duration=tau), last))
    bright = dataclasses.replace(DEVICE, photons=30.0, contrast=0.8)
    found = sequence_sensitivity(spins, sequence, bright, field=field, visibility=left)
    turn = 2.0 * np.pi * GAMMA * tau
    best = math.inf
    for sign in (-1.0, 1.0):  # either flank
        p = 0.5 + sign * 0.5 * left * math.sin(turn * field)
        slope = bright.sensors * 2.0 * 0.8 * 30.0 * 0.5 * left * turn
        slope *= math.cos(turn * field)
        noise = math.sqrt(bright.counts(p)[1])
        expected = noise / slope * math.sqrt(bright.cycle(tau))
        best = min(best, abs(found / expected - 1.0))
    assert best < 1e-6


def test_a_sequence_at_the_top_of_a_fringe_is_refused() -> None:
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.02], levels=(0, 1))
    with pytest.raises(InvalidValue, match="does not change with the field"):
        sequence_sensitivity(spins, Sequence((Pulse.rotation(1.0),)), DEVICE)
    with pytest.raises(InvalidValue, match="sensitive is None"):
        sequence_sensitivity(
            dataclasses.replace(spins, sensitive=None), Sequence(), DEVICE
        )


@pytest.mark.parametrize("saturation", [0.02, 0.3, 3.0])
def test_lines_under_power_are_the_steady_state_of_bloch_equations(
    saturation: float,
) -> None:
    model = PowerBroadening(dephasing_time=2e-6, relaxation_time=4e-3)
    rabi = 0.4e6
    x = saturation / (1.0 + saturation)
    pump, gamma = 2.0 * 5e6 * x, 0.5 * 8e7 * x + 0.5e6
    relax = pump + 250.0

    def depth(detuning: float) -> float:  # dM/dt = 0 for (u, v, w), w0 = pump / relax
        d, omega = 2.0 * np.pi * detuning, 2.0 * np.pi * rabi
        bloch = np.array([[-gamma, -d, 0.0], [d, -gamma, omega], [0.0, -omega, -relax]])
        w = np.linalg.solve(bloch, [0.0, 0.0, -pump])[2]
        return 0.2 * float(pump / relax - w)

    line = model.line(saturation, rabi)
    assert_allclose(line.contrast, depth(0.0), rtol=1e-10)
    assert_allclose(depth(line.linewidth / 2.0), line.contrast / 2.0, rtol=1e-10)
    assert_allclose(line.rate, 250e3 * x)


def test_a_line_answers_as_fast_as_its_bloch_equations() -> None:
    model = PowerBroadening()
    s, rabi = 0.5, 0.2e6
    x = s / (1 + s)
    line = model.line(s, rabi)
    flank = 2.0 * np.pi * line.linewidth / (2.0 * math.sqrt(3.0))
    g, omega = 4e7 * x, 2.0 * np.pi * rabi
    bloch = [[-g, -flank, 0.0], [flank, -g, omega], [0.0, -omega, -1e7 * x]]
    slowest = -np.linalg.eigvals(np.array(bloch)).real.max()
    assert line.pumping_rate is not None
    assert_allclose(line.pumping_rate, slowest, rtol=0.02)
    assert abs(slowest / (1e7 * x) - 1.0) > 0.02  # the drive is part of it


def test_power_broadening_is_the_published_closed_form() -> None:
    # Dreau et al. 2011, eqs. 10 and 11 (as quoted by others)
    s, omega = 0.1, 3e6
    x = s / (1 + s)
    line = PowerBroadening().line(s, omega / (2 * np.pi))
    assert_allclose(line.contrast, 0.2 * omega**2 / (omega**2 + 4e14 * x * x))
    width = 8e7 / (2 * np.pi) * math.sqrt(x * x + omega**2 / 4e14)
    assert_allclose(line.linewidth, width)


def test_impossible_devices_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"contrast must lie between"):
        dataclasses.replace(DEVICE, contrast=1.5)
    with pytest.raises(InvalidValue, match=r"dephasing_time must be > 0 s"):
        dataclasses.replace(DEVICE, dephasing_time=0.0)
    with pytest.raises(InvalidValue, match="must change with the field"):
        sensitivity_of(lambda field: 5.0 + 0.0 * field, cycle=1.0)
