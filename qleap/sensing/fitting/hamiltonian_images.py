"""What the symmetry of the cube makes of the parameters of a Hamiltonian fit."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.nv.axes import AXES, axis_rotations, rotation_matrices

if TYPE_CHECKING:
    from qleap.sensing.models.hamiltonian import HamiltonianSpectrum

__all__ = ["field_image", "turn_image", "turn_vector"]

Array = NDArray[np.float64]


def field_image(
    model: "HamiltonianSpectrum", values: Array, symmetry: Array
) -> Array | None:
    """Return the parameters with the field turned by a symmetry of the cube.

    Parameters of an axis go with it to the axis onto which the symmetry maps it, and
    its strain is turned. None where that is an axis that the model does not have.

    Notes
    -----
    A symmetry acts in the frames of the axes as Q = R_new g R_old^T, with which the
    quadratic form of the strain turns. If Q is a mirror, -Q is a rotation with the
    same effect on the strain, and the sign of the field does not matter: reversal of
    time leaves the lines in place.
    """
    order = _axis_order(model, symmetry)
    if order is None:
        return None
    image = values.copy()
    turn, bias = model.rotation(values), np.asarray(model.bias)
    image[:3] = turn.T @ symmetry @ turn @ (values[:3] + bias) - bias
    names = model.names
    for how, name in ((model.widths, "fwhm"), (model.contrasts, "contrast")):
        if how == "common":
            continue
        shared = model.shared(name, how)
        first = names.index(shared[0])
        block = values[first : first + len(shared)].reshape(len(order), -1)
        moved = np.empty_like(block)
        moved[order] = block
        image[first : first + len(shared)] = moved.ravel()
    _turn_strain(model, values, image, symmetry, order)
    return image


def turn_image(model: "HamiltonianSpectrum", values: Array, symmetry: Array) -> Array:
    """Return the parameters with the crystal turned by a rotation of the cube.

    The field in the laboratory stays; parameters of the axes go with them.
    """
    image = field_image(model, values, symmetry)
    assert image is not None
    image[:3] = values[:3]
    image[4:7] = turn_vector(symmetry @ rotation_matrices(values[4:7]))
    return image


def turn_vector(rotation: Array) -> Array:
    """Return the vector of a rotation matrix, rad."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_matrix(rotation).as_rotvec())


def _axis_order(
    model: "HamiltonianSpectrum", symmetry: Array
) -> NDArray[np.int64] | None:
    """Return to which axis, by its place in the model, each axis goes."""
    overlap = np.abs(AXES @ symmetry @ AXES.T)
    order = []
    for k in model.axes:
        to = int(np.argmax(overlap[:, k]))
        if to not in model.axes:
            return None
        order.append(model.axes.index(to))
    return np.array(order)


def _turn_strain(
    model: "HamiltonianSpectrum",
    values: Array,
    image: Array,
    symmetry: Array,
    order: NDArray[np.int64],
) -> None:
    """Write the turned strain into ``image``."""
    if model.strain == "none":
        return
    frames, n, names = axis_rotations(), len(model.axes), model.names
    own = model.strain_terms(values) - model.strain_terms(
        np.where([name.startswith("m_") for name in names], 0.0, values)
    )
    turned = np.empty((n, 3))
    for i, k in enumerate(model.axes):
        to = frames[model.axes[order[i]]] @ symmetry @ frames[k].T
        along, m_x, m_y = own[i, 0], own[i, 1], own[i, 2]
        form = to @ np.array([[-m_x, m_y, 0], [m_y, m_x, 0], [0, 0, 0]]) @ to.T
        turned[order[i]] = [0.5 * (form[1, 1] - form[0, 0]), form[0, 1], along]
    first = next(k for k, name in enumerate(names) if name.startswith("m_"))
    if model.strain == "common":
        image[first : first + 2] = turned[0, :2]
        return
    kept = turned[:, 2:] if model.strain == "axial" else turned
    image[first : first + kept.size - 1] = kept.T.ravel()[:-1]
