"""Sequences on electrons and nuclei together obey the laws of the textbooks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing import sequences as sq
from qleap.sensing.nv import NITROGEN_14, NVCentre
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


def test_the_own_nitrogen_flips_in_the_level_of_the_electron_that_is_resonant() -> None:
    system = NVCentre(nitrogen=NITROGEN_14).spin_system()
    radio = {"radio": Drive(spin="nitrogen", transition=(0, 2))}
    spins = rotating_frame(system, [0, 0, FIELD], levels=(0, 1), others=radio)
    turns = spins.channels["radio"].number
    electron = spins.channels["microwave"].number
    offset = np.diag(spins.static).real
    lines = {}
    for level in (0.0, 1.0):
        mine = (electron == level) & (np.abs(turns) < 1.5)
        up = np.flatnonzero(mine & (turns == 1.0))[0]
        below = np.flatnonzero(mine & (turns == 0.0))
        down = below[np.abs(spins.channels["radio"].in_phase[up, below]).argmax()]
        lines[level] = (down, up, offset[up] - offset[down])
    assert_allclose(abs(lines[0.0][2] - lines[1.0][2]), 2.162e6, rtol=0.01)
    down, up, line = lines[0.0]
    strength = 2.0 * abs(spins.channels["radio"].in_phase[up, down])
    flip = sq.Pulse.rotation(
        math.pi / strength, rabi_frequency=5e3, detuning=line, channel="radio"
    )
    for level, expected in ((0.0, 1.0), (1.0, 0.0)):
        start, end, _ = lines[level]
        state = np.zeros_like(spins.initial)
        state[start, start] = 1.0
        seen = sq.evolve(spins, sq.Sequence((flip,)), state=state)
        assert_allclose(seen[end, end].real, expected, atol=1e-3)


def test_levels_that_no_drive_joins_in_one_step_are_refused() -> None:
    system = NVCentre(nitrogen=NITROGEN_14).spin_system()
    across = {"radio": Drive(spin="nitrogen", transition=(0, 1))}
    with pytest.raises(InvalidValue, match="connects the levels"):
        rotating_frame(system, [0, 0, 0.1], levels=(0, 1), others=across)
