"""What may be submitted, checked before it is queued."""

from datetime import UTC, datetime
from typing import Any

import pytest

from qleap.processing.serve.models import Submission
from qleap.processing.serve.refusals import Refused, clean_text
from qleap.processing.serve.settings import DeviceSettings, Limits, ServeSettings
from qleap.processing.serve.submission import (
    check_content,
    check_request,
    declared_qubits,
)

LIMITS = Limits(shots=1000, qubits=5, programs=3, operator_terms=4)
SETTINGS = ServeSettings(
    devices=(
        DeviceSettings(id="local"),
        DeviceSettings(id="noisy", backend="fake:manila"),
        DeviceSettings(
            id="off", available=False, available_at=datetime(2030, 1, 1, tzinfo=UTC)
        ),
    )
)


def program(body: str) -> str:
    return f'OPENQASM 3.0;\ninclude "stdgates.inc";\n{body}'


def asked(**values: Any) -> dict[str, Any]:
    given = {"device_id": "local", "job_type": "sampling", "shots": 10} | values
    return check_request(Submission.model_validate(given), SETTINGS, LIMITS)


def content_refusal(job_type: str, content: dict[str, Any]) -> str:
    with pytest.raises(Refused) as caught:
        check_content(job_type, content, LIMITS, LIMITS.qubits)
    assert caught.value.status == 400
    return caught.value.message


def request_refusal(**values: Any) -> str:
    with pytest.raises(Refused) as caught:
        asked(**values)
    assert caught.value.status == 400
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "n_qubits"),
    [
        ("qubit[3] q;", 3),
        ("qubit q;", 1),
        ("qubit [ 2 ] q; qubit[2]r; qreg s[4]; qubit t;", 9),
        ("bit[7] c; int[32] i;", 0),
    ],
)
def test_declared_qubits_are_counted(text: str, n_qubits: int) -> None:
    assert declared_qubits(text) == n_qubits


def test_qubits_in_comments_do_not_count() -> None:
    text = "qubit[2] q; // qubit[9] r;\n/* qubit[9]\n s; */ bit c; /* qubit[9] t;"
    check_content("sampling", {"program": [program(text)]}, LIMITS, LIMITS.qubits)


def test_too_many_qubits_are_refused_with_the_limit() -> None:
    message = content_refusal("sampling", {"program": [program("qubit[6] q;")]})
    assert message == (
        "a job may use at most 5 qubits for you, but the program declares 6."
    )


def test_programs_side_by_side_count_together() -> None:
    two = {"program": [program("qubit[3] q;")] * 2}
    assert "declares 6" in content_refusal("multi_manual", two)


def test_deep_brackets_are_refused_before_any_parser_sees_them() -> None:
    deep = program(f"qubit q; rx({'(' * 10_000}1{')' * 10_000}) q;")
    assert "nested 64 deep" in content_refusal("sampling", {"program": [deep]})


@pytest.mark.parametrize("given", [None, [], "text", {}, [1], [None]])
def test_a_program_is_a_list_of_texts(given: Any) -> None:
    assert "OpenQASM 3 text" in content_refusal("sampling", {"program": given})


def test_openqasm_2_is_refused_for_it_can_include_files() -> None:
    old = 'OPENQASM 2.0; include "/etc/passwd"; qreg q[1];'
    assert "must begin with OPENQASM 3" in content_refusal(
        "sampling", {"program": [old]}
    )


def test_a_sampling_job_takes_one_program() -> None:
    two = {"program": [program("qubit q;")] * 2}
    assert "takes one program, got 2" in content_refusal("sampling", two)


def test_too_many_programs_are_refused() -> None:
    four = {"program": [program("qubit q;")] * 4}
    assert "at most 3 programs" in content_refusal("multi_manual", four)


@pytest.mark.parametrize("pauli", ["X 0 X 1", "X0 Y1", "I", "Z 4", "I 0"])
def test_pauli_strings_of_all_clients_are_taken(pauli: str) -> None:
    content = {"program": [program("qubit[5] q;")], "operator": [{"pauli": pauli}]}
    check_content("estimation", content, LIMITS, LIMITS.qubits)


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        (None, "needs operator"),
        ([], "needs operator"),
        ([{"coeff": 1.0}], "needs pauli"),
        ([{"pauli": "XX"}], "must list letters"),
        ([{"pauli": "X 0 " + "X 1 " * 1000}], "must list letters"),
        ([{"pauli": "X 0 Z 0"}], "name each qubit once"),
        ([{"pauli": "X 5"}], "act on qubits below 5"),
        ([{"pauli": "X 0", "coeff": "1"}], "finite real number"),
        ([{"pauli": "X 0", "coeff": True}], "finite real number"),
        ([{"pauli": "X 0", "coeff": 10**400}], "finite real number"),
        ([{"pauli": "X 0", "coeff": float("inf")}], "finite real number"),
        ([{"pauli": "X 0"}] * 5, "at most 4 terms"),
    ],
)
def test_operators_are_checked(operator: Any, message: str) -> None:
    content = {"program": [program("qubit[2] q;")], "operator": operator}
    assert message in content_refusal("estimation", content)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"device_id": "locl"}, "did you mean 'local'?"),
        ({"device_id": "off"}, "not available now"),
        ({"shots": 1001}, "at most 1000 for you, got 1001"),
        ({"job_type": "sse"}, "sse jobs are turned off"),
        ({"simulator_info": {"seed_simulaton": 1}}, "did you mean 'seed_simulation'?"),
        ({"simulator_info": {"seed_simulation": -1}}, "between 0 and"),
        ({"simulator_info": {"seed_simulation": "x"}}, "whole number"),
        ({"transpiler_info": {"level": 3}}, "unknown key 'level'"),
        ({"mitigation_info": {"zne": True}}, "unknown key 'zne'"),
        ({"mitigation_info": {"ro_error_mitigation": "x"}}, "pseudo_inverse"),
        ({"name": "x" * 257}, "at most 256 characters"),
        ({"name": "a\0b"}, "without NUL"),
        ({"description": "\ud800"}, "plain Unicode"),
    ],
)
def test_requests_are_checked(values: dict[str, Any], message: str) -> None:
    assert message in request_refusal(**values)


def test_a_noiseless_device_has_no_readout_errors_to_take_out() -> None:
    info = {"ro_error_mitigation": "pseudo_inverse"}
    assert asked(mitigation_info=info)["mitigation_info"].count("pseudo_inverse") == 1


@pytest.mark.parametrize(
    "values",
    [
        {"mitigation_info": {"ro_error_mitigation": "pseudo_inverse"}},
        {"transpiler_info": {"skip_transpilation": True}},
        {"transpiler_info": {"qubit_allocation": {"0": 1}}},
        {"transpiler_info": {"transpiler_lib": "other"}},
    ],
)
def test_wishes_that_a_device_would_not_heed_are_refused(
    values: dict[str, Any],
) -> None:
    assert asked(**values)  # nothing is transpiled on local, so all are granted
    with pytest.raises(Refused):
        asked(device_id="noisy", **values)


def test_a_job_without_a_seed_gets_one_and_tells_it() -> None:
    row = asked()
    assert f'"seed_simulation": {row["seed"]}' in row["simulator_info"]


def test_text_that_one_database_would_refuse_is_refused_for_all() -> None:
    assert clean_text("name", "Überlagerung 量子", 20) == "Überlagerung 量子"
    with pytest.raises(Refused):
        clean_text("name", "\udfff", 20)
