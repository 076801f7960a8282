"""Harmonics of the whole model over pressure, intensity and position of a gas."""

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from numpy.typing import ArrayLike

from qleap.core import checks
from qleap.core.errors import InvalidKind
from qleap.core.parallel import Submits
from qleap.laser.macroscopic.emitters import Emitter
from qleap.laser.macroscopic.gas_scans import scanned
from qleap.laser.media.materials import Material
from qleap.laser.propagation.beam import propagate_beam
from qleap.laser.propagation.beam_shape import Beam
from qleap.laser.pulses.combined import scaled
from qleap.laser.pulses.light import Light, check_light

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["harmonic_scan"]

OURS: Final = ("length", "symmetry", "amplitudes", "n_positions", "threads", "store")
"""Arguments of `propagate_beam` that are not the caller's."""


def harmonic_scan(
    gas: Material,
    light: Light,
    emitter: Emitter,
    *,
    energies: tuple[float, float],
    waist: float,
    pressures: ArrayLike,
    intensities: ArrayLike,
    positions: ArrayLike,
    length: float,
    n_positions: int = 51,
    n_radii: int = 128,
    weakest: float = 0.2,
    dispersion: str | None = "tables",
    driver: Mapping[str, Any] | None = None,
    executor: Submits | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    """Return what a gas radiates over its pressure, its place and the intensity.

    At every point a driver is propagated (`propagate_beam`) and its harmonics are
    collected (`generate_harmonics`); `phase_matching_map` tells from formulas, over the
    same axes, why there are many or few.

    Parameters
    ----------
    gas : Material
        Its pressure is replaced by those of the scan.
    light : Light
        Driver; its energy is replaced by that of the intensity.
    emitter : Emitter
        What an atom answers, such as `SfaEmitter`.
    energies : (float, float)
        Lowest and highest photon energy that counts, J.
    waist : float
        Of the Gaussian beam in its focus, m (1/e^2 of the intensity).
    pressures : array_like
        Increasing, Pa.
    intensities : array_like
        Peak intensities that the focus would have in vacuum, increasing, W/m^2.
    positions : array_like
        Of the gas's middle behind the focus, increasing, m.
    length : float
        Of the gas, m.
    n_positions : int
        Planes whose atoms radiate.
    n_radii, weakest, dispersion
        As of `generate_harmonics`.
    driver : mapping, optional
        Other arguments of `propagate_beam`, such as ``{"plasma": "ppt"}``.
    executor, workers, store
        As of `map_points`, over all points; each runs on one thread. What is finished
        is in the store, and is read when the same scan is called again.

    Returns
    -------
    xarray.Dataset
        Over ``intensity``, ``position`` and ``pressure``, as of `phase_matching_map`:
        ``photon_number`` and ``energy`` (J) of a pulse behind the gas,
        ``peak_intensity`` (W/m^2), the most on the way through it, and
        ``estimated_error`` as of `generate_harmonics`.

    Raises
    ------
    InvalidKind, InvalidValue
        Where numbers are none, ``driver`` holds what the scan sets itself, or a point
        is refused by one of the two doors; a note names the point.

    See Also
    --------
    gas_scan : of any other driver: flat tops, jets, guides, over any axes.
    """
    check_light("light", light)
    if not isinstance(gas, Material):
        raise InvalidKind(f"gas must be a Material, got {gas!r:.60}.")
    p = checks.increasing("pressures", pressures, "Pa", min_size=1)
    i = checks.increasing("intensities", intensities, "W/m^2", min_size=1)
    z = checks.increasing("positions", positions, "m", min_size=1)
    for name, unit, first in (
        ("pressures", "Pa", p[0]),
        ("intensities", "W/m^2", i[0]),
    ):
        checks.positive(f"{name}[0]", float(first), unit)
    setup = _Focused(
        gas=gas,
        light=light,
        waist=checks.positive("waist", waist, "m"),
        length=checks.positive("length", length, "m"),
        n_positions=checks.count("n_positions", n_positions, 2),
        driver=_options(driver),
    )
    return scanned(
        setup,
        {"intensity": (i, "W/m^2"), "position": (z, "m"), "pressure": (p, "Pa")},
        emitter,
        energies=energies,
        harmonics={
            "n_radii": n_radii,
            "weakest": weakest,
            "dispersion": dispersion,
        },
        parameters={
            "gas": gas.name,
            "light": light.parameters(),
            "waist": setup.waist,
            "length": setup.length,
            "n_positions": setup.n_positions,
            "driver": {name: repr(value) for name, value in setup.driver.items()},
        },
        executor=executor,
        workers=workers,
        store=store,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Focused:
    """Makes the drivers of a scan; it can be sent to workers."""

    gas: Material
    light: Light
    waist: float
    length: float
    n_positions: int
    driver: dict[str, Any]

    def __call__(
        self, intensity: float, position: float, pressure: float
    ) -> "xr.Dataset":
        """Return the Gaussian beam of a point."""
        power = 0.5 * math.pi * self.waist**2 * intensity
        return propagate_beam(
            scaled(self.light, peak_power=power),
            dataclasses.replace(self.gas, pressure=pressure),
            Beam.with_waist(
                self.waist, 0.5 * self.length - position, self.light.wavelength
            ),
            length=self.length,
            n_positions=self.n_positions,
            amplitudes=True,
            threads=1,
            **self.driver,
        )


def _options(driver: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return options of the driver's way, none of which the scan sets itself."""
    given = {} if driver is None else driver
    if not isinstance(given, Mapping):
        raise InvalidKind(
            "driver must be a mapping of arguments of propagate_beam, got "
            f"{driver!r:.60}."
        )
    known = [name for name in propagate_beam.__kwdefaults__ or {} if name not in OURS]
    checks.known_keys("driver", given, known)
    return {"estimate_error": False, **given}
