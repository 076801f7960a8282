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
from qleap.sensing.spins import ISOTOPES, Coupling, Spin, SpinSystem

FIELD = 0.03
LARMOR = ISOTOPES["13C"].gyromagnetic_ratio * FIELD
HALF = 0.5 * math.pi


def _alone(levels: tuple[int, ...] = (0, 1)) -> ControlledSpins:
    return rotating_frame(NVCentre().spin_system(), [0, 0, FIELD], levels=levels)


def _carbons(
    *couplings: tuple[float, float],
    others: dict[str, Drive] | None = None,
    observe: tuple[str, int] | None = None,
) -> ControlledSpins:
    """Return a centre with 13C of parallel and perpendicular couplings, Hz."""
    system = NVCentre().spin_system()
    for k, (along, across) in enumerate(couplings):
        tensor = np.zeros((3, 3))
        tensor[2] = across, 0.0, along
        system = system.with_spin(
            Spin.nucleus("13C", name=f"C{k}"),
            Coupling(between=("electron", f"C{k}"), tensor=tensor),
        )
    return rotating_frame(
        system, [0, 0, FIELD], levels=(0, 1), others=others, observe=observe
    )


def _beside(coupling: float) -> ControlledSpins:
    """Return a centre and a free electron with d S_z I_z."""
    system = NVCentre().spin_system()
    system = system.with_spin(
        Spin.electron("other"),
        Coupling(between=("electron", "other"), tensor=np.diag([0.0, 0.0, coupling])),
    )
    pump = {"pump": Drive(spin="other")}
    return rotating_frame(system, [0, 0, FIELD], levels=(0, 1), others=pump)


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


def test_deer_oscillates_at_the_dipolar_frequency() -> None:
    coupling, times = 0.5e6, np.linspace(0.1e-6, 6e-6, 30)
    spins = _beside(coupling)
    seen = difference(spins, [sq.deer(t) for t in times])
    assert_allclose(seen, np.cos(np.pi * coupling * times), atol=1e-9)
    late = difference(spins, [sq.deer(6e-6, pump_delay=t / 2) for t in times[:-1]])
    expected = np.cos(np.pi * coupling * (6e-6 - times[:-1]))
    assert_allclose(late, expected, atol=1e-9)
    reference = difference(spins, [sq.deer(t, pump_angle=0.0) for t in times])
    assert_allclose(reference, 1.0, atol=1e-9)


def test_peldor_depends_on_the_place_of_the_pump_pulse_alone() -> None:
    coupling, places = 0.5e6, np.linspace(-0.9e-6, 4e-6, 25)
    spins = _beside(coupling)
    for first, second in ((1e-6, 4e-6), (1.5e-6, 5e-6)):
        seen = difference(spins, [sq.peldor(first, second, t) for t in places])
        assert_allclose(-seen, np.cos(2.0 * np.pi * coupling * places), atol=1e-9)


def test_mims_endor_has_blind_spots() -> None:
    along = 60e3
    spins = _carbons((along, 0.0), others={"radio": Drive(spin="C0", carrier=LARMOR)})
    delays = np.array([4e-6, 18e-6])
    # 31 detunings over 6 MHz: all coherences but that of the echo add up to zero.
    broad = np.arange(31) * 6e6 / 31

    def echoes(detuning: float) -> NDArray[np.float64]:
        shots = [sq.mims_endor(t, detuning, radio_rabi_frequency=2e3) for t in delays]
        every = [signal(spins.detuned("microwave", d), shots) for d in broad]
        return np.asarray(2.0 * np.mean(every, axis=0))

    # The nucleus is flipped in one of the two levels of the electron only.
    quiet = echoes(1e6)
    for line in (0.0, along):
        lost = quiet - echoes(line)
        expected = 0.25 * (1.0 - np.cos(2.0 * np.pi * along * delays))
        assert_allclose(np.abs(lost), expected, atol=0.01)


def test_davies_endor_shows_the_line_of_each_electron_level() -> None:
    along = 3e6
    spins = _carbons((along, 0.0), others={"radio": Drive(spin="C0", carrier=LARMOR)})
    spins = spins.detuned("microwave", 0.5 * along)
    shots = [
        sq.davies_endor(1e-6, d, radio_rabi_frequency=20e3, rabi_frequency=0.2e6)
        for d in (0.0, along, -0.5e6, 0.7e6, along + 0.7e6)
    ]
    seen = difference(spins, shots)
    assert_allclose(seen, [0.0, 0.0, -0.5, -0.5, -0.5], atol=0.05)


