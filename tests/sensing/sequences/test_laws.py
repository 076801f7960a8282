"""Named sequences obey the laws of the textbooks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing import sequences as sq
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import (
    ControlledSpins,
    Drive,
    difference,
    rotating_frame,
    signal,
)
from qleap.sensing.spins import ISOTOPES

FIELD = 0.03
LARMOR = ISOTOPES["13C"].gyromagnetic_ratio * FIELD
HALF = 0.5 * math.pi


def _alone(levels: tuple[int, ...] = (0, 1)) -> ControlledSpins:
    return rotating_frame(NVCentre().spin_system(), [0, 0, FIELD], levels=levels)


def test_pulsed_odmr_has_the_line_of_rabis_formula() -> None:
    rabi, detuning = 0.3e6, np.linspace(-1e6, 1e6, 21)
    total = np.hypot(rabi, detuning)
    flipped = (rabi / total) ** 2 * np.sin(np.pi * total / (2.0 * rabi)) ** 2
    seen = signal(_alone(), [sq.pulsed_odmr(d, rabi) for d in detuning])
    assert_allclose(seen, 1.0 - flipped, atol=1e-9)


def test_ramsey_of_many_spins_decays_as_a_gaussian() -> None:
    # T2* = sqrt(2) / (2 pi sigma): quasi-static detunings of a Gaussian width.
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    width, times = 0.2e6, np.linspace(0.0, 2e-6, 6)
    spins = _alone()
    shots = [
        difference(spins.detuned("microwave", width * x), [sq.ramsey(t) for t in times])
        for x in nodes
    ]
    mean = weights @ np.array(shots) / weights.sum()
    assert_allclose(-mean, np.exp(-2.0 * (np.pi * width * times) ** 2), atol=1e-9)
    slow = sq.LorentzianNoise(rms=width, correlation_time=1e3)
    seen = [sq.coherence(sq.ramsey(t), slow) for t in times[1:]]
    assert_allclose(-mean[1:], seen, atol=1e-7)


@pytest.mark.parametrize("detuning", [-0.7e6, 0.1e6, 1.3e6])
def test_an_echo_refocuses_any_static_detuning(detuning: float) -> None:
    spins = _alone().detuned("microwave", detuning)
    assert_allclose(difference(spins, [sq.hahn_echo(3e-6)]), 1.0, atol=1e-12)


@pytest.mark.parametrize("name", list(sq.PHASE_CYCLES))
def test_finite_pi_pulses_are_centred_at_their_positions(name: str) -> None:
    make = {"cp": sq.carr_purcell}.get(name) or getattr(sq, name)
    n = len(sq.PHASE_CYCLES[name])
    sequence = make(1e-6, 2, rabi_frequency=5e6)
    now, centres = 0.0, []
    for element in sequence.flat():
        if isinstance(element, sq.Pulse) and element.duration == pytest.approx(1e-7):
            centres.append(now + 0.5 * element.duration)
        now += element.duration
    expected = 0.05e-6 + (np.arange(2 * n) + 0.5) * 1e-6
    assert_allclose(centres, expected, rtol=1e-9)
    assert_allclose(now, 2 * n * 1e-6 + 0.1e-6, rtol=1e-12)


@pytest.mark.parametrize("start", [0.0, HALF])
def test_alternating_phases_forgive_wrong_angles_for_either_phase_of_the_spins(
    start: float,
) -> None:
    # 4 % too strong pulses, spins along x or y: CP and CPMG save one of them only.
    def left(kind: str, repetitions: int) -> float:
        phases = np.array(sq.PHASE_CYCLES[kind] * repetitions) + start
        places = (np.arange(len(phases)) + 0.5) * 1e-6
        exact = sq.decoupling(places, phases, len(phases) * 1e-6)
        wrong = tuple(
            replace(one, angle=1.04 * one.angle)
            if isinstance(one, sq.Pulse) and one.angle > 3.0
            else one
            for one in exact.flat()
        )
        return float(abs(difference(_alone(), [sq.Sequence(wrong)])[0]))

    losses = {kind: 1.0 - left(kind, 40 // n) for kind, n in (
        ("cp", 1), ("cpmg", 1), ("xy4", 4), ("xy8", 8), ("kdd", 20),
    )}  # fmt: skip
    assert max(losses["cp"], losses["cpmg"]) > 0.5
    assert min(losses["cp"], losses["cpmg"]) < 1e-9
    assert losses["xy4"] < 0.02
    assert losses["xy8"] < 1e-3
    assert losses["kdd"] < 1e-5


@pytest.mark.parametrize(
    ("name", "angle", "offset"),
    [
        ("xy4", 2e-3, 4e-4),
        ("xy8", 2e-5, 1e-8),
        ("xy16", 1e-12, 1e-10),
        ("kdd", 1e-9, 1e-13),
    ],
)
def test_phase_cycles_undo_errors_of_pulses_to_their_order(
    name: str, angle: float, offset: float
) -> None:
    # Loss of fidelity at 5 % in the angle, or detuned by 5 % of the Rabi frequency.
    # XY8 twice instead of XY16, or 36 degrees for Knill's 30, misses these.
    import scipy.linalg

    x, y = np.array([[0, 0.5], [0.5, 0]], complex), np.array([[0, -0.5j], [0.5j, 0]])
    z = np.diag([0.5, -0.5])

    def cycle(stretch: float, tilt: float) -> NDArray[np.complex128]:
        done = np.eye(2, dtype=complex)
        for phase in sq.PHASE_CYCLES[name] * max(1, 16 // len(sq.PHASE_CYCLES[name])):
            turn = stretch * (math.cos(phase) * x + math.sin(phase) * y) + tilt * z
            done = scipy.linalg.expm(-1j * math.pi * turn) @ done
        return done

    exact = cycle(1.0, 0.0).conj().T
    assert 1.0 - abs(np.trace(exact @ cycle(1.05, 0.0))) / 2.0 < angle
    assert 1.0 - abs(np.trace(exact @ cycle(1.0, 0.05))) / 2.0 < offset


def test_pulses_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidValue, match="positions must leave room"):
        sq.xy8(50e-9, rabi_frequency=5e6)
    with pytest.raises(InvalidValue, match="pump_delay must leave room"):
        sq.deer(2e-6, pump_delay=1.5e-6)


def test_two_lines_of_one_spin_have_their_own_drives() -> None:
    spins = rotating_frame(
        NVCentre().spin_system(),
        [0, 0, FIELD],
        channel="lower",
        others={"upper": Drive(transition=(0, 2))},
    )
    assert_allclose(spins.static, np.zeros((3, 3)), atol=1e-3)
    to_upper = sq.relaxation(0.0, prepare="lower", read="lower")
    assert_allclose(signal(spins, [to_upper]), 1.0, atol=1e-12)
    lost = sq.relaxation(0.0, prepare="lower", read="upper")
    assert_allclose(signal(spins, [lost]), 0.0, atol=1e-12)


def test_relaxation_has_the_rates_of_both_quanta() -> None:
    # Myers et al. 2017: exp(-3 Omega t), and exp(-(Omega + 2 gamma) t).
    single, double, times = 3e3, 8e3, np.linspace(0.0, 3e-4, 7)
    spins = rotating_frame(
        NVCentre().spin_system(),
        [0, 0, FIELD],
        channel="lower",
        others={"upper": Drive(transition=(0, 2))},
    )
    collapse = np.zeros((6, 3, 3), dtype=complex)
    jumps = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]
    for k, (to, start) in enumerate(jumps):
        rate = single if 0 in (to, start) else double
        collapse[k, to, start] = math.sqrt(rate)
    spins = replace(spins, collapse=collapse)

    def seen(prepare: str | None, read: str | None) -> NDArray[np.float64]:
        shots = [sq.relaxation(t, prepare=prepare, read=read) for t in times]
        return signal(spins, shots)

    bright = seen(None, None) - seen(None, "lower")
    assert_allclose(bright, np.exp(-3.0 * single * times), atol=1e-10)
    dark = seen("lower", "lower") - seen("lower", "upper")
    assert_allclose(dark, np.exp(-(single + 2.0 * double) * times), atol=1e-10)


def test_signal_and_response_to_alternating_fields() -> None:
    # XY8-k at its frequency: 2 pi a T times the mean of a rectified sine.
    for k in (1, 4):
        sequence = sq.xy8(0.5e-6, k)
        found = abs(sq.phase_response(sequence, [1e6])[0])
        assert_allclose(found, 2.0 * np.pi * 4e-6 * k * 2.0 / np.pi, rtol=1e-9)
        zeros = 1e6 + np.array([1.0, -1.0, 2.0]) / (4e-6 * k)
        assert_allclose(abs(sq.phase_response(sequence, zeros)), 0.0, atol=1e-7 * found)
    sequence = sq.xy8(0.5e-6, rabi_frequency=9e6)
    response = sq.phase_response(sequence, [0.93e6])[0]
    time = (np.arange(400_000) + 0.5) * sequence.duration / 400_000
    wave = 2e3 * np.cos(2.0 * np.pi * 0.93e6 * time + 0.4)
    weighted = sq.sign_function(sequence, time) * wave
    phase = 2.0 * np.pi * weighted.mean() * sequence.duration
    assert_allclose(phase, 2e3 * (response * np.exp(0.4j)).real, rtol=1e-6)


def test_a_sequence_without_a_pulse_cannot_be_flipped() -> None:
    with pytest.raises(InvalidValue, match="must have a pulse"):
        sq.flipped(sq.relaxation(1e-6))
