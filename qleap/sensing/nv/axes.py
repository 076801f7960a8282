"""The four crystal axes of the centre, and rotations into their frames."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.spins.spin import rotation_matrix

__all__ = [
    "AXES",
    "axis_rotations",
    "canonical_field",
    "cube_symmetries",
    "equivalent_fields",
    "rotation_gradient",
    "rotation_matrices",
]

AXES: Final[NDArray[np.float64]] = np.array(
    [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]
) / np.sqrt(3.0)
"""Unit vectors of the four axes in the cubic frame of the crystal, shape (4, 3)."""

_FIRST: Final = np.array([
    np.array([-1.0, -1.0, 2.0]) / np.sqrt(6.0),
    np.array([1.0, -1.0, 0.0]) / np.sqrt(2.0),
    np.array([1.0, 1.0, 1.0]) / np.sqrt(3.0),
])  # fmt: skip
"""Rows: x, y, z of the [111] centre (x in a mirror plane), in the cubic frame."""


SMALL_TURN: Final = 1e-6
"""rad; below it derivatives of a rotation come from their series."""


def axis_rotations(
    crystal_from_lab: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return the rotations from the laboratory into the four frames.

    Parameters
    ----------
    crystal_from_lab : array_like, shape (3, 3), optional
        Rotation that turns laboratory components of a vector into components along
        the cubic axes of the crystal; by default the two frames are the same.

    Returns
    -------
    ndarray, shape (4, 3, 3)
        ``rotation[k] @ field`` are the components in the frame of the axis k: z
        along the axis, x in a mirror plane ([-1 -1 2] for the first). The other
        three follow from half turns about the cubic x, y and z.
    """
    turns = np.array([np.diag(signs) for signs in np.sign(AXES)])
    rotations = _FIRST @ turns
    if crystal_from_lab is None:
        return np.asarray(rotations)
    return np.asarray(rotations @ rotation_matrix("crystal_from_lab", crystal_from_lab))


def canonical_field(field: ArrayLike) -> NDArray[np.float64]:
    """Return the one equivalent field with ``0 <= B_x <= B_y <= B_z``, T.

    The field is along the cubic axes. Lines of all four axes cannot tell apart the
    48 fields that the symmetry of the cube makes of one another: signs and order
    of the components.
    """
    return np.sort(np.abs(checks.vectors("field", field, "T")), axis=-1)


def equivalent_fields(field: ArrayLike) -> NDArray[np.float64]:
    """Return the distinct fields with the same eight lines, shape ``(n <= 48, 3)``."""
    at = checks.triple("field", field, "T")
    images = {tuple((turn @ at + 0.0).tolist()) for turn in cube_symmetries()}
    return np.array(sorted(images, reverse=True))


def cube_symmetries() -> NDArray[np.float64]:
    """Return the 48 matrices that map the cubic axes onto each other."""
    from itertools import permutations, product

    one = np.eye(3)
    return np.array([
        np.array(signs)[:, None] * one[list(order)]
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    ])  # fmt: skip


def rotation_matrices(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotations about ``vectors`` ``(..., 3)`` by their length, rad."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    cross = _cross(vectors)
    first = np.sinc(angle / np.pi)
    second = 0.5 * np.sinc(0.5 * angle / np.pi) ** 2
    return np.asarray(np.eye(3) + first * cross + second * cross @ cross)


def rotation_gradient(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivatives of a rotation matrix by its vector, ``(3, 3, 3)``.

    The first axis is the component of the vector. Gallego and Yezzi, J. Math.
    Imaging Vis. 51, 378 (2015), equation 9.
    """
    square, cross = float(vector @ vector), _cross(vector)
    if square < SMALL_TURN**2:  # the derivative at zero, and its first correction
        each = _cross(np.eye(3))
        return np.asarray(each + 0.5 * (each @ cross + cross @ each))
    rotation = rotation_matrices(vector)
    moved = np.cross(vector, (np.eye(3) - rotation).T)  # rows: v x (1 - R) e_i
    return np.asarray(
        (vector[:, None, None] * cross + _cross(moved)) / square @ rotation
    )


def _cross(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrices of the vector products with ``vectors``."""
    made = np.zeros((*vectors.shape[:-1], 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        made[..., k, j], made[..., j, k] = vectors[..., i], -vectors[..., i]
    return made
