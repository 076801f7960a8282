"""Pauli strings as clients write them: ``X 0 Z 3``, ``X0 Z3``, or ``I``."""

import re
from typing import Final

__all__ = ["factors"]

_STRING: Final = re.compile(r"I|[IXYZ] ?\d{1,6}(?: [IXYZ] ?\d{1,6})*")
_FACTOR: Final = re.compile(r"([IXYZ]) ?(\d+)")


def factors(pauli: str) -> list[tuple[str, int]] | None:
    """Return letters and qubits of a string; None where it is none.

    The specification has a space between letter and qubit, quri-parts-oqtopus none. A
    lone ``I`` is the identity, without factors.
    """
    if not _STRING.fullmatch(pauli):
        return None
    return [(letter, int(qubit)) for letter, qubit in _FACTOR.findall(pauli)]
