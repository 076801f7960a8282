"""Qiskit's records of sampled bits, put together from their parts.

The constructors of `BitArray` and `DataBin` check what is known here, and cost as much
as a small circuit. The same objects are therefore made without them, as copying makes
objects, and only where that has been compared with what the constructors make.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives import BitArray, DataBin, SamplerPubResult

from qleap.processing.bits import n_bytes

__all__ = ["pub_record", "register_record"]

Bytes = NDArray[np.uint8]
Metadata = dict[str, Any]


def pub_record(
    registers: Mapping[str, tuple[Bytes, int]],
    shape: tuple[int, ...],
    metadata: Metadata,
) -> SamplerPubResult:
    """Return the record of a PUB.

    Parameters
    ----------
    registers : mapping
        For each name the packed bits, shape (*shape, shots, n_bytes), and the number
        of bits.
    shape : tuple of int
        Of the PUB.
    metadata : dict
        Kept as it is.
    """
    arrays = {name: BitArray(*bits) for name, bits in registers.items()}
    return SamplerPubResult(DataBin(**arrays, shape=shape), metadata=metadata)


def register_record(
    name: str, packed: Bytes, size: int, metadata: Metadata
) -> SamplerPubResult:
    """Return the record of a PUB without shape and with one register.

    Parameters
    ----------
    name : str
        Of the register.
    packed : ndarray of uint8, shape (shots, n_bytes)
        See `qleap.processing.bits`.
    size : int
        Bits of the register.
    metadata : dict
        Kept as it is; not empty.
    """
    if _is_assembled(name):
        return _assemble(name, packed, size, metadata)
    return pub_record({name: (packed, size)}, (), metadata)


def _assemble(
    name: str, packed: Bytes, size: int, metadata: Metadata
) -> SamplerPubResult:
    """Make the objects that `pub_record` makes, by their parts."""
    bits = object.__new__(BitArray)
    bits._array = packed
    bits._num_bits = size
    bits._shape = ()
    data = object.__new__(DataBin)
    data._shape = ()
    data._data = {name: bits}
    setattr(data, name, bits)
    return SamplerPubResult(data, metadata)


@lru_cache(maxsize=256)
def _is_assembled(name: str) -> bool:
    """Tell whether the parts make what this Qiskit's constructors make.

    A name that they refuse is left to them.
    """
    size, metadata = 11, {"shots": 3}
    packed = np.zeros((3, n_bytes(size)), np.uint8)
    try:
        ours = _assemble(name, packed, size, metadata)
        theirs = pub_record({name: (packed, size)}, (), metadata)
        return _parts(ours, name) == _parts(theirs, name)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _parts(record: SamplerPubResult, name: str) -> list[Any]:
    """Return all that the objects of a record hold, arrays as their identity."""
    found = []
    for thing in (record, record.data, record.data[name]):
        function, arguments, state, *_ = thing.__reduce_ex__(4)
        plain, slots = state if isinstance(state, tuple) else (state, {})
        held = {**(plain or {}), **slots}
        found.append((type(thing), function, arguments, _named(held)))
    return found


def _named(held: dict[str, Any]) -> dict[str, Any]:
    """Return values that compare without a look into arrays and records."""
    return {
        key: id(value)
        if isinstance(value, np.ndarray)
        else type(value)
        if isinstance(value, DataBin | BitArray)
        else _named(value)
        if isinstance(value, dict)
        else value
        for key, value in held.items()
    }
