"""Calibration snapshots: where they come from, and that nothing is lost."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.snapshots import (
    CalibrationSnapshot,
    compare,
    from_ibm,
    from_oqtopus,
    from_target,
    recorded_devices,
    repaired,
    snapshot,
    to_document,
    to_oqtopus,
    to_target,
)

fake_provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")

OQTOPUS = {
    "device_id": "anemone",
    "timestamp": "2025-06-01 12:00:00",
    "qubits": [
        {
            "id": 0,
            "fidelity": 0.9995,
            "meas_error": {"prob_meas1_prep0": 0.02, "prob_meas0_prep1": 0.05},
            "qubit_lifetime": {"t1": 40.0, "t2": 30.0},
            "gate_duration": {"rz": 0, "sx": 40, "x": 80},
        },
        {
            "id": 1,
            "fidelity": 0.0,
            "meas_error": {"prob_meas1_prep0": 0.0, "prob_meas0_prep1": 0.0},
            "qubit_lifetime": {"t1": 0.0, "t2": 0.0},
            "gate_duration": {"rz": 0, "sx": 40, "x": 80},
        },
        {
            "id": 2,
            "fidelity": 0.999,
            "meas_error": {"prob_meas1_prep0": 0.03, "prob_meas0_prep1": 0.04},
            "qubit_lifetime": {"t1": 20.0, "t2": 50.0},
            "gate_duration": {"rz": 0, "sx": 40, "x": 80},
        },
    ],
    "couplings": [
        {"control": 0, "target": 1, "fidelity": 0.98, "gate_duration": {"cx": 300}},
        {"control": 1, "target": 2, "fidelity": 0.0, "gate_duration": {"cx": 300}},
    ],
}


def _tiny(**changes: Any) -> dict[str, Any]:
    """Return IBM properties of two qubits."""
    qubits = []
    for t1 in (50.0, 40.0):
        values = {"T1": t1, "T2": 70.0, "prob_meas1_prep0": 0.01, "readout_error": 0.02}
        values |= changes
        qubits.append([{"name": n, "value": v, "unit": ""} for n, v in values.items()])
    for entries in qubits:
        for entry in entries:
            entry["unit"] = "us" if entry["name"] in ("T1", "T2") else ""
    gate = [
        {"name": "gate_error", "value": 0.01, "unit": ""},
        {"name": "gate_length", "value": 300.0, "unit": "ns"},
    ]
    return {
        "backend_name": "tiny",
        "last_update_date": "2025-02-26T14:43:10-05:00",
        "qubits": qubits,
        "gates": [{"gate": "cx", "qubits": [1, 0], "parameters": gate}],
        "general": [{"name": "zz_01", "value": 5e-5, "unit": "GHz"}],
    }


def test_units_of_ibm_properties_are_converted_to_si() -> None:
    found = from_ibm(_tiny(), {"dt": 0.5})
    assert_allclose(found.t1, [50e-6, 40e-6])
    assert_allclose(found.zero_for_one, 0.02)  # the mean, where nothing else is there
    assert found.gates["cx", (1, 0)] == pytest.approx((0.01, 300e-9))
    assert found.zz == {(0, 1): pytest.approx(5e4)}
    assert found.dt == pytest.approx(0.5e-9)
    assert found.taken is not None
    assert found.taken.isoformat() == "2025-02-26T19:43:10+00:00"


def test_files_documents_and_backends_hold_the_same_snapshot(tmp_path: Path) -> None:
    backend = fake_provider.FakeSherbrooke()
    named = snapshot("fake:sherbrooke")
    properties = backend.properties().to_dict()
    path = tmp_path / "properties.json"
    path.write_text(json.dumps(properties, default=str))
    for other in (snapshot(backend), snapshot(path), snapshot(properties)):
        assert compare(named, other).changes == ()
        assert other.taken == named.taken
    assert named.n_qubits == 127
    assert named.coupler == "ecr"
    assert named.zz[62, 72] == pytest.approx(-60695.84921162541)  # zz_6272 in the file


def test_a_target_holds_all_but_what_qiskit_has_no_place_for() -> None:
    named = snapshot("fake:sherbrooke")
    found = from_target(fake_provider.FakeSherbrooke().target)
    assert {c.quantity for c in compare(named, found).changes} <= {"zz shift"}
    again = from_target(to_target(named))
    assert again.gates.keys() == named.gates.keys()
    assert_allclose(again.t2, named.t2)


def test_every_recorded_device_is_read_and_repaired() -> None:
    names = recorded_devices()
    assert len(names) > 50
    for name in names:
        found = repaired(snapshot(name))
        assert (found.t1 > 0).all()
        assert (found.t2 <= 2 * found.t1).all()
        assert max(found.one_for_zero.max(), found.zero_for_one.max()) <= 0.5
        assert all(0 <= r.error < 1 and r.length >= 0 for r in found.gates.values())
        assert repaired(found).repairs == found.repairs  # nothing is left to repair


def test_a_saved_snapshot_is_the_same(tmp_path: Path) -> None:
    before = repaired(snapshot("fake:kingston"))
    path = before.save(tmp_path / "kingston.nc")
    after = snapshot(path)
    assert compare(before, after).changes == ()
    assert after.gates == before.gates
    assert after.zz == before.zz
    for name in ("device", "taken", "dt", "repairs"):
        assert getattr(after, name) == getattr(before, name)
    for name in ("one_for_zero", "zero_for_one", "readout_length"):
        assert_array_equal(getattr(after, name), getattr(before, name))


def test_oqtopus_device_information_is_read() -> None:
    found = from_oqtopus(json.dumps(OQTOPUS))
    assert found.device == "anemone"
    assert_allclose(found.t1, [40e-6, np.nan, 20e-6])
    assert_allclose(found.zero_for_one, [0.05, np.nan, 0.04])
    assert found.gates["sx", (0,)] == pytest.approx((0.0005, 40e-9))
    assert found.gates["cx", (1, 2)].error == 1.0
    assert (
        snapshot({"device_info": json.dumps(OQTOPUS)}).gates.keys()
        == found.gates.keys()
    )
    mended = repaired(found)
    assert ("cx", (1, 2)) not in mended.gates
    assert_allclose(mended.t1, [40e-6, 30e-6, 20e-6])
    assert_allclose(mended.t2, [30e-6, 40e-6, 40e-6])
    assert mended.gates["sx", (1,)].error == pytest.approx(0.00075)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"T2": 200.0}, "t2 above 2 t1 lowered to it: qubits 0, 1"),
        ({"prob_meas1_prep0": 0.7}, "one_for_zero above 1/2 lowered"),
        ({"prob_meas1_prep0": -0.1}, "one_for_zero below 0 raised"),
    ],
)
def test_impossible_values_are_repaired_and_reported(
    change: dict[str, float], sentence: str
) -> None:
    found = repaired(from_ibm(_tiny(**change)))
    assert any(sentence in line for line in found.repairs)


def test_a_broken_gate_is_taken_away() -> None:
    properties = _tiny()
    properties["gates"][0]["parameters"][0]["value"] = 1
    found = repaired(from_ibm(properties))
    assert not found.gates
    assert found.repairs == ("cx with an error of 1 taken away: 1 gates",)


def test_a_device_without_any_times_does_not_relax() -> None:
    properties = _tiny()
    properties["qubits"] = [[], []]
    found = repaired(from_ibm(properties))
    assert np.isinf(found.t1).all()
    assert_array_equal(found.one_for_zero, [0.0, 0.0])
    assert CalibrationSnapshot.noise_model(found).readouts == ()


def test_drift_lists_the_largest_changes_first() -> None:
    before = from_ibm(_tiny())
    later = _tiny()
    later["qubits"][0][0]["value"] = 25.0
    later["gates"][0]["parameters"][0]["value"] = 0.1
    drift = compare(before, from_ibm(later))
    quantities = [(c.quantity, c.qubits) for c in drift.changes]
    assert quantities == [("cx error", (1, 0)), ("t1", (0,))]
    assert drift.changes[0].factor == pytest.approx(10.0)
    assert drift.beyond(3.0) == drift.changes[:1]
    assert drift.medians()["t1"] == pytest.approx((50e-6, 25e-6))
    assert drift.to_dataset().sizes["change"] == 2


def test_a_gate_that_is_gone_is_the_largest_change() -> None:
    later = _tiny()
    later["gates"] = []
    drift = compare(from_ibm(_tiny()), from_ibm(later))
    assert drift.changes[0].quantity == "cx error"
    assert drift.beyond(100.0)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("fake:sherbroke", "did you mean 'fake:sherbrooke'"),
        ("nowhere.json", "cannot be read"),
        ({"a": 1}, "holds no calibration"),
        ({"gates": [], "qubits": 3}, "need the lists qubits and gates"),
        ({"qubits": []}, "holds no calibration"),
        ({"couplings": [{}], "qubits": []}, "needs the lists qubits and couplings"),
    ],
)
def test_what_holds_no_calibration_is_refused(source: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        snapshot(source)


def test_an_unknown_unit_is_refused() -> None:
    properties = _tiny()
    properties["qubits"][0][0]["unit"] = "furlong"
    with pytest.raises(InvalidValue, match="the unit of T1 must be one of"):
        snapshot(properties)


def test_other_kinds_and_other_devices_are_refused() -> None:
    with pytest.raises(InvalidKind, match="a snapshot comes from"):
        snapshot(3)
    with pytest.raises(InvalidValue, match="127 and 27 qubits"):
        compare(snapshot("fake:sherbrooke"), snapshot("fake:cairo"))


def _same(after: CalibrationSnapshot, before: CalibrationSnapshot) -> None:
    for name in ("device", "taken", "dt", "repairs", "gates", "zz"):
        assert getattr(after, name) == getattr(before, name)
    for name in ("t1", "t2", "frequency", "one_for_zero", "zero_for_one"):
        assert_array_equal(getattr(after, name), getattr(before, name))
    assert_array_equal(after.readout_length, before.readout_length)


def test_a_snapshot_passes_through_json_without_loss(tmp_path: Path) -> None:
    before = repaired(snapshot("fake:kingston"))
    path = tmp_path / "kingston.json"
    path.write_text(json.dumps(to_document(before), allow_nan=False))
    _same(snapshot(path), before)


def test_json_keeps_what_is_unknown_and_what_is_infinite() -> None:
    known = from_oqtopus({**OQTOPUS, "qubits": [{"id": k} for k in range(3)]})
    for before in (known, repaired(known)):
        text = json.dumps(to_document(before), allow_nan=False)
        after = snapshot(json.loads(text))
        assert_array_equal(after.t1, before.t1)
        assert after.gates.keys() == before.gates.keys()
    assert np.isinf(after.t1).all()


@pytest.mark.parametrize(
    "change",
    [
        {"gates": None},
        {"t1": [1.0]},
        {"t1": ["long", 1.0, 1.0]},
        {"version": 2},
        {"zz": [[0, 1]]},
    ],
)
def test_json_that_is_no_calibration_is_refused(change: dict[str, Any]) -> None:
    document = to_document(from_oqtopus(OQTOPUS)) | change
    with pytest.raises(InvalidValue, match="a calibration of qleap needs device"):
        snapshot(document)


def test_a_device_in_oqtopus_form_is_read_back() -> None:
    before = repaired(snapshot("fake:kawasaki"))
    after = snapshot(json.loads(json.dumps(to_oqtopus(before), allow_nan=False)))
    assert (after.device, after.taken) == (before.device, before.taken)
    for name in ("t1", "t2", "one_for_zero", "zero_for_one"):
        assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-12)
    assert not np.allclose(after.one_for_zero, after.zero_for_one)
    assert after.gates.keys() == before.gates.keys()
    for key, record in before.gates.items():
        assert after.gates[key].length == pytest.approx(record.length)
        if key[0] in ("sx", before.coupler):
            assert after.gates[key].error == pytest.approx(record.error)


def test_what_is_unknown_is_left_out_of_the_oqtopus_form() -> None:
    document = to_oqtopus(from_oqtopus(OQTOPUS))
    assert "fidelity" not in document["qubits"][1]
    assert document["qubits"][1]["meas_error"] == {}
    assert "t1" not in document["qubits"][1]["qubit_lifetime"]


def test_a_target_is_no_document_although_it_is_a_mapping() -> None:
    target = to_target(snapshot("fake:manila"))
    found = snapshot(target)
    assert found.gates == from_target(target).gates


@pytest.mark.parametrize(
    "document",
    [
        {
            "backend_name": "a",
            "qubits": [[{"name": "T1", "value": "x", "unit": "us"}]],
            "gates": [],
        },
        {
            "backend_name": "a",
            "qubits": [[]],
            "gates": [],
            "last_update_date": "yesterday",
        },
        {"qubits": [{"id": 0, "fidelity": "x"}], "couplings": []},
        {"qubits": [{"id": 0}], "couplings": [], "calibrated_at": "x"},
    ],
)
def test_documents_with_words_for_numbers_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="but the document has not"):
        snapshot(document)
