"""Diamonds that turn: pseudo-fields, geometric phases, tumbling."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import BOLTZMANN
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.spins.spin import rotation_matrix

__all__ = [
    "geometric_phase",
    "pseudo_field",
    "rotated_lines",
    "rotational_diffusion",
    "tumbling_axes",
    "tumbling_coherence",
]

Array = NDArray[np.float64]


def pseudo_field(rotation: ArrayLike, zeeman: float) -> Array:
    r"""Return the magnetic field, T, that acts on a spin as a rotation does.

    In a frame that turns with the angular velocity :math:`\Omega` the Hamiltonian has
    the further term :math:`-\Omega\cdot S/2\pi` (Hz): that of a field
    :math:`-\Omega/2\pi z` for a Zeeman term :math:`z\,B\cdot S`.

    Parameters
    ----------
    rotation : array_like, shape (..., 3)
        :math:`\Omega`, rad/s.
    zeeman : float
        z, Hz/T: positive for electrons (28 GHz/T, so 10 000 turns a second are
        0.36 uT), minus the gyromagnetic ratio for nuclei (0.94 mT for 13C).

    References
    ----------
    Barnett, Phys. Rev. 6, 239 (1915); Wood et al., Nat. Phys. 13, 1070 (2017), for
    nuclear spins beside NV centres.
    """
    if checks.finite("zeeman", zeeman, "Hz/T") == 0.0:
        raise InvalidValue(
            "zeeman must not be 0 Hz/T: no field does what turning does."
        )
    turning = checks.vectors("rotation", rotation, "rad/s")
    return -turning / (2.0 * math.pi * zeeman)


def rotated_lines(
    centre: NVCentre,
    field: ArrayLike,
    rotation: ArrayLike,
    angle: ArrayLike,
    *,
    axis_from_lab: ArrayLike | None = None,
) -> Array:
    r"""Return both lines of one axis of a rotating crystal, in the crystal, Hz.

    Parameters
    ----------
    centre : NVCentre
        The nitrogen is left out.
    field : array_like, shape (3,)
        T, fixed in the laboratory.
    rotation : array_like, shape (3,)
        Angular velocity, rad/s, in the laboratory.
    angle : array_like, shape (...)
        By how much the crystal has turned, rad.
    axis_from_lab : array_like, shape (3, 3), optional
        Rotation from the laboratory into the frame of the axis at angle zero, such as
        one of `axis_rotations`.

    Returns
    -------
    ndarray, shape (..., 2)
        With the pseudo-field, which the crystal sees along the axis of rotation.

    Notes
    -----
    Lines of the Hamiltonian in the frame of the crystal, in which the field turns
    backwards; the levels follow it, as rotation is slow against D. A microwave that
    is fixed in the laboratory and circular about the axis of rotation appears there
    shifted by the same :math:`\Omega/2\pi`, and the two cancel: a source must turn
    along, or the NV axis be tilted, for the shift to be seen.
    """
    from scipy.spatial.transform import Rotation

    at = checks.triple("field", field, "T")
    turning = checks.triple("rotation", rotation, "rad/s")
    speed = float(np.linalg.norm(turning))
    about = turning / speed if speed > 0.0 else np.zeros(3)
    turns = np.asarray(angle, dtype=np.float64)
    back = Rotation.from_rotvec(-turns.reshape(-1, 1) * about)
    start = np.eye(3)
    if axis_from_lab is not None:
        start = rotation_matrix("axis_from_lab", axis_from_lab)
    local = back.apply(at) @ start.T
    ratios = centre.gyromagnetic_ratios
    local = local - (start @ turning) / (2.0 * math.pi * ratios)
    energies = centre.electron_energies(local)
    return (energies[:, 1:] - energies[:, :1]).reshape(*turns.shape, 2)


def geometric_phase(projection: float, tilt: ArrayLike, turns: float = 1.0) -> Array:
    r"""Return the phase of a level after turns of an NV axis on a cone, rad.

    :math:`-2\pi m (1 - \cos\vartheta)`, minus m times the solid angle, for rotation
    that is slow against D. A superposition with m = 0 shows it.

    Parameters
    ----------
    projection : float
        m of the level.
    tilt : array_like
        Angle between the NV axis and the axis of rotation, rad.
    turns : float
        Number of revolutions.

    References
    ----------
    Berry, Proc. R. Soc. A 392, 45 (1984); Maclaurin et al., Phys. Rev. Lett. 108,
    240403 (2012), for NV centres.
    """
    checks.finite("projection", projection)
    checks.finite("turns", turns)
    cone = 1.0 - np.cos(np.asarray(tilt, dtype=np.float64))
    return np.asarray(-2.0 * math.pi * projection * turns * cone)


def rotational_diffusion(radius: float, viscosity: float, temperature: float) -> float:
    r"""Return the coefficient :math:`k_BT/8\pi\eta a^3` of a sphere, rad^2/s.

    ``radius`` in m, ``viscosity`` in Pa s, ``temperature`` in K. An axis forgets its
    direction as :math:`\langle n(t)\cdot n(0)\rangle = e^{-2D_rt}`.
    """
    checks.positive("radius", radius, "m")
    checks.positive("viscosity", viscosity, "Pa s")
    checks.positive("temperature", temperature, "K")
    return BOLTZMANN * temperature / (8.0 * math.pi * viscosity * radius**3)


def tumbling_axes(
    times: ArrayLike, diffusion: float, *, walkers: int, rng: np.random.Generator
) -> Array:
    r"""Return random walks of directions, shape ``(walkers, n, 3)``.

    Parameters
    ----------
    times : array_like, shape (n,)
        s, ascending.
    diffusion : float
        Rotational diffusion coefficient, rad^2/s.
    walkers : int
        Start in even directions over the sphere.
    rng : numpy.random.Generator

    Notes
    -----
    Each step turns by an angle of von Mises and Fisher's distribution whose mean
    cosine is :math:`e^{-2D_r\Delta t}`: the mean of the direction decays exactly,
    higher moments to second order in :math:`D_r\Delta t`.
    """
    from qleap.sensing.nv.signals.powder import fibonacci_sphere

    at = checks.increasing("times", times, "s")
    checks.positive("diffusion", diffusion, "rad^2/s")
    axes = np.empty((checks.count("walkers", walkers), at.size, 3))
    axes[:, 0] = fibonacci_sphere(walkers)
    for step, lost in enumerate(-np.expm1(-2.0 * diffusion * np.diff(at))):
        axes[:, step + 1] = _stepped(axes[:, step], _concentration(float(lost)), rng)
    return axes


def tumbling_coherence(
    times: ArrayLike,
    field: float,
    diffusion: float,
    *,
    walkers: int = 2000,
    rng: np.random.Generator,
    centre: NVCentre | None = None,
) -> NDArray[np.complex128]:
    r"""Return the Ramsey coherence of tumbling centres, averaged over walks.

    The phase is :math:`2\pi\gamma B\int\cos\vartheta\,dt`, so the field along the
    axis counts, not geometric phases, and :math:`\gamma B \ll D`. Still particles
    give :math:`\sin x/x` with :math:`x = 2\pi\gamma Bt`; fast ones narrow their line
    to the rate :math:`(2\pi\gamma B)^2/6D_r`.

    Parameters
    ----------
    times : array_like, shape (n,)
        s, ascending from 0, fine against both motions.
    field : float
        T.
    diffusion : float
        rad^2/s.
    walkers : int
    rng : numpy.random.Generator
    centre : NVCentre, optional
        For its gyromagnetic ratio.
    """
    at = checks.increasing("times", times, "s")
    checks.finite("field", field, "T")
    ratio = float((centre or NVCentre()).gyromagnetic_ratios[2])
    cosine = tumbling_axes(at, diffusion, walkers=walkers, rng=rng)[..., 2]
    middle = 0.5 * (cosine[:, 1:] + cosine[:, :-1]) * np.diff(at)
    phase = 2.0 * math.pi * ratio * field * np.cumsum(middle, axis=1)
    coherence = np.exp(1j * phase).mean(axis=0)
    return np.concatenate([[1.0 + 0.0j], coherence])


def _concentration(lost: float) -> float:
    """Return kappa with ``coth(kappa) - 1/kappa = 1 - lost``; inf for no step."""
    from scipy.optimize import brentq

    if lost < 0.01:
        return 1.0 / lost if lost > 0.0 else math.inf  # coth is 1 to rounding
    mean = 1.0 - lost
    if mean < 1e-6:
        return 3.0 * mean
    found = brentq(lambda k: 1.0 / math.tanh(k) - 1.0 / k - mean, 1e-7, 1e3)
    return float(found)


def _stepped(axes: Array, concentration: float, rng: np.random.Generator) -> Array:
    """Turn every direction by a random angle about a random direction across."""
    n = len(axes)
    uniform, phi = rng.random(n), 2.0 * math.pi * rng.random(n)
    if concentration > 1e-6:
        rest = math.exp(-2.0 * concentration) * (1.0 - uniform)
        away = -np.log(uniform + rest) / concentration
    else:
        away = 2.0 - 2.0 * uniform
    cosine = 1.0 - away
    sine = np.sqrt(np.maximum(away * (2.0 - away), 0.0))
    beside = np.where(np.abs(axes[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(axes, beside)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(axes, first)
    across = np.cos(phi)[:, None] * first + np.sin(phi)[:, None] * second
    moved = cosine[:, None] * axes + sine[:, None] * across
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True))
