"""Magnetic fields of nuclei in a small volume above a shallow centre."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import (
    BOLTZMANN,
    HBAR,
    PLANCK,
    VACUUM_PERMEABILITY,
)
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.signals.powder import gauss_sphere
from qleap.sensing.spins.isotopes import isotope

__all__ = [
    "MAGIC_ANGLE",
    "NuclearLayer",
    "cylinder_signal",
    "depth_from_field_rms",
    "diffusion_correlation",
    "diffusion_modes",
    "thermal_polarisation",
]

Array = NDArray[np.float64]

MAGIC_ANGLE: Final = math.acos(1.0 / math.sqrt(3.0))
"""rad; between the axes of the centre and the normal of a [100] surface."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NuclearLayer:
    r"""Unpolarised nuclei in a flat layer on the diamond above a centre.

    Parameters
    ----------
    depth : float
        d, from the centre to the layer, m.
    density : float
        :math:`\rho` of the nuclei, 1/m^3; about 6e28 protons in oil.
    nucleus : str
        An isotope, such as ``"1H"``.
    thickness : float
        m; infinite by default.
    tilt : float
        Angle between the axis of the centre and the surface normal, rad; that of a
        [100] surface by default, 0 for [111].
    """

    depth: float
    density: float
    nucleus: str = "1H"
    thickness: float = math.inf
    tilt: float = MAGIC_ANGLE

    def __post_init__(self) -> None:
        checks.positive("depth", self.depth, "m")
        checks.positive("density", self.density, "1/m^3")
        checks.finite("tilt", self.tilt, "rad")
        isotope(self.nucleus)
        if not self.thickness > 0.0:
            raise InvalidValue(f"thickness must be > 0 m, got {self.thickness}.")

    @property
    def gyromagnetic_ratio(self) -> float:
        """Of the nuclei, over 2 pi, Hz/T."""
        return isotope(self.nucleus).gyromagnetic_ratio

    def larmor_frequency(self, field: float) -> float:
        """Return the precession frequency in ``field``, T, as a positive number, Hz."""
        return abs(self.gyromagnetic_ratio * checks.finite("field", field, "T"))

    @property
    def field_rms(self) -> float:
        r"""Root mean square of the precessing field along the centre's axis, T.

        For a static field along that axis,

        .. math:: B_\mathrm{rms}^2 = \frac{4 I(I+1)}{3}\,\rho
            \Big(\frac{\mu_0\hbar\gamma_n}{4\pi}\Big)^2
            \frac{\pi(8 - 3\sin^4\alpha)}{128}
            \Big[\frac{1}{d^3} - \frac{1}{(d+h)^3}\Big],

        which on a [100] surface is the :math:`5\pi/96 d^3` of Pham et al., Phys. Rev.
        B 93, 045425 (2016).
        """
        shape = math.pi * (8.0 - 3.0 * math.sin(self.tilt) ** 4) / 128.0
        return math.sqrt(4.0 * self._strength() * shape * self._reach())

    def field_tensor(self) -> Array:
        r"""Return the mean products of fields, shape ``(3, 3, 3, 3)``, T^2.

        The element ``[i, k, j, l]`` is what the moment's component k times l adds to
        the fields i and j: :math:`\rho\sum G_{ik}G_{jl}\langle\mu^2\rangle`, with z
        along the surface normal. Contracted with the directions in which moments
        fluctuate it is the variance for any geometry; Gauss's rule over the half
        sphere is exact for it.
        """
        directions, weights = gauss_sphere(8, 16)
        outer = np.einsum("ni,nj->nij", directions, directions)
        dipole = 3.0 * outer - np.eye(3)
        # over the radius, from d / z on: integral of r^-4 is (z / d)^3 / 3
        measure = 2.0 * math.pi * weights * directions[:, 2] ** 3 / 3.0
        tensor = np.einsum("n,nik,njl->ikjl", measure, dipole, dipole)
        return np.asarray(self._strength() * self._reach() * tensor)

    def field_rms_in(self, field: ArrayLike, axis: ArrayLike) -> float:
        """Return the rms of the precessing field for any direction of the static one.

        Parameters
        ----------
        field, axis : array_like, shape (3,)
            Directions of the static field and of the centre's axis, with z along the
            surface normal; `tilt` is not used.

        Returns
        -------
        float
            T.
        """
        along = _unit("field", field)
        sensor = _unit("axis", axis)
        still = np.outer(along, along)
        turning = np.eye(3) - still  # components across the static field
        variance = np.einsum(
            "i,j,kl,ikjl->", sensor, sensor, turning, self.field_tensor()
        )
        return math.sqrt(float(variance))

    def _strength(self) -> float:
        """Return rho (mu0/4pi)^2 <mu^2> of one component of the moment, T^2 m^3."""
        spin = isotope(self.nucleus).spin
        moment = HBAR * 2.0 * math.pi * self.gyromagnetic_ratio
        size = (VACUUM_PERMEABILITY / (4.0 * math.pi) * moment) ** 2
        return self.density * size * spin * (spin + 1.0) / 3.0

    def _reach(self) -> float:
        far = self.depth + self.thickness
        return self.depth**-3 - (0.0 if math.isinf(far) else far**-3)


