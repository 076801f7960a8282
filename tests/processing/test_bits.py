"""Packed bits against Qiskit's container."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.primitives import BitArray

from qleap.processing.bits import bit_strings, pack, select, tally, unpack


@given(seed=st.integers(0, 2**31), n_bits=st.integers(1, 75), shots=st.integers(1, 60))
def test_bytes_and_counts_are_those_of_qiskit(
    seed: int, n_bits: int, shots: int
) -> None:
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (shots, n_bits), np.uint8)
    bits[:, rng.integers(0, n_bits, n_bits // 2)] = 0  # so that rows repeat
    bits[rng.integers(0, shots, shots // 2)] = bits[0]
    packed = pack(bits)
    theirs = BitArray.from_bool_array(bits.astype(bool), order="little")
    assert np.array_equal(packed, theirs.array)
    assert np.array_equal(unpack(packed, n_bits), bits)
    rows, counts, which = tally(packed)
    strings = bit_strings(rows, n_bits, [n_bits])
    assert dict(zip(strings, counts.tolist(), strict=True)) == theirs.get_counts()
    assert [strings[k] for k in which] == theirs.get_bitstrings()
    assert np.all(np.diff(counts) <= 0)


@pytest.mark.parametrize("n_bits", [3, 22, 31, 64])
def test_many_shots_are_counted(n_bits: int, rng: np.random.Generator) -> None:
    values = np.array([0, 1, 1 << n_bits - 1, (1 << n_bits) - 1], np.uint64)
    keys = rng.choice(values, 9000)
    packed = keys.astype(">u8")[:, None].view(np.uint8)[:, 8 - (n_bits + 7) // 8 :]
    rows, counts, which = tally(packed)
    assert np.array_equal(rows[which], packed)
    names = [int.from_bytes(row.tobytes(), "big") for row in rows]
    assert dict(zip(names, counts.tolist(), strict=True)) == Counter(keys.tolist())


def test_columns_are_selected_in_order(rng: np.random.Generator) -> None:
    bits = rng.integers(0, 2, (20, 19), np.uint8)
    columns = [3, 17, 0, 9, 11, 1, 2, 5, 6]
    chosen = select(pack(bits), columns, 19)
    assert np.array_equal(unpack(chosen, 9), bits[:, columns])


def test_loose_bits_come_leftmost() -> None:
    bits = np.array([[1, 0, 0], [0, 0, 1]], np.uint8)
    assert bit_strings(pack(bits), 3, [2]) == ["0 01", "1 00"]
