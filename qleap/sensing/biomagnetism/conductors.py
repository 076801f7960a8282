"""What lies between a source and the sensors, and what the sensors see of it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.biomagnetism.sensors import SensorArray

__all__ = [
    "ConductingHalfSpace",
    "ConductingSphere",
    "MagneticDipoles",
    "UnboundedConductor",
    "VolumeConductor",
]

Array = NDArray[np.float64]
SCALE = VACUUM_PERMEABILITY / (4.0 * np.pi)


class VolumeConductor(Protocol):
    """Where dipoles lie; `locate_dipole` and `Phantom` take anything of this kind."""

    def gains(self, positions: ArrayLike, sensors: SensorArray) -> Array:
        """Return what sensors see of unit dipoles, shape ``(n_sensors, d, 3)``."""
        ...

    def seen(self, position: ArrayLike) -> Array:
        """Return the directions of moments that sensors see, shape ``(3, m)``."""
        ...

    def holds(self, positions: ArrayLike) -> NDArray[np.bool_]:
        """Return which positions a source may have, shape ``(d,)``."""
        ...


@dataclass(frozen=True, kw_only=True)
class ConductingSphere:
    """Current dipoles in a sphere whose conductivity depends on the radius alone.

    Parameters
    ----------
    radius : float
        m; all sources lie inside, all sensors outside.
    centre : tuple of float, m

    Notes
    -----
    The field outside does not depend on how the conductivity goes with the radius,
    and a radial dipole makes none (J. Sarvas, Phys. Med. Biol. 32, 11 (1987)).
    """

    radius: float
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        checks.positive("radius", self.radius, "m")
        checks.triple("centre", self.centre, "m")

    def holds(self, positions: ArrayLike) -> NDArray[np.bool_]:
        """Return which positions lie inside the sphere, shape ``(d,)``."""
        away = _places(positions) - np.array(self.centre)
        return np.asarray(np.linalg.norm(away, axis=1) < self.radius)

    def seen(self, position: ArrayLike) -> Array:
        """Return the two tangents at a position, shape ``(3, 2)``."""
        return _across(checks.triple("position", position, "m") - np.array(self.centre))

    def gains(self, positions: ArrayLike, sensors: SensorArray) -> Array:
        """Return what sensors see of unit dipoles, T/(A m), ``(n_sensors, d, 3)``.

        Parameters
        ----------
        positions : array_like, shape (d, 3), m
            Of the dipoles.
        sensors : SensorArray
        """
        from qleap.sensing._kernels import sarvas

        at = _places(positions)
        _inside(self, at, "inside the sphere")
        points = sensors.points - np.array(self.centre)
        nearest = float(np.min(np.linalg.norm(points, axis=-1)))
        if nearest < self.radius:
            raise InvalidValue(
                f"sensors must lie outside of the sphere of {self.radius:g} m, got one "
                f"at {nearest:g} m from its centre; move them or make the sphere "
                "smaller."
            )
        dipoles = np.ascontiguousarray((at - np.array(self.centre)).T)
        axes = np.ascontiguousarray(sensors.axes)
        found = sarvas.sphere_gains(dipoles, points, axes, SCALE * sensors.shares)
        return np.moveaxis(found, 1, 2)


@dataclass(frozen=True, kw_only=True)
class ConductingHalfSpace:
    r"""Current dipoles below a plane, with conductivity that depends on depth alone.

    Parameters
    ----------
    surface : float
        z of the plane, m; sources lie below, sensors above.

    Notes
    -----
    With :math:`\vec a` from the dipole to the sensor and
    :math:`K = a\,(a + \vec a\cdot\hat z)`

    .. math::
        \vec B = \frac{\mu_0}{4\pi K^2}\bigl((\vec Q\times\vec a\cdot\hat z)\,\nabla K
        - K\,\hat z\times\vec Q\bigr),

    the limit of a sphere whose radius grows (Sarvas 1987, horizontal layers).
    """

    surface: float = 0.0

    def __post_init__(self) -> None:
        checks.finite("surface", self.surface, "m")

    def holds(self, positions: ArrayLike) -> NDArray[np.bool_]:
        """Return which positions lie below the surface, shape ``(d,)``."""
        return np.asarray(_places(positions)[:, 2] < self.surface)

    def seen(self, position: ArrayLike) -> Array:
        """Return the two horizontal directions, shape ``(3, 2)``."""
        checks.triple("position", position, "m")
        return np.eye(3)[:, :2].copy()

    def gains(self, positions: ArrayLike, sensors: SensorArray) -> Array:
        """Return what sensors see of unit dipoles, T/(A m), ``(n_sensors, d, 3)``."""
        at = _places(positions)
        _inside(self, at, "below the surface")
        lowest = float(sensors.points[..., 2].min())
        if lowest < self.surface:
            raise InvalidValue(
                f"sensors must lie above the surface at {self.surface:g} m, got one at "
                f"{lowest:g} m."
            )
        away, axes = _separations(at, sensors)
        up = np.array([0.0, 0.0, 1.0])
        a = np.linalg.norm(away, axis=-1, keepdims=True)
        height = away[..., 2:]
        k = a * (a + height)
        slope = (2.0 + height / a) * np.sum(away * axes, -1, keepdims=True)
        slope = slope + a * axes[..., 2:]
        seen = (slope * np.cross(away, up) - k * np.cross(axes, up)) / k**2
        return _averaged(seen, sensors)


@dataclass(frozen=True, kw_only=True)
class UnboundedConductor:
    r"""Current dipoles in a conductor without end, where the return currents cancel.

    .. math:: \vec B = \frac{\mu_0}{4\pi}\frac{\vec Q\times\vec a}{a^3}
    """

    def holds(self, positions: ArrayLike) -> NDArray[np.bool_]:
        """Return True for each position, shape ``(d,)``."""
        return np.ones(len(_places(positions)), dtype=bool)

    def seen(self, position: ArrayLike) -> Array:
        """Return all three directions, shape ``(3, 3)``."""
        checks.triple("position", position, "m")
        return np.eye(3)

    def gains(self, positions: ArrayLike, sensors: SensorArray) -> Array:
        """Return what sensors see of unit dipoles, T/(A m), ``(n_sensors, d, 3)``."""
        away, axes = _separations(_places(positions), sensors)
        seen = np.cross(away, axes) / np.linalg.norm(away, axis=-1, keepdims=True) ** 3
        return _averaged(seen, sensors)


@dataclass(frozen=True, kw_only=True)
class MagneticDipoles:
    r"""Magnetic dipoles, which no conductor changes: coils on a head, tracers.

    .. math::
        \vec B = \frac{\mu_0}{4\pi}
        \frac{3(\vec m\cdot\hat a)\hat a - \vec m}{a^3}
    """

    def holds(self, positions: ArrayLike) -> NDArray[np.bool_]:
        """Return True for each position, shape ``(d,)``."""
        return np.ones(len(_places(positions)), dtype=bool)

    def seen(self, position: ArrayLike) -> Array:
        """Return all three directions, shape ``(3, 3)``."""
        checks.triple("position", position, "m")
        return np.eye(3)

    def gains(self, positions: ArrayLike, sensors: SensorArray) -> Array:
        """Return what sensors see of unit dipoles, T/(A m^2), ``(n_sensors, d, 3)``."""
        away, axes = _separations(_places(positions), sensors)
        a = np.linalg.norm(away, axis=-1, keepdims=True)
        along = np.sum(away * axes, axis=-1, keepdims=True)
        seen = (3.0 * along * away / a**2 - axes) / a**3
        return _averaged(seen, sensors)


def _places(positions: ArrayLike) -> Array:
    return checks.vectors("positions", positions, "m").reshape(-1, 3)


def _inside(conductor: VolumeConductor, at: Array, where: str) -> None:
    outside = np.flatnonzero(~conductor.holds(at))
    if outside.size:
        raise InvalidValue(
            f"positions must lie {where}, in m, got {at[outside[0]]} "
            f"({outside.size} of {len(at)} outside)."
        )


def _separations(at: Array, sensors: SensorArray) -> tuple[Array, Array]:
    """Return vectors from dipoles to points, ``(n, k, d, 3)``, and axes beside them."""
    away = sensors.points[:, :, None, :] - at
    if not np.all(np.any(away != 0.0, axis=-1)):
        raise InvalidValue(
            "sensors must not lie in a dipole, where its field diverges."
        )
    return away, np.broadcast_to(sensors.axes[:, None, None, :], away.shape)


def _averaged(seen: Array, sensors: SensorArray) -> Array:
    return np.asarray(SCALE * np.einsum("nkdx,k->ndx", seen, sensors.shares))


def _across(radial: Array) -> Array:
    """Return two unit vectors across a direction, any two where it is zero."""
    _, _, rows = np.linalg.svd(radial[None, :])
    return np.ascontiguousarray(rows[1:].T)
