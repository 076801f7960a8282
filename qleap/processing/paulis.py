"""Sums of Pauli strings as flat tables, from everything that Qiskit calls observable.

A string is two masks: with ``x`` for the qubits under X or Y and ``z`` for those
under Z or Y it maps ``|k>`` to ``i**popcount(x & z) (-1)**popcount(k & z) |k ^ x>``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit.quantum_info import Pauli, SparseObservable, SparsePauliOp

from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["PauliSum", "pauli_sum"]

MOST_QUBITS: Final = 62
"""A mask is a signed integer of 64 bits."""

IMAGINARY_PART: Final = 1e-12
"""Relative size of an imaginary part that rounding may have left."""

_X_DIGITS: Final = str.maketrans("IXYZ", "0110")
_Z_DIGITS: Final = str.maketrans("IXYZ", "0011")
_PLAIN: Final = frozenset("IXYZ")
_PROJECTORS: Final = {
    "0": ("Z", 1),
    "1": ("Z", -1),
    "+": ("X", 1),
    "-": ("X", -1),
    "r": ("Y", 1),
    "l": ("Y", -1),
}
"""Each is half the identity plus or minus half of a Pauli matrix."""

Integers = NDArray[np.int64]
Terms = list[tuple[int, int, complex]]


@dataclass(frozen=True, kw_only=True)
class PauliSum:
    """An operator as a sum of different Pauli strings.

    Parameters
    ----------
    n_qubits : int
        Qubit 0 is the least significant bit of the masks.
    x, z : ndarray of int64, shape (n_strings,)
        Masks; see the module.
    coefficients : ndarray of complex128, shape (n_strings,)
        None is zero.
    """

    n_qubits: int
    x: Integers
    z: Integers
    coefficients: NDArray[np.complex128]

    def real_coefficients(self) -> NDArray[np.float64]:
        """Return the coefficients of a Hermitian operator, shape ``(n_strings,)``."""
        c = self.coefficients
        scale = float(np.abs(c).max(initial=0.0))
        bad = np.flatnonzero(np.abs(c.imag) > IMAGINARY_PART * scale)
        if bad.size:
            k = int(bad[0])
            raise InvalidValue(
                "an observable must be Hermitian, with real coefficients, but that of "
                f"{self.label(k)} is {complex(c[k]):.6g}; take the Hermitian and the "
                "anti-Hermitian part apart."
            )
        return np.ascontiguousarray(c.real)

    def label(self, k: int) -> str:
        """Return string ``k`` in letters, qubit 0 on the right."""
        x, z = int(self.x[k]), int(self.z[k])
        qubits = reversed(range(self.n_qubits))
        return "".join("IXZY"[(x >> q & 1) + 2 * (z >> q & 1)] for q in qubits)


def pauli_sum(observable: Any, n_qubits: int) -> PauliSum:
    """Return an observable of ``n_qubits`` as tables; equal strings are added up.

    Parameters
    ----------
    observable : SparsePauliOp, Pauli, SparseObservable, str or mapping
        A string is a label such as ``"XZI"`` with qubit 0 on the right; a mapping
        goes from labels or `Pauli` to coefficients. Labels may hold the projectors
        ``01+-rl``, each of which doubles the number of strings.
    n_qubits : int
        What the state has.

    Raises
    ------
    InvalidValue
        For a letter that means nothing, or another number of qubits.
    InvalidKind
        For something that is no observable.
    """
    terms = _terms(observable, n_qubits)
    if not terms:
        terms = [(0, 0, 0j)]
    x, z, coefficients = zip(*terms, strict=True)
    masks = np.array([x, z], np.int64)
    strings, which = np.unique(masks, axis=1, return_inverse=True)
    sums = np.zeros(strings.shape[1], np.complex128)
    np.add.at(sums, which.ravel(), np.array(coefficients, np.complex128))
    bad = np.flatnonzero(~np.isfinite(sums))
    if bad.size:
        raise InvalidValue(
            "the coefficients of an observable must be finite numbers, got "
            f"{complex(sums[bad[0]])}; correct the observable."
        )
    kept = np.flatnonzero(sums)
    flips, signs = np.ascontiguousarray(strings[:, kept])
    return PauliSum(n_qubits=n_qubits, x=flips, z=signs, coefficients=sums[kept])


def _terms(observable: Any, n_qubits: int) -> Terms:
    if isinstance(observable, str):
        return _label_terms(observable, 1.0, n_qubits)
    if isinstance(observable, Pauli):
        observable = SparsePauliOp(observable)
    if isinstance(observable, SparsePauliOp):
        _check_size(observable.num_qubits, n_qubits)
        weights = 1 << np.arange(n_qubits, dtype=np.int64)
        x, z = observable.paulis.x @ weights, observable.paulis.z @ weights
        factors = (-1j) ** observable.paulis.phase * observable.coeffs.astype(complex)
        return list(zip(x.tolist(), z.tolist(), factors.tolist(), strict=True))
    if isinstance(observable, SparseObservable):
        _check_size(observable.num_qubits, n_qubits)
        found: Terms = []
        for letters, qubits, coefficient in observable.to_sparse_list():
            found += _expanded(zip(letters, qubits, strict=True), coefficient)
        return found
    if isinstance(observable, Mapping):
        return _mapping_terms(observable, n_qubits)
    raise InvalidKind(
        "an observable must be a SparsePauliOp, Pauli, SparseObservable, a label such "
        f"as 'XZI' or a mapping of labels, got {type(observable).__name__}."
    )


def _mapping_terms(observable: Mapping[Any, Any], n_qubits: int) -> Terms:
    if not observable:
        raise InvalidValue(
            "an observable must have at least one term, but the mapping is empty."
        )
    found: Terms = []
    for basis, given in observable.items():
        try:
            coefficient = complex(given)
        except (TypeError, ValueError) as error:
            raise InvalidKind(
                f"the coefficient of {basis} in an observable must be a number, got "
                f"{given!r:.60}."
            ) from error
        if isinstance(basis, Pauli):
            terms = _terms(basis, n_qubits)
            found += [(x, z, factor * coefficient) for x, z, factor in terms]
        elif isinstance(basis, str):
            found += _label_terms(basis, coefficient, n_qubits)
        else:
            raise InvalidKind(
                "the keys of an observable must be labels or Pauli objects, got "
                f"{type(basis).__name__}."
            )
    return found


def _label_terms(label: str, coefficient: complex, n_qubits: int) -> Terms:
    _check_size(len(label), n_qubits)
    if _PLAIN.issuperset(label):
        x = int(label.translate(_X_DIGITS) or "0", 2)
        z = int(label.translate(_Z_DIGITS) or "0", 2)
        return [(x, z, complex(coefficient))]
    for place, letter in enumerate(label):
        if letter not in _PLAIN and letter not in _PROJECTORS:
            raise InvalidValue(
                f"a label of an observable must consist of IXYZ01+-rl, but {label!r} "
                f"has {letter!r} at character {place + 1}."
            )
    letters = ((letter, k) for k, letter in enumerate(reversed(label)) if letter != "I")
    return _expanded(letters, coefficient)


def _expanded(letters: Iterable[tuple[str, int]], coefficient: complex) -> Terms:
    """Return the strings of a product of Pauli matrices and projectors."""
    terms: Terms = [(0, 0, complex(coefficient))]
    for letter, qubit in letters:
        matrix, sign = _PROJECTORS.get(letter, (letter, 0))
        bit = 1 << qubit
        x, z = bit * (matrix in "XY"), bit * (matrix in "ZY")
        half = 0.5 if sign else 1.0
        with_it = [(a | x, b | z, half * (sign or 1) * c) for a, b, c in terms]
        without = [(a, b, 0.5 * c) for a, b, c in terms] if sign else []
        terms = with_it + without
    return terms


def _check_size(found: int, n_qubits: int) -> None:
    if found != n_qubits:
        raise InvalidValue(
            f"the observable acts on {found} qubits, but the state has {n_qubits}; "
            "pad it with I, or use its apply_layout."
        )
    if n_qubits > MOST_QUBITS:
        raise InvalidValue(
            f"an observable must act on at most {MOST_QUBITS} qubits, got {n_qubits}."
        )