def depth_from_field_rms(
    field_rms: ArrayLike,
    *,
    density: float,
    nucleus: str = "1H",
    tilt: float = MAGIC_ANGLE,
) -> Array:
    """Return the depth below a thick layer, m, from the rms field, T."""
    rms = np.asarray(field_rms, dtype=np.float64)
    if not np.all(rms > 0.0):
        raise InvalidValue(f"field_rms must be > 0 T, got {np.ravel(rms)[:3]}.")
    unit = NuclearLayer(depth=1.0, density=density, nucleus=nucleus, tilt=tilt)
    return np.asarray((unit.field_rms / rms) ** (2.0 / 3.0))


def diffusion_correlation(time: ArrayLike, depth: float, coefficient: float) -> Array:
    r"""Return how the field of a diffusing liquid forgets itself, 1 at time zero.

    .. math:: c(t) = \frac{8}{\pi}\int_0^\infty\! x^2 e^{-2x}\,
        e^{-x^2\tau} J(x^2\tau)\,dx,\qquad \tau = \frac{Dt}{d^2},

    with :math:`J(y) = \int e^{-yp^2}(1+p^2)^{-2}dp`: the same for all components of
    the field and all directions, for a half space that reflects at the surface. It
    falls as :math:`t^{-3/2}` in the end.

    Parameters
    ----------
    time : array_like
        s, not negative.
    depth : float
        d, m.
    coefficient : float
        D of translational diffusion, m^2/s.

    References
    ----------
    The tail is that of Staudenmaier et al., npj Quantum Inf. 8, 120 (2022); the
    integral is derived in the documentation.
    """
    from scipy.special import erfcx

    scaled = _scaled(time, depth, coefficient)[..., None]
    # x = v^3 / (1 - v): dense at the small x that are left at long times
    nodes, weights = np.polynomial.legendre.leggauss(200)
    v = 0.5 * (nodes + 1.0)
    x = v**3 / (1.0 - v)
    dx = 0.5 * weights * (3.0 * v**2 - 2.0 * v**3) / (1.0 - v) ** 2
    y = scaled * x**2
    root = np.sqrt(y)
    inner = 0.5 * math.pi * (1.0 - 2.0 * y) * erfcx(root) + np.sqrt(math.pi * y)
    # for large y the two terms cancel: J -> sqrt(pi / y) (1 - 1/y + 15/4y^2)
    far = np.sqrt(math.pi / np.maximum(y, 1.0)) * _tail(np.maximum(y, 1.0))
    inner = np.where(y > 40.0, far, inner)
    return np.asarray(
        8.0 / math.pi * (dx * x**2 * np.exp(-2.0 * x - y) * inner).sum(axis=-1)
    )


def _tail(y: Array) -> Array:
    """Return J over sqrt(pi / y): the series (-1)^n (n + 1) (1/2)_n / y^n."""
    total, term = np.zeros_like(y), np.ones_like(y)
    for n in range(12):
        total = total + (n + 1.0) * term
        term = term * (-(n + 0.5)) / y
    return total


