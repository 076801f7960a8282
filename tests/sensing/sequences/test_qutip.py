"""Sequences against QuTiP, whose solvers nobody here wrote."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing.nv import NITROGEN_14, NVCentre
from qleap.sensing.sequences import (
    ControlledSpins,
    Free,
    Laser,
    Pulse,
    Sequence,
    evolve,
    propagator,
    rotating_frame,
    time_evolution,
)

qutip = pytest.importorskip("qutip")

Matrix = NDArray[np.complex128]
Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]

SPINS = rotating_frame(
    NVCentre(nitrogen=NITROGEN_14).spin_system(), [1e-4, 0, 0.03], levels=(0, 1)
)
SHAPED = Pulse.rotation(
    math.pi, rabi_frequency=2e6, shape="gaussian", phase=0.2, detuning=3e5
)
FLAT = Pulse(duration=4e-7, rabi_frequency=1.5e6, phase=1.0, detuning=-4e5)


def relaxing() -> ControlledSpins:
    number = SPINS.channels["microwave"].number
    step = np.subtract.outer(number, number)
    down = np.where(step == -1.0, 2.0 * SPINS.channels["microwave"].in_phase, 0.0)
    loss = [np.diag(number) * math.sqrt(2 / 3e-6), down * math.sqrt(1 / 20e-6)]
    return replace(SPINS, collapse=np.array(loss), light=np.array([1e3 * down]))


def wave(time: NDArray[np.float64]) -> NDArray[np.float64]:
    return 3e-5 * np.cos(2 * math.pi * 1.7e6 * time + 0.3)


def solved(
    spins: ControlledSpins,
    sequence: Sequence,
    field: Field | None = None,
    points: int = 2,
) -> Matrix:
    """Return the states of mesolve at times of the last element, the end included."""
    clock, rho = 0.0, qutip.Qobj(spins.initial)
    options = {"method": "vern9", "atol": 1e-12, "rtol": 1e-11, "nsteps": 10**6}
    found: list[Any] = []
    for element in sequence.flat():
        terms: list[Any] = [qutip.Qobj(2 * math.pi * spins.static)]
        collapse = list(spins.collapse)
        if isinstance(element, Laser):
            collapse += list(math.sqrt(element.power) * spins.light)
        if isinstance(element, Pulse):
            terms += _drive(spins, element, clock)
        if field is not None:
            sensed = qutip.Qobj(2 * math.pi * np.asarray(spins.sensitive))
            terms.append([sensed, lambda t: float(field(np.array(t)))])
        times = clock + np.linspace(0.0, element.duration, points)
        found = qutip.mesolve(
            terms, rho, times, c_ops=[qutip.Qobj(c) for c in collapse], options=options
        ).states
        clock, rho = clock + element.duration, found[-1]
    return np.array([state.full() for state in found])


def _drive(spins: ControlledSpins, pulse: Pulse, clock: float) -> list[Any]:
    channel = spins.channels[pulse.channel]

    def size(t: float) -> float:
        share = np.clip((t - clock) / pulse.duration, 0.0, 1.0)
        return 2 * math.pi * pulse.rabi_frequency * float(pulse.envelope(share))

    def angle(t: float) -> float:
        return pulse.phase + 2 * math.pi * pulse.detuning * (t - clock)

    def carried(t: float) -> float:
        turned = angle(t) + 2 * math.pi * channel.carrier * t
        return 2.0 * size(t) * math.cos(turned)

    if channel.carrier != 0.0:
        return [[qutip.Qobj(channel.in_phase), carried]]
    return [
        [qutip.Qobj(channel.in_phase), lambda t: size(t) * math.cos(angle(t))],
        [qutip.Qobj(channel.quadrature), lambda t: size(t) * math.sin(angle(t))],
    ]


LAB = replace(
    SPINS,
    static=SPINS.static + 40e6 * np.diag(SPINS.channels["microwave"].number),
    channels={"microwave": replace(SPINS.channels["microwave"], carrier=40.2e6)},
)
CASES = {
    "flat": (SPINS, Sequence((FLAT, Free(duration=2e-7), FLAT)), None),
    "shaped": (SPINS, Sequence((SHAPED,)), None),
    "wave": (SPINS, Sequence((SHAPED, Free(duration=3e-7), FLAT)), wave),
    "laboratory": (LAB, Sequence((Free(duration=3e-8), FLAT)), None),
    "laboratory, shaped, wave": (LAB, Sequence((Free(duration=3e-8), SHAPED)), wave),
    "light": (
        relaxing(),
        Sequence((FLAT, Laser(duration=3e-7, power=0.6), Free(duration=1e-7))),
        None,
    ),
    "relaxation, shaped": (relaxing(), Sequence((SHAPED,)), None),
    "relaxation, wave": (relaxing(), Sequence((FLAT, Free(duration=2e-7))), wave),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_states_equal_those_of_mesolve(name: str) -> None:
    spins, sequence, field = CASES[name]
    found = evolve(spins, sequence, field=field)
    expected = solved(spins, sequence, field)[-1]
    assert_allclose(found, expected, rtol=0.0, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("field", [None, wave])
def test_a_trajectory_equals_that_of_mesolve(field: Field | None) -> None:
    path = time_evolution(SPINS, Sequence((SHAPED,)), 30, field=field)
    expected = solved(SPINS, Sequence((SHAPED,)), field, points=30)
    assert_allclose(path.states, expected, rtol=0.0, atol=1e-8)


def test_a_propagator_equals_that_of_qutip() -> None:
    channel = SPINS.channels["microwave"]
    pulse = replace(FLAT, detuning=0.0)
    drive = math.cos(1.0) * channel.in_phase + math.sin(1.0) * channel.quadrature
    hamiltonian = qutip.Qobj(2 * math.pi * (SPINS.static + 1.5e6 * drive))
    options = {"method": "vern9", "atol": 1e-12, "rtol": 1e-11, "nsteps": 10**6}
    expected = qutip.propagator(hamiltonian, pulse.duration, options=options).full()
    found = propagator(SPINS, Sequence((pulse,)))
    assert_allclose(found, expected, rtol=0.0, atol=1e-9)