def test_radio_pulses_act_as_in_the_laboratory_frame() -> None:
    # The two carriers against the whole linear drive, which QuTiP integrates.
    qutip = pytest.importorskip("qutip")
    pair = (
        Spin(name="e", spin=0.5, zeeman=60e9),
        Spin(name="n", spin=0.5, zeeman=-3e9),
    )
    tensor = np.diag([0.0, 0.0, 2e6])
    system = SpinSystem(
        spins=pair, couplings=(Coupling(between=("e", "n"), tensor=tensor),)
    )
    at = [0.0, 0.0, 1e-3]
    spins = rotating_frame(
        system, at, others={"radio": Drive(spin="n", carrier=4e6)}, observe=("n", 0)
    )
    flip = sq.Pulse.rotation(math.pi, rabi_frequency=0.4e6, detuning=1e6)
    radio = sq.Pulse(duration=9e-6, rabi_frequency=40e3, channel="radio")
    expected = signal(spins, [sq.Sequence((flip, radio))])[0]

    moment = system.field_operators()[0]
    rho, now = qutip.Qobj(_lowest()), 0.0
    for pulse, carrier, scale in ((flip, 60e6, 60e9), (radio, 4e6, 3e9)):
        peak = 4.0 * np.pi * pulse.rabi_frequency / scale

        def drive(
            t: float, c: float = carrier, d: float = pulse.detuning, start: float = now
        ) -> float:
            return math.cos(2.0 * np.pi * (c * (start + t) + d * t))

        total = qutip.QobjEvo([
            2.0 * np.pi * qutip.Qobj(system.hamiltonian(at)),
            [peak * qutip.Qobj(moment), drive],
        ])  # fmt: skip
        options = {"atol": 1e-8, "rtol": 1e-6, "nsteps": 10**6}
        rho = qutip.mesolve(total, rho, [0.0, pulse.duration], options=options).states[
            -1
        ]
        now += pulse.duration
    up = np.diag([1.0, 0.0, 1.0, 0.0])
    assert abs(expected - 0.5) > 0.1
    assert_allclose(qutip.expect(qutip.Qobj(up), rho), expected, atol=5e-3)


def _lowest() -> NDArray[np.complex128]:
    """Return the electron in its lower level and the nucleus unpolarised."""
    electron = np.diag([0.0, 1.0])
    return np.asarray(np.kron(electron, 0.5 * np.eye(2)), dtype=complex)


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


@pytest.mark.parametrize("along", [-40e3, 25e3, 300e3])
def test_an_echo_is_modulated_as_mims_says(along: float) -> None:
    # Mims 1972; Childress et al., Science 314, 281 (2006), for m_S = 0 and -1.
    across, times = 120e3, np.linspace(0.2e-6, 30e-6, 60)
    still, moved = LARMOR, math.hypot(LARMOR + along, across)
    depth = (across / moved) ** 2
    waves = np.sin(np.pi * still * times / 2) * np.sin(np.pi * moved * times / 2)
    spins = _carbons((along, across))
    seen = difference(spins, [sq.hahn_echo(t) for t in times])
    assert_allclose(seen, 1.0 - 2.0 * depth * waves**2, atol=1e-10)


def test_the_echo_collapses_and_revives_with_the_larmor_period() -> None:
    nuclei = ((20e3, 160e3), (-35e3, 120e3), (10e3, 200e3))
    spins = _carbons(*nuclei)
    period = 2.0 / LARMOR  # of the duration: each arm takes one Larmor period
    seen = difference(
        spins, [sq.hahn_echo(t * period) for t in (0.25, 0.5, 0.75, 1.0, 2.0)]
    )
    assert_allclose(seen[3:], 1.0, atol=1e-12)
    assert seen[1] < 0.6
    alone = [
        difference(_carbons(one), [sq.hahn_echo(0.5 * period)])[0] for one in nuclei
    ]
    assert_allclose(seen[1], np.prod(alone), atol=1e-10)


