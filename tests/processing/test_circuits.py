"""OpenQASM files: circuits nobody here wrote, and what bad text gets."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit.quantum_info import Statevector

from qleap.core.errors import InvalidValue, StorageError
from qleap.processing import load_circuit, parse_circuit, run, statevector

UNDECLARED = {"vqe_uccsd_n4": 225, "vqe_uccsd_n6": 2286}
"""Files of QASMBench that name the register q but declare reg, and the line."""

V2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n'
V3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\n'


@pytest.mark.slow
def test_qasmbench_circuits_run_and_agree_with_qiskit(shared_data: Path) -> None:
    files = sorted((shared_data / "qasm" / "qasmbench-small").glob("*.qasm"))
    assert len(files) > 30
    for file in files:
        if file.stem in UNDECLARED:
            continue
        circuit = load_circuit(file)
        found = run(circuit, 200, seed=1)
        assert sum(found.counts.values()) == 200
        if found.method == "sampling":
            gates = circuit.remove_final_measurements(inplace=False)
            expected = Statevector(gates).data
            ours = statevector(circuit)
            assert_allclose(ours, expected, rtol=0, atol=1e-12, err_msg=file.stem)


@pytest.mark.parametrize("name", UNDECLARED)
def test_qasmbench_circuits_with_an_undeclared_register_name_the_line(
    name: str, shared_data: Path
) -> None:
    file = shared_data / "qasm" / "qasmbench-small" / f"{name}.qasm"
    expected = rf"{name}\.qasm, line {UNDECLARED[name]}: 'q' is not defined"
    with pytest.raises(InvalidValue, match=expected):
        load_circuit(file)


def test_version_2_and_3_describe_the_same_circuit() -> None:
    second = statevector(parse_circuit(V2 + "h q[0];\ncx q[0], q[1];"))
    third = statevector(parse_circuit("// a remark\n" + V3 + "h q[0];\ncx q[0], q[1];"))
    assert_allclose(second, np.sqrt([0.5, 0, 0, 0.5]), atol=1e-15)
    assert_allclose(third, second)


def test_version_3_control_flow_runs() -> None:
    text = V3 + (
        "x q[0];\nc[0] = measure q[0];\n"
        "if (c == 1) { x q[1]; } else { h q[1]; }\n"
        "while (c[0]) { reset q[0]; c[0] = measure q[0]; }\n"
        "for int i in [0:3] { rx(i * pi / 3) q[0]; }\n"
        "c[1] = measure q[1];\n"
    )
    assert run(text, 50).counts == {"10": 50}


BAD = {
    V2 + "h q[0]\ncx q[0],q[1];": r"line 6: needed ';'.*the OpenQASM 2 text\.",
    V2 + "h r[0];": r"line 5: 'r' is not defined in this scope",
    V2 + "h q[7];": r"line 5: index 7 is out-of-range for register 'q' of size 2",
    V2 + "foo q[0];": r"line 5: 'foo' is not defined",
    V2 + "rx(1,2) q[0];": r"line 5: 'rx' takes 1 parameter, but got 2",
    'OPENQASM 2.0;\ninclude "no.inc";': r"line 2: unable to find 'no\.inc'",
    V3 + "h q[0]\ncx q[0],q[1];": r"line 6: syntax error at 'cx'; correct",
    V3 + "if (q": r"line 5: syntax error at the end of the text",
    V3 + "h r[0];": r"line 5: Undefined symbol 'r'",
    V3 + "\nh q[7];": r"line 6: an index is outside its register",
    V3 + "foo q[0];": r"line 5: gate 'foo' is not defined; correct",
    V3 + "h q[0], q[1];": r"line 5: The amount of qubit\(2\)/clbit\(0\)",
    V3 + "h q[0];\n# §": r"line 6: token recognition error",
    "OPENQASM 4.0;": r"line 1: the version of OpenQASM must be 2\.0 or 3\.0, got 4",
    "qreg q[2];": r"line 1: the first statement must be OPENQASM 2\.0; or",
    "": r"line 1: the first statement must be",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_text_gets_one_sentence_with_the_line(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidValue, match=BAD[text]) as caught:
        parse_circuit(text)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().err == ""


def test_bad_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.qasm"
    file.write_text(V2 + "h q[9];")
    with pytest.raises(InvalidValue, match=r"bad\.qasm, line 5: index 9"):
        load_circuit(file)


def test_included_file_is_found_beside_the_circuit(tmp_path: Path) -> None:
    (tmp_path / "mine.inc").write_text("gate twice a, b { CX a, b; CX b, a; }\n")
    file = tmp_path / "good.qasm"
    file.write_text('OPENQASM 2.0;\ninclude "mine.inc";\nqreg q[2];\ntwice q[0], q[1];')
    assert load_circuit(file).name == "good"
    (tmp_path / "mine.inc").write_text("gate twice a {\n nonsense a; }\n")
    with pytest.raises(InvalidValue, match=r"good\.qasm, line 2 of mine\.inc: 'nonse"):
        load_circuit(file)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        StorageError, match=r"nothing\.qasm cannot be read as a circuit"
    ):
        load_circuit(tmp_path / "nothing.qasm")


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "picture.qasm"
    file.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(StorageError, match=r"picture\.qasm .*\(it is not UTF-8 text\)"):
        load_circuit(file)
