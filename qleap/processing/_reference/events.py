"""NumPy definitions of the kernels in `qleap.processing._kernels.events`."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]


def _amplitudes(parts: Floats, step: int, apart: int) -> Complexes:
    index = np.arange(parts.size >> 1) * step
    found: Complexes = parts[index] + 1j * parts[index + apart]
    return found


def _applied(amplitudes: Complexes, targets: Integers, matrix: Complexes) -> Complexes:
    """Return a matrix times a state, by tensors with one axis a qubit."""
    n_qubits, n = amplitudes.size.bit_length() - 1, len(targets)
    axes = [n_qubits - 1 - int(q) for q in targets[::-1]]  # highest bit first
    state = amplitudes.reshape([2] * n_qubits)
    gate = matrix.reshape([2] * (2 * n))
    image = np.tensordot(gate, state, axes=(list(range(n, 2 * n)), axes))
    return np.moveaxis(image, list(range(n)), axes).ravel()


def operator_weights(
    parts: Floats, step: int, apart: int, targets: Integers, kraus: Complexes
) -> Floats:
    """Return the squared norm of the state behind each Kraus operator."""
    state = _amplitudes(parts, step, apart)
    images = [_applied(state, targets, operator) for operator in kraus]
    return np.array([np.vdot(image, image).real for image in images])


def apply_operator(
    parts: Floats,
    step: int,
    apart: int,
    targets: Integers,
    matrix: Complexes,
    scale: float,
) -> None:
    """Multiply ``scale`` times a matrix, unitary or not, onto ``targets``."""
    image = scale * _applied(_amplitudes(parts, step, apart), targets, matrix)
    index = np.arange(image.size) * step
    parts[index], parts[index + apart] = image.real, image.imag


def collapse(
    parts: Floats,
    step: int,
    apart: int,
    targets: Integers,
    kraus: Complexes,
    uniform: float,
) -> int:
    """Let one Kraus operator act, drawn as the state demands; return which."""
    weights = operator_weights(parts, step, apart, targets, kraus)
    chosen = int(np.searchsorted(np.cumsum(weights), uniform * weights.sum(), "right"))
    scale = 1.0 / np.sqrt(weights[chosen])
    apply_operator(parts, step, apart, targets, kraus[chosen], scale)
    return chosen


def reading(parts: Floats, step: int, apart: int, uniform: float) -> int:
    """Return the basis state that a reading of all qubits finds."""
    sums = np.cumsum(np.abs(_amplitudes(parts, step, apart)) ** 2)
    return int(np.searchsorted(sums, uniform * sums[-1], "right"))
