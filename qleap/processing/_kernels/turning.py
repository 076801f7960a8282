"""What waits on the qubits of a circuit run backwards, and what is measured.

Gates are undone from the last to the first. All one-qubit gates of a qubit between two
others become one *turn*: with G the generator of one of them (``dU = -i G U``), seen
from behind the last of them, ``G = g_x X + g_y Y + g_z Z`` (plus a multiple of one,
which changes nothing), the derivative by its angle is the sum of
``2 g_p Im <lambda|P|psi>``; so three numbers, measured before the turn is undone, serve
all of its parameters.

A gate on more qubits is measured by ``S(a, b) = sum of conj(lambda_a) psi_b`` over the
other qubits, for those entries of ``K = dU U^-1`` that are not zero; the derivative is
``2 Re sum of K_ab S(a, b)``. These sums do not notice the diagonal gates around them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.processing._kernels.waiting import FLIP, SHEAR, TERM

TURN = SHEAR
"""Kind of row: a matrix on a qubit after an X of it where ``mask`` reads ``value``."""

MEASURE = TERM
"""Kind of a row that does nothing else."""

ROWS, NUMBERS, WIRES, INVERSES, CROSSES, TERMS, RECORDS, COMPLEX = range(8)
"""What is counted; the last counts global phases that are not real."""

VALUE = 3
"""Record of the expectation value; those before take what nobody asks for."""

TINY = 1e-15
"""Size below which an entry of a matrix is zero."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


class _Work(NamedTuple):
    """What is known so far."""

    pending: Complexes  # (n_qubits, 4): product of the inverses that wait
    waits: Integers  # (n_qubits,): 1 where one does
    chain: Integers  # (n_qubits,): last term that waits for its records, -1 for none
    place: Integers  # (n_qubits,): the qubit that carries each of the circuit's
    touched: Integers  # (n_qubits,): last row on each qubit, -1 for none
    rows: Integers  # (capacity, 9)
    numbers: Complexes
    wires: Integers
    inverses: Floats  # entries of the inverses of large gates
    crosses: Integers  # (capacity, 4)
    terms: Integers  # (capacity, 3): slot, record, next of the chain
    weights: Floats
    used: Integers  # (8,)
    matrix: Complexes  # (5, 16): a gate and its K for up to four angles


@inner_kernel
def _is_zero(z: complex) -> bool:
    return abs(z.real) < TINY and abs(z.imag) < TINY


@inner_kernel
def _row(work: _Work, kind: int, a: int, b: int, mask: int, value: int) -> int:
    """Append a row and let it touch the qubits."""
    k = work.used[ROWS]
    row = work.rows[k]
    row[0], row[1], row[2], row[3], row[4] = kind, a, b, mask, value
    row[5], row[6] = work.used[NUMBERS], work.used[WIRES]
    row[7] = row[8] = work.used[CROSSES]
    work.used[ROWS] = k + 1
    bit = 0
    while mask >> bit:
        if mask >> bit & 1:
            work.touched[bit] = k
        bit += 1
    return int(k)


@inner_kernel
def _write(work: _Work, number: complex) -> None:
    work.numbers[work.used[NUMBERS]] = number
    work.used[NUMBERS] += 1


@inner_kernel
def _term(work: _Work, slot: int, record: int, weight: float) -> int:
    """Let a record count for the derivative by an angle."""
    k = work.used[TERMS]
    work.terms[k, 0], work.terms[k, 1], work.terms[k, 2] = slot, record, -1
    work.weights[k] = weight
    work.used[TERMS] = k + 1
    return int(k)


