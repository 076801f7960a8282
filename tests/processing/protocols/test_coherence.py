"""Coherence times: injected ones come back, and intervals hold what they promise."""

import numpy as np
import pytest
from qiskit.quantum_info import Statevector
from scipy.stats import binom

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, ReadoutError
from qleap.processing.protocols import (
    DeviceProtocol,
    EchoTime,
    RamseyTime,
    RelaxationTime,
    run_protocol,
)
from qleap.processing.protocols.decays import Survivals, interval
from qleap.processing.protocols.ramsey import fit_oscillation

TIMES = {2: (120e-6, 90e-6), 5: (60e-6, 100e-6)}
"""T1 and T2 by qubit, s."""


def machine() -> NoisyBackend:
    model = NoiseModel().with_readout(ReadoutError.of_bit(0.02, 0.05))
    for qubit, (t1, t2) in TIMES.items():
        model = model.while_idle(t1, t2, qubits=[qubit])
    return NoisyBackend(model)


@pytest.mark.parametrize("seed", [1, 2])
def test_injected_times_come_back_within_their_intervals(seed: int) -> None:
    for protocol, name, place in (
        (RelaxationTime, "t1", 0),
        (RamseyTime, "t2_star", 1),
        (EchoTime, "t2_echo", 1),
    ):
        found = run_protocol(protocol(qubits=(5, 2)), machine(), seed=seed)
        for qubit, times in TIMES.items():
            estimate = found[f"{name}_q{qubit}"]
            assert times[place] in estimate
            assert estimate.high - estimate.low < 0.7 * times[place]


def test_ramsey_tells_how_far_the_drive_is_off() -> None:
    design = RamseyTime(qubits=(2,), detuning=3e4)
    found = run_protocol(design, machine(), seed=3)
    assert 3e4 in found["frequency_q2"]
    assert found["frequency_q2"].unit == "Hz"


def test_fringes_that_do_not_decay_leave_a_time_from_below() -> None:
    t = np.linspace(0, 24 * 8e-6, 25)
    shares = (0.5 + 0.5 * np.cos(2 * np.pi * 2e4 * t))[:, None]
    fitted = fit_oscillation(Survivals(x=t, shares=shares, shots=1000), 2e4)
    found = interval(1 / fitted.rate, 1 / fitted.rates)
    assert 20 * t[-1] < found.low < found.value
    assert fitted.frequency == pytest.approx(2e4, rel=1e-4)


def test_the_interval_of_t2_star_holds_the_truth_in_99_of_100_repetitions() -> None:
    rng = np.random.default_rng(4)
    t = np.linspace(0, 24 * 8e-6, 25)
    curve = 0.48 + 0.46 * np.exp(-t / 9e-5) * np.cos(2 * np.pi * 2.1e4 * t + 0.1)
    hits = 0
    for _ in range(100):
        shares = rng.binomial(400, curve)[:, None] / 400
        fitted = fit_oscillation(Survivals(x=t, shares=shares, shots=400), 2e4)
        hits += 1 / 9e-5 in interval(fitted.rate, fitted.rates)
    assert hits >= binom.ppf(1e-3, 100, 0.99)


@pytest.mark.parametrize("phase", [0.0, 0.7, 2.5])
def test_a_frequency_that_is_off_turns_ramsey_fringes_and_cancels_in_the_echo(
    phase: float,
) -> None:
    delay, detuning = 4e-6, 3e4
    delays = (delay, 2 * delay, 3 * delay, 4 * delay)
    ramsey = RamseyTime(
        qubits=(0,), detuning=detuning, delays=tuple(delay * k for k in range(1, 9))
    )
    turned = phase + 2 * np.pi * detuning * delay
    assert excited(ramsey, phase) == pytest.approx((1 + np.cos(turned)) / 2)
    assert excited(EchoTime(qubits=(0,), delays=delays), phase / 2) == pytest.approx(0)
    assert excited(RelaxationTime(qubits=(0,), delays=delays), phase) == pytest.approx(
        1
    )


def excited(design: DeviceProtocol, phase: float) -> float:
    """Return the population of 1 where every delay turns the qubit by ``phase``."""
    drawn = design.circuits(np.random.default_rng(0))[0]
    plain = drawn.remove_final_measurements(inplace=False)
    turned = plain.copy_empty_like()
    for step in plain.data:
        if step.operation.name == "delay":
            turned.rz(phase, step.qubits[0])
        else:
            turned.append(step)
    return float(Statevector(turned).probabilities()[1])


def test_delays_reach_a_device_in_its_own_unit() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    from qleap.processing import backend
    from qleap.processing.protocols.placing import place

    device = backend("local:noisy=kawasaki")
    design = RelaxationTime(qubits=(3, 9), delays=(1e-6, 2e-6, 5e-6, 9e-6))
    placed = place(design.circuits(np.random.default_rng(0)), device, (3, 9))
    for circuit, delay in zip(placed, design.delays, strict=True):
        told = [step for step in circuit.data if step.operation.name == "delay"]
        assert len(told) == 2
        for step in told:
            assert step.operation.unit == "dt"
            assert step.operation.duration * device.target.dt == pytest.approx(delay)


def test_a_picture_has_a_curve_for_every_qubit() -> None:
    design = RelaxationTime(qubits=(5, 2), delays=(0.0, 5e-5, 1e-4, 2e-4))
    found = run_protocol(design, machine(), seed=1)
    drawn = found.plot()
    assert [line.get_text() for line in drawn.get_legend().get_texts()] == [
        "qubit 5",
        "qubit 2",
    ]
    assert found.to_dataset()["share"].sizes == {"qubit": 2, "delay": 4}


def test_bad_delays_are_refused() -> None:
    with pytest.raises(InvalidValue, match="delays must increase strictly in s"):
        RelaxationTime(qubits=(0,), delays=(1e-6, 3e-6, 2e-6, 4e-6))
    with pytest.raises(InvalidValue, match="shortest delay must be >= 0"):
        EchoTime(qubits=(0,), delays=(-1e-6, 3e-6, 4e-6, 5e-6))
