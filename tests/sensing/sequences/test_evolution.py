"""Sequences against the definition, closed forms and SciPy."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize_scalar
from scipy.special import jv

from qleap.core.errors import InvalidValue
from qleap.sensing._reference import evolution as reference
from qleap.sensing.nv import NITROGEN_14, NVCentre
from qleap.sensing.sequences import (
    Channel,
    ControlledSpins,
    Free,
    Laser,
    Pulse,
    Repeat,
    Sequence,
    detuning_scan,
    evolve,
    propagator,
    rotating_frame,
    signal,
    time_evolution,
)

Matrix = NDArray[np.complex128]

X = 0.5 * np.array([[0, 1], [1, 0]], dtype=np.complex128)
Y = 0.5 * np.array([[0, -1j], [1j, 0]], dtype=np.complex128)
UP = np.array([0.0, 1.0])
SPIN = ControlledSpins(
    static=np.zeros((2, 2), dtype=np.complex128),
    channels={"microwave": Channel(in_phase=X, quadrature=-Y, number=UP)},
    initial=np.diag([1.0, 0.0]),
    readout=np.diag([1.0, 0.0]),
    sensitive=np.diag(28e9 * UP),
)
ALIGNED = rotating_frame(
    NVCentre(nitrogen=NITROGEN_14).spin_system(), [0, 0, 0.03], levels=(0, 1)
)
TILTED = rotating_frame(
    NVCentre(nitrogen=NITROGEN_14).spin_system(), [1e-3, 5e-4, 0.03]
)
HALF = Pulse.rotation(math.pi / 2, rabi_frequency=5e6)
FLIP = Pulse.rotation(math.pi, rabi_frequency=5e6, phase=0.3)
OFF = Pulse(duration=3e-7, rabi_frequency=1e6, detuning=-7e5, phase=1.1)
SEQUENCES = {
    "detuned pulse": Sequence((OFF,)),
    "ideal ramsey": Sequence((Pulse.rotation(1.5), Free(duration=1e-6), OFF)),
    "echo": Sequence((HALF, Free(duration=1e-6), FLIP, Free(duration=1e-6), OFF)),
    "train": Sequence((HALF,)) + Sequence((Free(duration=1e-7), FLIP, OFF)) * 20,
    "nested": (Sequence((Free(duration=1e-7), FLIP)) * 9 + Sequence((OFF,))) * 10,
    "few": Sequence((Repeat(block=(OFF, FLIP), times=3), Free(duration=2e-7))),
    "nothing": Sequence((Repeat(block=(OFF,), times=0), Free(duration=0.0))),
}


def mixed(size: int) -> Matrix:
    rng = np.random.default_rng(size)
    plain = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    rho = plain @ plain.conj().T
    return np.asarray(rho / np.trace(rho))


def relaxing(spins: ControlledSpins) -> ControlledSpins:
    number = spins.channels["microwave"].number
    step = np.subtract.outer(number, number)
    down = np.where(step == -1.0, 2.0 * spins.channels["microwave"].in_phase, 0.0)
    loss = [
        np.diag(number) * math.sqrt(2 / 3e-6),
        down * math.sqrt(1 / 20e-6),
        down.conj().T * math.sqrt(1 / 30e-6),
    ]
    shine = np.array([down * math.sqrt(1 / 3e-7)], dtype=np.complex128)
    return replace(spins, collapse=np.array(loss), light=shine)


@pytest.mark.parametrize("spins", [ALIGNED, TILTED], ids=["aligned", "tilted"])
@pytest.mark.parametrize("name", SEQUENCES)
def test_states_and_signals_equal_the_definition(
    spins: ControlledSpins, name: str
) -> None:
    sequence = SEQUENCES[name]
    for state in (spins.initial, mixed(spins.dimension)):
        expected = reference.evolve(spins, sequence, state)
        found = evolve(spins, sequence, state=state)
        assert_allclose(found, expected, rtol=0.0, atol=2e-10)
        turn = propagator(spins, sequence)
        assert_allclose(turn @ state @ turn.conj().T, expected, rtol=0.0, atol=2e-10)
    read = np.trace(spins.readout @ reference.evolve(spins, sequence, spins.initial))
    assert_allclose(signal(spins, [sequence])[0], read.real, rtol=0.0, atol=2e-10)


@pytest.mark.parametrize("name", SEQUENCES)
def test_relaxing_spins_equal_the_definition(name: str) -> None:
    spins = relaxing(ALIGNED)
    bright = Sequence((Laser(duration=1e-6, power=0.7),))
    sequence = bright + SEQUENCES[name] + bright
    expected = reference.evolve(spins, sequence, spins.initial)
    assert_allclose(evolve(spins, sequence), expected, rtol=0.0, atol=1e-11)
    read = np.trace(spins.readout @ expected).real
    assert_allclose(signal(spins, [sequence])[0], read, rtol=0.0, atol=1e-11)


def test_spins_that_relax_under_light_alone_equal_the_definition() -> None:
    spins = replace(relaxing(ALIGNED), collapse=np.zeros((0, 6, 6), complex))
    sequence = Sequence((HALF, Free(duration=1e-6), Laser(duration=2e-7), OFF))
    expected = reference.evolve(spins, sequence, spins.initial)
    assert_allclose(evolve(spins, sequence), expected, rtol=0.0, atol=1e-12)


def test_a_shaped_pulse_converges_to_fine_steps() -> None:
    pulse = Pulse.rotation(2.0, rabi_frequency=2e6, shape="gaussian", detuning=3e5)
    found = evolve(ALIGNED, Sequence((pulse,)))
    errors = [
        np.abs(
            reference.evolve(ALIGNED, Sequence((pulse,)), ALIGNED.initial, n) - found
        )
        for n in (200, 400)
    ]
    assert 3.9 < errors[0].max() / errors[1].max() < 4.1
    assert errors[1].max() < 1e-5


def test_a_shape_with_jumps_equals_its_rectangular_parts() -> None:
    steps = Pulse(
        duration=9e-7,
        rabi_frequency=1e6,
        detuning=2e5,
        shape=lambda u: np.where(u < 1.0 / 3.0, 1.0, 0.25),
    )
    first = Pulse(duration=3e-7, rabi_frequency=1e6, detuning=2e5)
    turned = 2.0 * math.pi * 2e5 * 3e-7
    second = Pulse(duration=6e-7, rabi_frequency=0.25e6, detuning=2e5, phase=turned)
    found = evolve(ALIGNED, Sequence((steps,)))
    expected = evolve(ALIGNED, Sequence((first, second)))
    assert_allclose(found, expected, rtol=0.0, atol=1e-8)


def test_many_sequences_at_once_equal_one_after_another() -> None:
    sequences = [*SEQUENCES.values(), SEQUENCES["echo"] * 3]
    together = signal(ALIGNED, sequences)
    alone = [signal(ALIGNED, [sequence])[0] for sequence in sequences]
    assert_allclose(together, alone, rtol=0.0, atol=1e-12)
    assert signal(ALIGNED, []).shape == (0,)


def test_a_scan_of_the_carrier_equals_detuned_spins() -> None:
    detunings = np.linspace(-6e6, 6e6, 13)
    for name in ("echo", "train"):
        found = detuning_scan(TILTED, SEQUENCES[name], detunings)
        expected = [
            signal(TILTED.detuned("microwave", detuning), [SEQUENCES[name]])[0]
            for detuning in detunings
        ]
        assert_allclose(found, expected, rtol=0.0, atol=1e-10)


@pytest.mark.parametrize("spins", [ALIGNED, relaxing(ALIGNED)])
def test_a_fine_scan_equals_its_points_alone(spins: ControlledSpins) -> None:
    detunings = np.random.default_rng(5).uniform(-4e6, 3e6, 300)
    sequence = Sequence((FLIP, Free(duration=3e-7), OFF))
    found = detuning_scan(spins, sequence, detunings)
    some = [0, 17, 101, 299]
    expected = [detuning_scan(spins, sequence, detunings[k : k + 1])[0] for k in some]
    assert_allclose(found[some], expected, rtol=0.0, atol=1e-12)
    ends = np.array([detunings.min(), detunings.max()])
    expected = list(detuning_scan(spins, sequence, ends))
    assert_allclose([found[detunings.argmin()], found[detunings.argmax()]], expected)


def test_a_scan_of_relaxing_spins_equals_detuned_spins() -> None:
    detunings = np.linspace(-3e6, 3e6, 5)
    sequence = SEQUENCES["echo"] + Sequence((Laser(duration=1e-7),))
    found = detuning_scan(relaxing(ALIGNED), sequence, detunings)
    expected = [
        signal(relaxing(ALIGNED.detuned("microwave", detuning)), [sequence])[0]
        for detuning in detunings
    ]
    assert_allclose(found, expected, rtol=0.0, atol=1e-12)


def test_spins_whose_number_is_not_kept_see_a_turning_drive() -> None:
    # A static part across the axis: the pulse cannot be computed in its own frame.
    spins = replace(SPIN, static=1e6 * X + np.diag(3e5 * UP))
    pulse = Pulse(duration=8e-7, rabi_frequency=7e5, phase=0.4, detuning=6e5)
    steps = 4000
    middle = (np.arange(steps) + 0.5) / steps * pulse.duration
    rho = spins.initial
    for time in middle:
        angle = pulse.phase + 2 * math.pi * pulse.detuning * time
        channel = spins.channels["microwave"]
        drive = (
            math.cos(angle) * channel.in_phase + math.sin(angle) * channel.quadrature
        )
        turn = expm(-2j * math.pi * 8e-7 / steps * (spins.static + 7e5 * drive))
        rho = turn @ rho @ turn.conj().T
    assert_allclose(evolve(spins, Sequence((pulse,))), rho, rtol=0.0, atol=1e-6)


def test_populations_and_coherences_relax_with_t1_and_t2() -> None:
    t1, t2 = 50e-6, 20e-6
    down = np.array([[0, 1], [0, 0]]) / math.sqrt(t1)
    dephasing = math.sqrt(2 * (1 / t2 - 0.5 / t1)) * np.diag(UP)
    spins = replace(SPIN, collapse=np.array([down, dephasing]))
    time = np.linspace(0.0, 1e-4, 11)
    flip, half = Pulse.rotation(math.pi), Pulse.rotation(math.pi / 2)
    seen = signal(spins, [Sequence((flip, Free(duration=t))) for t in time])
    assert_allclose(seen, 1.0 - np.exp(-time / t1), rtol=0.0, atol=1e-12)
    cross = [evolve(spins, Sequence((half, Free(duration=t))))[0, 1] for t in time]
    assert_allclose(np.abs(cross), 0.5 * np.exp(-time / t2), rtol=0.0, atol=1e-12)


def test_a_trajectory_follows_rabis_formula_and_ends_where_evolve_does() -> None:
    pulse = Pulse(duration=3e-6, rabi_frequency=1e6, detuning=0.7e6)
    path = time_evolution(SPIN, Sequence((pulse,)), 31)
    total = math.hypot(1e6, 0.7e6)
    flipped = (1e6 / total) ** 2 * np.sin(math.pi * total * path.time) ** 2
    assert_allclose(path.expectation(np.diag(UP)), flipped, rtol=0.0, atol=1e-12)
    for sequence in SEQUENCES.values():
        path = time_evolution(ALIGNED, sequence, 17, state=mixed(6))
        end = evolve(ALIGNED, sequence, state=mixed(6))
        assert_allclose(path.states[-1], end, rtol=0.0, atol=1e-11)


def test_a_trajectory_is_that_of_the_sequences_cut_at_its_times() -> None:
    pulse = Pulse.rotation(math.pi, rabi_frequency=2e6, shape="gaussian", detuning=3e5)
    path = time_evolution(ALIGNED, Sequence((Free(duration=pulse.duration), pulse)), 5)
    half = replace(
        pulse,
        duration=pulse.duration / 2,
        shape=lambda u: pulse.envelope(0.5 * np.asarray(u)),
    )
    middle = evolve(ALIGNED, Sequence((Free(duration=pulse.duration), half)))
    assert_allclose(path.states[3], middle, rtol=0.0, atol=1e-8)
    assert_allclose(path.states[0], ALIGNED.initial, rtol=0.0, atol=1e-15)


def test_an_oscillating_field_turns_the_phase_by_its_integral() -> None:
    size, frequency = 2e-7, 1.3e6
    half, back = Pulse.rotation(math.pi / 2), Pulse.rotation(-math.pi / 2)
    times = np.linspace(0.0, 5e-6, 23)
    seen = signal(
        SPIN,
        [Sequence((half, Free(duration=t), back)) for t in times],
        field=lambda t: size * np.cos(2 * math.pi * frequency * t),
    )
    phase = 28e9 * size / frequency * np.sin(2 * math.pi * frequency * times)
    assert_allclose(seen, 0.5 + 0.5 * np.cos(phase), rtol=0.0, atol=1e-12)


def test_a_constant_field_turns_the_phase_like_a_shift_of_the_level() -> None:
    half = Pulse.rotation(math.pi / 2)
    ahead = Pulse.rotation(math.pi / 2, phase=1.0)
    free = Free(duration=1e-6)
    pulse = Pulse(duration=4e-7, rabi_frequency=1e6, phase=0.4)
    sequence = Sequence((half, free, ahead, pulse))
    size = 1e5 / 28e9
    seen = evolve(SPIN, sequence, field=lambda t: np.full_like(t, size))
    shifted = replace(SPIN, static=np.diag(1e5 * UP).astype(np.complex128))
    assert_allclose(seen, evolve(shifted, sequence), rtol=0.0, atol=1e-10)


def test_a_readout_may_see_coherences_between_blocks_without_a_drive() -> None:
    size = ALIGNED.dimension
    plus = np.full((size, size), 1.0 / size, dtype=np.complex128)
    spins = replace(ALIGNED, initial=plus, readout=plus)
    for sequence in (SEQUENCES["echo"], Sequence((Free(duration=3e-7),))):
        rho = reference.evolve(spins, sequence, plus)
        expected = np.trace(plus @ rho).real
        assert_allclose(signal(spins, [sequence]), [expected], rtol=0.0, atol=1e-12)


def test_an_echo_sees_a_synchronous_field_and_no_static_one() -> None:
    tau, size = 1e-6, 1e-7
    half, flip = Pulse.rotation(math.pi / 2), Pulse.rotation(math.pi)
    back = Pulse.rotation(math.pi / 2)
    free = Free(duration=tau)
    echo = [Sequence((half, free, flip, free, back))]
    still = signal(SPIN, echo, field=lambda t: np.full_like(t, size))
    assert_allclose(still, 1.0, rtol=0.0, atol=1e-12)
    moving = signal(SPIN, echo, field=lambda t: size * np.sin(math.pi * t / tau))
    phase = 2 * math.pi * 28e9 * size * 4 * tau / math.pi
    assert_allclose(moving, 0.5 + 0.5 * np.cos(phase), rtol=0.0, atol=1e-10)


def test_a_fast_modulation_of_the_level_weakens_the_drive_by_bessels_function() -> None:
    # Ashhab et al., Phys. Rev. A 75, 063414 (2007): J_0(A / f) of the carrier.
    depth, frequency = 40e6, 50e6
    pulse = Pulse(duration=2e-6, rabi_frequency=1e5)
    seen = evolve(
        SPIN,
        Sequence((pulse,)),
        field=lambda t: depth / 28e9 * np.cos(2 * math.pi * frequency * t),
    )
    rabi = 1e5 * abs(jv(0, depth / frequency))
    expected = math.sin(math.pi * rabi * pulse.duration) ** 2
    assert_allclose(seen[1, 1].real, expected, rtol=0.0, atol=2e-3)


def lab(splitting: float, carrier: float) -> ControlledSpins:
    channel = Channel(in_phase=X, quadrature=Y, number=UP, carrier=carrier)
    return replace(
        SPIN, static=np.diag(splitting * UP), channels={"microwave": channel}
    )


@pytest.mark.parametrize("strength", [0.05, 0.1])
def test_the_resonance_moves_by_bloch_and_siegerts_shift(strength: float) -> None:
    # Bloch and Siegert, Phys. Rev. 57, 522 (1940); at resonance the gap of the
    # quasi-energies is least, Shirley, Phys. Rev. 138, B979 (1965).
    carrier = 1e6
    rabi = strength * carrier
    period = Sequence((Pulse(duration=1 / carrier, rabi_frequency=rabi),))

    def gap(offset: float) -> float:
        spins = lab(carrier * (1.0 - offset), carrier)
        turn = propagator(spins, period, tolerance=1e-13)
        phases = np.angle(np.linalg.eigvals(turn))
        apart = phases[0] - phases[1] + math.pi
        return float(abs(apart % (2 * math.pi) - math.pi))

    expected = strength**2 / 4
    bounds = (0.2 * expected, 2.0 * expected)
    found = minimize_scalar(
        gap, bounds=bounds, method="bounded", options={"xatol": 1e-7}
    )
    assert_allclose(found.x, expected, rtol=strength**2)


def test_a_weak_drive_in_the_laboratory_does_what_it_does_in_the_rotating_frame() -> (
    None
):
    pulse = Pulse(duration=5e-6, rabi_frequency=1e5, phase=0.4, detuning=5e4)
    whole = lab(300e6, 300e6)
    found = evolve(whole, Sequence((Free(duration=1e-7), pulse)))
    expected = evolve(SPIN, Sequence((Free(duration=1e-7), pulse)))
    assert_allclose(np.diag(found), np.diag(expected), rtol=0.0, atol=1e-3)


@pytest.mark.parametrize("points", [4, 12])
def test_a_pulse_on_a_carrier_may_be_cut_anywhere(points: int) -> None:
    spins = lab(20e6, 20.3e6)
    pulse = Pulse(duration=2.03e-6, rabi_frequency=3e6, phase=0.4, detuning=1e5)
    path = time_evolution(spins, Sequence((Free(duration=1e-8), pulse)), points)
    end = evolve(spins, Sequence((Free(duration=1e-8), pulse)))
    assert_allclose(path.states[-1], end, rtol=0.0, atol=1e-8)


@pytest.mark.parametrize(("spins", "sequence", "options", "message"), [
    (SPIN, Sequence((Pulse(channel="radio"),)), {}, "channel must be one of"),
    (SPIN, Sequence((Laser(duration=1e-6),)), {}, "light"),
    (replace(SPIN, sensitive=None), Sequence((HALF,)), {"field": np.cos}, "sensitive"),
    (SPIN, Sequence((HALF,)), {"field": lambda t: t / 0.0}, "field"),
    (SPIN, Sequence((HALF,)), {"state": np.eye(3)}, "state"),
    (SPIN, Sequence((HALF,)), {"state": np.array([1.0, 0.0])}, "np.outer"),
    (SPIN, Sequence((HALF,)), {"state": 1j * X}, "Hermitian"),
    (replace(SPIN, light=np.ones((1, 3, 3), complex)), Sequence((HALF,)), {}, "light"),
    (
        replace(SPIN, sensitive=np.eye(3, dtype=complex)),
        Sequence((HALF,)),
        {},
        "sensitive",
    ),
    (lab(1e6, 1e6), Sequence((Pulse.rotation(1.0),)), {}, "rabi_frequency"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_errors_name_what_is_wrong(spins, sequence, options, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=message):
        evolve(spins, sequence, **options)


def test_there_is_no_propagator_of_what_relaxes() -> None:
    with pytest.raises(InvalidValue, match="use evolve"):
        propagator(relaxing(ALIGNED), SEQUENCES["echo"])


def test_a_carrier_cannot_move_where_the_number_is_not_kept() -> None:
    spins = replace(SPIN, static=1e6 * X)
    with pytest.raises(InvalidValue, match="rotating frame"):
        detuning_scan(spins, Sequence((HALF,)), [0.0, 1e6])
