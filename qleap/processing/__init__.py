"""Quantum processing: circuits in, amplitudes and counts out."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.circuits import load_circuit
    from qleap.processing.simulation import statevector

__all__ = [
    "load_circuit",
    "statevector",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "load_circuit": "circuits",
        "statevector": "simulation",
    },
)
