"""Simulated devices: names, calibrations and noise."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from qleap.core.errors import InvalidValue, MissingExtra
from qleap.processing import devices, recorded_devices, run, snapshot

pytest.importorskip("qiskit_ibm_runtime")


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


def test_all_devices_of_the_runtime_are_known() -> None:
    names = recorded_devices()
    assert len(names) >= 60
    assert {"fake:kawasaki", "fake:sherbrooke", "fake:manila"} <= set(names)


@pytest.mark.slow
def test_calibration_of_kawasaki_is_that_of_its_properties() -> None:
    device = devices.load_device("fake:kawasaki")
    found = snapshot("fake:kawasaki")
    assert found.t1.shape == found.t2.shape == found.readout_error.shape == (127,)
    properties = device.target.qubit_properties[5]
    assert found.t1[5] == pytest.approx(properties.t1)
    assert found.t2[5] == pytest.approx(properties.t2)
    assert found.readout_error[5] == pytest.approx(device.target["measure"][(5,)].error)
    assert found.one_qubit_error[5] == device.target["sx"][(5,)].error
    assert 100 < found.two_qubit_error.size <= 144
    assert np.all(found.two_qubit_error < 1.0)
    # A transmon's T2 cannot exceed twice its T1; recorded values scatter a little.
    assert np.nanmedian(found.t2 / found.t1) < 2.0


@pytest.mark.slow
def test_device_noise_shows_in_the_counts_and_the_seed_repeats_them() -> None:
    pytest.importorskip("qiskit_aer")
    found = run(bell(), 2000, seed=5, backend="fake:manila")
    good = (found.counts["00"] + found.counts["11"]) / 2000
    assert 0.75 < good < 0.999
    assert found.backend == "fake:manila"
    assert found.method.startswith("aer")
    again = run(bell(), 2000, seed=5, backend="fake:manila")
    assert again.counts == found.counts


@pytest.mark.slow
def test_registers_keep_their_places_on_a_device() -> None:
    pytest.importorskip("qiskit_aer")
    circuit = QuantumCircuit(3, 2)
    circuit.x(2)
    circuit.measure([2, 1], [0, 1])
    circuit.measure_all()
    found = run(circuit, 200, seed=5, backend="fake:manila")
    assert next(iter(found.counts)) == "100 01"


def test_unknown_backend_suggests_a_known_one() -> None:
    with pytest.raises(InvalidValue, match=r"did you mean 'fake:kawasaki'\?"):
        run(bell(), backend="fake:kawasakii")
    with pytest.raises(InvalidValue, match=r"'fake:kawasaki', got 'locl'.*'local'\?"):
        run(bell(), backend="locl")


def test_too_wide_a_circuit_is_refused() -> None:
    circuit = QuantumCircuit(6, 1)
    circuit.measure(0, 0)
    with pytest.raises(InvalidValue, match=r"manila has 5 qubits, .* circuit has 6"):
        run(circuit, backend="fake:manila")


def test_unbound_parameter_is_named() -> None:
    circuit = bell()
    circuit.rx(Parameter("theta"), 0)
    with pytest.raises(InvalidValue, match=r"but theta has none"):
        run(circuit, backend="fake:manila")


def test_what_a_device_cannot_do_is_told() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    flag = circuit.add_var("flag", False)
    with circuit.if_test(flag):
        circuit.x(1)
    circuit.measure(1, 1)
    with pytest.raises(InvalidValue, match=r"fake:manila could not run the circuit: "):
        run(circuit, backend="fake:manila")


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, extra: str) -> None:
        raise MissingExtra(f"{module}: pip install 'qleap[{extra}]'")

    devices._device_classes.cache_clear()
    monkeypatch.setattr(devices, "require", missing)
    with pytest.raises(MissingExtra, match=r"qleap\[ibm\]"):
        run(bell(), backend="fake:manila")