def test_decoupling_finds_a_nucleus_where_its_precession_matches() -> None:
    # Taminiau et al., Phys. Rev. Lett. 109, 137602 (2012): half a mean period.
    along, across, n = 10e3, 10e3, 64
    spins = _carbons((along, across))
    spacing = np.linspace(1.48e-6, 1.58e-6, 21)
    seen = -difference(spins, [sq.xy8(t, n // 8) for t in spacing])
    best = 1.0 / (2.0 * LARMOR + along)
    assert_allclose(spacing[np.argmin(seen)], best, atol=6e-9)
    # At resonance every pulse turns the nucleus by about 2 across / (2 f + A).
    turn = n * across * best * 2.0
    exact = -difference(spins, [sq.xy8(best, n // 8)])[0]
    assert_allclose(exact, math.cos(turn), atol=0.05)


@pytest.mark.parametrize(("harmonic", "cycles"), [(1, 40), (3, 14), (5, 14)])
def test_pulsepol_transfers_at_the_rate_of_its_harmonic(
    harmonic: int, cycles: int
) -> None:
    # Schwartz et al. 2018: tau = n / (2 f), n odd.
    along, across = 5e3, 8e3
    spins = _carbons((along, across), observe=("C0", 0))
    mean = 0.5 * (LARMOR + math.hypot(LARMOR + along, across))
    alpha = sq.pulsepol_efficiency(harmonic)
    shots = [sq.pulsepol(harmonic / (2.0 * mean), k) for k in range(2, cycles, 6)]
    times = np.array([one.duration for one in shots])
    gained = 2.0 * signal(spins, shots) - 1.0
    expected = np.sin(0.5 * np.pi * alpha * across * times) ** 2
    assert_allclose(np.abs(gained), expected, atol=0.03)
    assert np.max(expected) > 0.2
    off = sq.pulsepol(1.1 * harmonic / (2.0 * mean), cycles)
    assert abs(2.0 * signal(spins, [off])[0] - 1.0) < 0.1


def test_pulsepol_forgives_detuning_and_wrong_angles() -> None:
    along, across = 5e3, 8e3
    spins = _carbons((along, across), observe=("C0", 0))
    mean = 0.5 * (LARMOR + math.hypot(LARMOR + along, across))
    finite = sq.pulsepol(1.5 / mean, 14, rabi_frequency=10e6)
    for detuning in (0.0, 1e6):
        seen = signal(spins.detuned("microwave", detuning), [finite])[0]
        assert 2.0 * seen - 1.0 > 0.78
    wrong = tuple(
        replace(one, angle=1.05 * one.angle) if isinstance(one, sq.Pulse) else one
        for one in sq.pulsepol(1.5 / mean, 14).flat()
    )
    assert 2.0 * signal(spins, [sq.Sequence(wrong)])[0] - 1.0 > 0.78


def test_pulsepol_has_the_efficiency_of_its_toggling_frame() -> None:
    # 0.72 is the number commonly quoted from Schwartz et al. 2018.
    assert_allclose(sq.pulsepol_efficiency(3), 0.72, atol=0.005)
    for n in (1, 3, 5):
        frame = sq.toggling_frame(sq.pulsepol(1e-6, 1))
        parts = np.abs(frame.transform(np.array([n / 2e-6])))[:, 0] / 2e-6
        # The block begins and ends along z: x and y carry half of alpha each.
        assert_allclose(parts[:2], 0.5 * sq.pulsepol_efficiency(n), rtol=1e-9)


def test_a_matched_spin_lock_transfers_polarisation() -> None:
    along, across = 5e3, 8e3
    spins = _carbons((along, across), observe=("C0", 0))
    mean = 0.5 * (LARMOR + math.hypot(LARMOR + along, across))
    times = np.linspace(20e-6, 120e-6, 6)
    seen = 2.0 * signal(spins, [sq.spin_lock(t, mean) for t in times]) - 1.0
    assert_allclose(seen, np.sin(0.5 * np.pi * across * times) ** 2, atol=0.03)


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
    phase = sq.accumulated_phase(
        sequence, lambda t: 2e3 * np.cos(2.0 * np.pi * 0.93e6 * t + 0.4)
    )
    assert_allclose(phase, 2e3 * (response * np.exp(0.4j)).real, rtol=1e-9)


def test_a_sequence_without_a_pulse_cannot_be_flipped() -> None:
    with pytest.raises(InvalidValue, match="must have a pulse"):
        sq.flipped(sq.relaxation(1e-6))