@inner_kernel
def _settle(work: _Work, q: int) -> None:
    """Append the turn that waits on a qubit, if any."""
    if not work.waits[q]:
        return
    record, real = 0, 1
    for entry in range(4):
        if abs(work.pending[q, entry].imag) > TINY:
            real = 0
    if work.chain[q] >= 0:
        record = work.used[RECORDS]
        work.used[RECORDS] += 3
    term = work.chain[q]
    while term >= 0:
        if work.terms[term, 1] != 1 and work.weights[term] != 0.0:
            real = 0
        work.terms[term, 1] += record
        term = work.terms[term, 2]
    k = work.touched[q]
    behind_flip = k >= 0 and work.rows[k, 0] == FLIP and work.rows[k, 1] == q
    if behind_flip and not work.rows[k, 3] & (work.rows[k, 3] - 1):
        work.rows[k, 0], work.rows[k, 2] = TURN, real
        work.rows[k, 5] = work.used[NUMBERS]
    else:
        k = _row(work, TURN, q, real, 0, 0)
        work.touched[q] = k
    work.rows[k, 7] = record
    for entry in range(4):
        _write(work, work.pending[q, entry])
    work.waits[q], work.chain[q] = 0, -1


@inner_kernel
def _undo_one(work: _Work, q: int, n_angles: int, slot: int, active: Integers) -> None:
    """Let the inverse of ``matrix[0]`` wait on a qubit, and its parameters as well."""
    u, w = work.matrix[0], work.pending[q]
    if not work.waits[q]:
        w[0], w[1], w[2], w[3] = 1.0, 0.0, 0.0, 1.0
        work.waits[q] = 1
    for j in range(n_angles):
        if not active[slot + j]:
            continue
        k = work.matrix[1 + j]
        # seen from behind the gates that are undone already: W^-1 K W
        a, b = k[0] * w[0] + k[1] * w[2], k[0] * w[1] + k[1] * w[3]
        c, d = k[2] * w[0] + k[3] * w[2], k[2] * w[1] + k[3] * w[3]
        h00 = w[0].conjugate() * a + w[2].conjugate() * c
        h01 = w[0].conjugate() * b + w[2].conjugate() * d
        h10 = w[1].conjugate() * a + w[3].conjugate() * c
        h11 = w[1].conjugate() * b + w[3].conjugate() * d
        # G = i K
        weights = (-(h01 + h10).imag, (h10 - h01).real, (h11 - h00).imag)
        for axis in range(3):
            weight = weights[axis]
            if abs(weight) > TINY:
                term = _term(work, slot + j, axis, weight)
                work.terms[term, 2] = work.chain[q]
                work.chain[q] = term
    a, b = w[0], w[1]
    c, d = w[2], w[3]
    u00, u01 = u[0].conjugate(), u[2].conjugate()
    u10, u11 = u[1].conjugate(), u[3].conjugate()
    w[0], w[1] = u00 * a + u01 * c, u00 * b + u01 * d
    w[2], w[3] = u10 * a + u11 * c, u10 * b + u11 * d


@inner_kernel
def _crosses(
    work: _Work,
    k: int,
    qubits: Integers,
    mask: int,
    value: int,
    n_angles: int,
    slot: int,
    active: Integers,
) -> None:
    """Measure before row ``k`` what the K of a gate on ``qubits`` need."""
    size = 1 << qubits.size
    work.rows[k, 7] = work.used[CROSSES]
    for entry in range(size * size):
        i, j = entry // size, entry % size
        record = work.used[RECORDS]
        needed = False
        for angle in range(n_angles):
            number = work.matrix[1 + angle, entry]
            if active[slot + angle] and not _is_zero(number):
                needed = True
                _term(work, slot + angle, record, 2.0 * number.real)
                _term(work, slot + angle, record + 1, -2.0 * number.imag)
        if not needed:
            continue
        cross = work.crosses[work.used[CROSSES]]
        cross[0], cross[1], cross[2], cross[3] = mask, value, 0, record
        for bit in range(qubits.size):
            cross[0] |= 1 << qubits[bit]
            cross[1] |= (i >> bit & 1) << qubits[bit]
            cross[2] |= ((i ^ j) >> bit & 1) << qubits[bit]
        work.used[CROSSES] += 1
        work.used[RECORDS] += 2
    work.rows[k, 8] = work.used[CROSSES]