def diffusion_modes(
    depth: float, coefficient: float, *, order: int = 16
) -> tuple[Array, Array]:
    """Return weights and rates, 1/s, of exponentials that add up to the correlation.

    `diffusion_correlation` is a mixture of decays; Gauss's rules over its two
    integrals make it a sum of ``order**2``, good to 1e-3 of its start for times up to
    ten ``depth**2 / coefficient``.
    """
    checks.positive("depth", depth, "m")
    checks.positive("coefficient", coefficient, "m^2/s")
    count = checks.count("order", order)
    x, by_depth = np.polynomial.laguerre.laggauss(count)
    x, by_depth = 0.5 * x, 0.5 * by_depth * 4.0 * (0.5 * x) ** 2
    nodes, by_angle = np.polynomial.legendre.leggauss(count)
    angle = 0.25 * math.pi * (nodes + 1.0)
    by_angle = by_angle * np.cos(angle) ** 2
    weights = np.outer(by_depth, by_angle)
    rates = np.outer(x**2, 1.0 / np.cos(angle) ** 2) * coefficient / depth**2
    return (weights / weights.sum()).ravel(), rates.ravel()


def thermal_polarisation(
    field: ArrayLike, temperature: float, nucleus: str = "1H"
) -> Array:
    r"""Return :math:`\tanh(h\gamma B/2k_BT)` of nuclei of spin one half."""
    found = isotope(nucleus)
    if found.spin != 0.5:
        raise InvalidValue(
            f"nucleus must have spin 1/2 for a polarisation, got {nucleus!r} with "
            f"spin {found.spin:g}."
        )
    checks.positive("temperature", temperature, "K")
    energy = PLANCK * found.gyromagnetic_ratio * np.asarray(field, dtype=np.float64)
    return np.tanh(energy / (2.0 * BOLTZMANN * temperature))


def cylinder_signal(
    layer: NuclearLayer, *, radius: float, polarisation: float
) -> float:
    r"""Return the amplitude of the precessing field of polarised nuclei, T.

    The nuclei fill a cylinder of ``radius`` (m) and the layer's thickness, centred
    above the sensor, and precess after a pi / 2 pulse about a field along the
    centre's axis:

    .. math:: B = \tfrac{3}{4}\mu_0 M \sin\alpha\cos\alpha
        \Big[\frac{z}{\sqrt{z^2+R^2}}\Big]_d^{d+h},
        \quad M = \rho\,P\,\hbar\gamma_n I .

    It vanishes on a [111] surface and for a layer that is wide against its thickness;
    no depth enters as long as it is small against the sample, unlike in the rms field
    of unpolarised nuclei.

    Parameters
    ----------
    layer : NuclearLayer
        Of finite thickness.
    radius : float
        m.
    polarisation : float
        Such as `thermal_polarisation`.

    References
    ----------
    Glenn et al., Nature 555, 351 (2018), for thermal polarisation seen by coherently
    averaged synchronised readout.
    """
    checks.positive("radius", radius, "m")
    checks.between("polarisation", polarisation, -1.0, 1.0)
    if math.isinf(layer.thickness):
        raise InvalidValue(
            "thickness must be finite for a polarised sample, got inf m: the field of "
            "an unlimited one depends on its edges."
        )
    found = isotope(layer.nucleus)
    moment = HBAR * 2.0 * math.pi * found.gyromagnetic_ratio * found.spin
    magnetisation = layer.density * polarisation * moment
    near, far = layer.depth, layer.depth + layer.thickness
    reach = far / math.hypot(far, radius) - near / math.hypot(near, radius)
    angle = math.sin(layer.tilt) * math.cos(layer.tilt)
    return abs(0.75 * VACUUM_PERMEABILITY * magnetisation * angle * reach)


def _unit(name: str, direction: ArrayLike) -> Array:
    given = checks.triple(name, direction)
    length = float(np.linalg.norm(given))
    if length == 0.0:
        raise InvalidValue(f"{name} must be a direction, got {given.tolist()}.")
    return given / length


def _scaled(time: ArrayLike, depth: float, coefficient: float) -> Array:
    checks.positive("depth", depth, "m")
    checks.positive("coefficient", coefficient, "m^2/s")
    at = np.asarray(time, dtype=np.float64)
    if np.any(at < 0.0):
        raise InvalidValue(f"time must be >= 0 s, got {at.min()}.")
    return np.asarray(at * coefficient / depth**2)
