"""Correlated and synchronised blocks in an alternating field, against QuTiP."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.sensing import sequences as sq
from qleap.sensing.nv.signals import Tone, synchronised_readout
from qleap.sensing.sequences import Free, Laser, Pulse, Sequence

FREQUENCY, AMPLITUDE = 1.013e6, 40e3


def _population_in_qutip(sequence: Sequence, start: float, phase: float) -> float:
    """Return the population of the level of the beginning, two-level spin."""
    qutip = pytest.importorskip("qutip")
    half_x, half_y, half_z = (0.5 * one for one in (
        qutip.sigmax(), qutip.sigmay(), qutip.sigmaz(),
    ))  # fmt: skip
    down = qutip.basis(2, 1)
    state, now = down, start
    for element in sequence.flat():
        drive = 0.0 * half_x
        if isinstance(element, Pulse):
            axis = math.cos(element.phase) * half_x + math.sin(element.phase) * half_y
            if element.duration == 0.0:
                state = (-1j * element.angle * axis).expm() * state
                continue
            drive = element.rabi_frequency * axis

        def seen(t: float, begin: float = now) -> float:
            return math.cos(2.0 * math.pi * FREQUENCY * (begin + t) + phase)

        total = qutip.QobjEvo(
            [2.0 * np.pi * drive, [2.0 * np.pi * AMPLITUDE * half_z, seen]]
        )
        options = {"atol": 1e-12, "rtol": 1e-11, "method": "vern9"}
        if element.duration > 0.0:
            solved = qutip.sesolve(
                total, state, [0.0, element.duration], options=options
            )
            state = solved.states[-1]
        now += element.duration
    return float(abs(down.overlap(state)) ** 2)


def _opposite(element: Pulse | Free | Laser) -> Pulse | Free | Laser:
    if isinstance(element, Pulse):
        return replace(element, phase=element.phase + math.pi)
    return element


def test_synchronised_readouts_are_those_of_the_schroedinger_equation() -> None:
    block, period, phase = sq.xy8(0.5e-6, final_phase=0.5 * math.pi), 6e-6, 0.3
    exact = np.array([
        2.0 * _population_in_qutip(block, k * period, phase) - 1.0 for k in range(5)
    ])  # fmt: skip
    assert np.max(np.abs(exact)) > 0.5
    tone = Tone(amplitude=1.0, frequency=FREQUENCY, phase=phase)
    counted = synchronised_readout(block, tone, AMPLITUDE, interval=period, count=5)
    assert_allclose(np.abs(counted), np.abs(exact), atol=1e-9)
    assert_allclose(counted / exact, counted[0] / exact[0], rtol=1e-6)
    turns = np.exp(1j * (phase + 2.0 * np.pi * FREQUENCY * period * np.arange(5)))
    response = sq.phase_response(block, [FREQUENCY])[0]
    assert_allclose(np.sin(AMPLITUDE * (response * turns).real), counted, atol=1e-9)


def test_correlated_blocks_beat_with_the_signal() -> None:
    # P = (1 + s sin(phi_1) sin(phi_2)) / 2, and the mean over phases is a cosine.
    block = sq.xy8(0.5e-6, final_phase=0.5 * math.pi)
    response = AMPLITUDE * sq.phase_response(block, [FREQUENCY])[0]
    products, seen = [], []
    for wait, phase in ((0.0, 0.4), (0.7e-6, 0.4), (0.31e-6, 2.0)):
        starts = np.array([0.0, block.duration + wait])
        turn = np.exp(1j * (phase + 2.0 * np.pi * FREQUENCY * starts))
        products.append(np.prod(np.sin((response * turn).real)))
        both = sq.correlation_spectroscopy(block, wait)
        # With the phases of the second block turned, coherence in the wait cancels.
        parts = list(both.flat())
        n = len(list(block.flat())) + 1
        turned = Sequence((*parts[:n], *map(_opposite, parts[n:])))
        shots = [_population_in_qutip(one, 0.0, phase) for one in (both, turned)]
        seen.append(sum(shots) - 1.0)
    assert np.max(np.abs(products)) > 0.2
    sign = np.sign(seen[0] * products[0])
    assert_allclose(seen, sign * np.array(products), atol=1e-9)
