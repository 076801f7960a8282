"""How devices of the service are described to clients and on the page."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qleap.core.errors import InvalidValue
from qleap.processing.serve.devices import (
    calibration_summary,
    describe,
    widest_program,
)
from qleap.processing.serve.settings import DeviceSettings, ServeSettings
from qleap.processing.snapshots import repaired, snapshot, to_document

pytest.importorskip("qiskit_ibm_runtime")

NOISY = "local:noisy=fake:kawasaki"


@pytest.fixture
def settings() -> ServeSettings:
    return ServeSettings(devices=(DeviceSettings(id="noisy", backend=NOISY),))


def test_a_noisy_device_needs_no_other_simulator_to_be_described(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "qiskit_aer", None)
    told = describe(DeviceSettings(id="noisy", backend=NOISY), 20)
    assert told["n_qubits"] == 127
    assert told["basis_gates"] == ["ecr", "id", "rz", "sx", "x"]
    assert told["description"] == "simulator with the calibration of ibm_kawasaki"


def test_clients_read_the_calibration_of_a_noisy_device(ada: Any) -> None:
    (told,) = ada.ask("GET", "/devices").json()
    assert told["calibrated_at"].startswith("2025-02-26")
    info = json.loads(told["device_info"])
    known = repaired(snapshot("fake:kawasaki"))
    first = info["qubits"][0]
    assert first["meas_error"] == {
        "prob_meas1_prep0": known.one_for_zero[0],
        "prob_meas0_prep1": known.zero_for_one[0],
        "readout_assignment_error": known.readout_error[0],
    }
    assert (
        first["meas_error"]["prob_meas1_prep0"]
        != (first["meas_error"]["prob_meas0_prep1"])
    )
    coupling = info["couplings"][0]
    record = known.gates["ecr", (coupling["control"], coupling["target"])]
    assert coupling["fidelity"] == 1.0 - record.error
    assert coupling["gate_duration"]["ecr"] == pytest.approx(1e9 * record.length)
    assert snapshot(told).n_qubits == 127


def test_the_page_shows_the_medians_of_a_noisy_device(ada: Any) -> None:
    found = calibration_summary(NOISY)
    assert found is not None
    known = repaired(snapshot("fake:kawasaki"))
    assert found["t1"] == np.median(known.t1)
    page = ada.http.get("/").text
    assert f"{1e6 * found['t1']:.0f}" in page
    assert "simulator with the calibration of ibm_kawasaki" in page


def test_a_device_from_a_file_does_not_tell_where_it_lies(
    tmp_path: Path,
) -> None:
    path = tmp_path / "today.json"
    path.write_text(json.dumps(to_document(snapshot("fake:manila"))))
    device = DeviceSettings(id="ours", backend=f"local:noisy={path}")
    assert str(tmp_path) not in json.dumps(describe(device, 20), default=str)
    assert widest_program(device.backend, 3) == 5
    assert widest_program("local", 3) == 3


@pytest.mark.parametrize("name", ["aer", "ibm:x", "local:fast", "lokal"])
def test_what_is_neither_noiseless_nor_calibrated_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="must be local, local:noisy=SNAPSHOT"):
        describe(DeviceSettings(id="x", backend=name), 20)


def test_a_program_as_wide_as_the_device_is_taken(ada: Any) -> None:
    text = 'OPENQASM 3; include "stdgates.inc"; qubit[{}] q; bit c; c = measure q[0];'
    _, taken = ada.submit({"program": [text.format(127)]}, device_id="noisy")
    assert taken.status_code == 200
    _, refused = ada.submit({"program": [text.format(128)]}, device_id="noisy")
    assert refused.status_code == 400
