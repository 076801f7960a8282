"""Records put together from parts against those of Qiskit's constructors."""

import copy
import pickle

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.primitives import BitArray, DataBin, SamplerPubResult

from qleap.processing import Sampler, records
from qleap.processing.records import pub_record, register_record

PACKED = np.random.default_rng(2).integers(0, 8, (5, 2), np.uint8)
METADATA = {"shots": 5, "circuit_metadata": {"a": 1}}


def test_this_qiskit_has_records_of_known_parts() -> None:
    assert records._is_assembled("meas")


@pytest.mark.parametrize("name", ["meas", "c0", "ä b"])
def test_records_are_those_of_the_constructors(name: str) -> None:
    ours = register_record(name, PACKED, 11, METADATA)
    bits = BitArray(PACKED, 11)
    theirs = SamplerPubResult(DataBin(**{name: bits}, shape=()), metadata=METADATA)
    for one in (ours, copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert type(one) is SamplerPubResult
        assert type(one.data) is DataBin
        assert type(one.data[name]) is BitArray
        assert repr(one) == repr(theirs)
        assert one.metadata == METADATA
        assert (one.data.shape, one.data.ndim, one.data.size) == ((), 0, 1)
        assert dict(one.data) == {name: bits}
        assert getattr(one.data, name) == bits
        assert one.data[name].get_counts() == bits.get_counts()
        assert one.data[name].slice_bits([3, 1]) == bits.slice_bits([3, 1])
        assert one.join_data() == bits
    assert ours.data[name].array is PACKED


def test_parts_that_qiskit_would_not_make_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = records._assemble

    def wrong(*given: object) -> SamplerPubResult:
        made = right(*given)  # type: ignore[arg-type]
        made.data["meas"]._more = 1
        return made

    records._is_assembled.cache_clear()
    monkeypatch.setattr(records, "_assemble", wrong)
    assert not records._is_assembled("meas")
    assert not hasattr(register_record("meas", PACKED, 11, METADATA).data.meas, "_more")
    records._is_assembled.cache_clear()


def test_a_name_that_qiskit_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Cannot assign with these field names"):
        register_record("keys", PACKED, 11, METADATA)


def test_a_register_in_another_order_is_read_in_its_own_order() -> None:
    circuit = QuantumCircuit(QuantumRegister(2), ClassicalRegister(2, "c"))
    turned = QuantumCircuit(2)
    turned.add_bits(circuit.clbits)
    turned.add_register(ClassicalRegister(bits=circuit.clbits[::-1], name="d"))
    for one in (circuit, turned):
        one.x(0)
        one.measure([0, 1], [0, 1])
    first, second = Sampler().run([circuit, turned], shots=3).result()
    assert first.data.c.get_counts() == {"01": 3}
    assert second.data.d.get_counts() == {"10": 3}


def test_pub_records_hold_every_register() -> None:
    bits = np.zeros((2, 5, 1), np.uint8)
    record = pub_record({"a": (bits, 3), "b": (bits, 8)}, (2,), METADATA)
    assert list(record.data) == ["a", "b"]
    assert (record.data.shape, record.data.b.num_bits) == ((2,), 8)
