"""Behind the gas: divergence, irises, and what else the harmonics pass."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.pulses.elements import Element

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["FAR", "NEAR", "behind", "far_field"]

Floats = NDArray[np.float64]

NEAR: Final = "laser.macroscopic"
FAR: Final = "laser.far_field"

WIDEST: Final = 3.0
"""Largest angle over the root mean square of the slowest waves."""


def far_field(
    data: "xr.Dataset",
    angles: ArrayLike | None = None,
    *,
    iris: float | None = None,
) -> "xr.Dataset":
    r"""Return the harmonics far away from the gas.

    Parameters
    ----------
    data : xarray.Dataset
        Of `generate_harmonics`.
    angles : array_like, optional
        From the axis, increasing from zero, rad; by default 200 as far as the light
        goes, or to the edge of the iris.
    iris : float, optional
        Half angle beyond which nothing passes, rad.

    Returns
    -------
    xarray.Dataset
        Over ``angle`` (rad) and ``frequency`` (Hz): ``far_field``
        :math:`\tfrac{k}{2\pi}\int E(r)\,J_0(kr\sin\theta)\,2\pi r\,dr` (V s; the
        field in V s/m at a distance is this over the distance, a quarter of a period
        late) and ``spectrum``, J/(Hz sr).
    """
    from scipy.special import j0

    _check(data, (NEAR,))
    radius, omega = data["radius"].values, 2.0 * np.pi * data["frequency"].values
    near = data["near_field"].values
    area = _section(data).area
    edge = np.inf if iris is None else checks.positive("iris", iris, "rad")
    if angles is None:
        theta = np.linspace(0.0, min(_widest(data), edge), 200)
    else:
        theta = checks.increasing("angles", angles, "rad", min_size=2)
        if theta[0] < 0.0 or theta[-1] > 0.3:
            raise InvalidValue(
                "angles must lie between 0 and 0.3 rad (small against one), got "
                f"{theta[0]:g} to {theta[-1]:g}."
            )
    found = np.empty((theta.size, omega.size), np.complex128)
    for i, k in enumerate(omega / SPEED_OF_LIGHT):
        kernel = j0(np.outer(k * np.sin(theta), radius)) * area
        found[:, i] = k / (2.0 * np.pi) * (kernel @ near[:, i])
    found[theta > edge] = 0.0
    density = 2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * np.abs(found) ** 2
    return results.dataset(
        kind=FAR,
        coords={
            "angle": (theta, "rad"),
            "frequency": (omega / (2.0 * np.pi), "Hz"),
        },
        variables={
            "far_field": (("angle", "frequency"), found, "V s"),
            "spectrum": (("angle", "frequency"), density, "J/(Hz sr)"),
        },
        parameters={**results.parameters(data), "iris": iris},
    )


def behind(data: "xr.Dataset", *elements: Element) -> "xr.Dataset":
    """Return the harmonics after elements: films, mirrors, anything with a phase.

    Parameters
    ----------
    data : xarray.Dataset
        Of `generate_harmonics` or `far_field`.
    *elements : Element
        As for `qleap.laser.pulses.through`; where one is not known it lets nothing
        through. Unlike there, delays stay as they are.
    """
    name = _field(data)
    omega = 2.0 * np.pi * data["frequency"].values
    factor = np.ones(omega.size, np.complex128)
    for i, element in enumerate(elements):
        if not isinstance(element, Element):
            raise InvalidKind(
                f"elements[{i}] must be an Element (phase and transmission), got "
                f"{element!r:.60}."
            )
        low, high = element.valid
        known = (omega >= low) & (omega <= high)
        factor[~known] = 0.0
        part = omega[known]
        size = np.sqrt(element.transmission(part))
        factor[known] *= size * np.exp(1j * element.phase(part))
    passed = data.copy()
    passed[name] = data[name] * factor
    if "spectrum" in data:
        passed["spectrum"] = data["spectrum"] * np.abs(factor) ** 2
    for variable in (name, "spectrum"):
        passed[variable].attrs = data[variable].attrs
    if name == "near_field":
        step = data["frequency"].values[1] - data["frequency"].values[0]
        spectra = passed["spectrum"].values
        photons = spectra / (HBAR * omega)
        passed["energy"] = data["energy"].copy(data=spectra.sum(axis=1) * step)
        passed["photon_number"] = data["photon_number"].copy(
            data=photons.sum(axis=1) * step
        )
    return passed


def _section(data: "xr.Dataset") -> HankelTransform:
    edge = float(results.parameters(data)["edge"])
    return HankelTransform.on(edge, data.sizes["radius"])


def _widest(data: "xr.Dataset") -> float:
    """Return an angle beyond which little light goes."""
    section = _section(data)
    waves = np.empty(data["near_field"].shape, np.complex128)
    section.to_waves_into(np.ascontiguousarray(data["near_field"].values), waves)
    weight = np.abs(waves) ** 2
    k = 2.0 * np.pi * data["frequency"].values / SPEED_OF_LIGHT
    square = (section.wavenumber[:, None] / k) ** 2
    mean = (weight * square).sum() / max(weight.sum(), 1e-300)
    return float(min(WIDEST * np.sqrt(mean), 0.3))


def _field(data: "xr.Dataset") -> str:
    _check(data, (NEAR, FAR))
    return "near_field" if data.attrs["kind"] == NEAR else "far_field"


def _check(data: "xr.Dataset", kinds: tuple[str, ...]) -> None:
    kind = getattr(data, "attrs", {}).get("kind")
    if kind not in kinds:
        raise InvalidValue(
            f"data must be of the kind {' or '.join(kinds)}, got {kind!r}; "
            "generate_harmonics and far_field make them."
        )
