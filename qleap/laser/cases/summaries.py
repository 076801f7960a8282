"""What a propagation amounts to, as plain values."""

from typing import TYPE_CHECKING, Any

import numpy as np

from qleap.core.errors import InvalidValue
from qleap.laser.cases.outputs import CRYSTAL, power_of, spectra_of
from qleap.laser.propagation.scans import KIND as SCAN
from qleap.laser.pulses.widths import fwhm, spectral_extent

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["summary"]

LEVEL = -30.0
"""dB below the peak where a spectrum ends."""

LEAST = 1e-6
"""Share of what entered below which a band of a crystal is not told."""


def summary(data: "xr.Dataset") -> dict[str, Any]:
    """Return what a door's dataset amounts to, in SI units.

    Parameters
    ----------
    data : xarray.Dataset
        From `propagate_fibre`, `propagate_capillary`, `propagate_beam` or
        `propagate_crystal`.

    Returns
    -------
    dict
        Names end in their units. Durations are FWHM of the power (on the axis, of a
        beam), None where it does not fall to half; spectra end at -30 dB. What only
        some doors tell (``estimated_error``, ``drift``, ionisation, the beam, the
        conversion) is there for these.
    """
    if data.attrs.get("kind") == SCAN:
        raise InvalidValue("data must be of one point, got a scan; choose a point.")
    energy = _total(data, "energy")
    photons = _total(data, "photon_number")
    low, high = spectral_extent(_all_light(data), level=LEVEL)
    found: dict[str, Any] = {
        "length_m": float(data["position"].values[-1]),
        "input_energy_J": float(energy[0]),
        "output_energy_J": float(energy[-1]),
        "lost_share": float(1.0 - energy[-1] / energy[0]),
        "photon_number_change": float(photons[-1] / photons[0] - 1.0),
        "input_fwhm_s": _duration(data, 0),
        "output_fwhm_s": _duration(data, -1),
        "spectrum_from_m": low,
        "spectrum_to_m": high,
    }
    for name in ("estimated_error", "drift", "accumulated_error"):
        if name in data:
            found[name] = float(data[name].values[-1])
    found["steps"] = int(data["steps"].values[-1])
    found["rejected_steps"] = int(data["rejected_steps"].values[-1])
    for name, unit in (("peak_intensity", "W_m2"), ("electron_density", "1_m3")):
        if name in data:
            found[f"largest_{name}_{unit}"] = float(data[name].values.max())
    return {**found, **_of_beam(data), **_of_crystal(data)}


def _of_beam(data: "xr.Dataset") -> dict[str, Any]:
    if "beam_radius" not in data:
        return {}
    return {
        "output_beam_radius_m": float(data["beam_radius"].values[-1]),
        "smallest_core_radius_m": float(data["core_radius"].values.min()),
        "output_beam_quality": float(data["beam_quality"].values[-1]),
        "absorbed_at_edge": float(data["edge_energy"].values.max()),
    }


def _of_crystal(data: "xr.Dataset") -> dict[str, Any]:
    if data.attrs["kind"] != CRYSTAL:
        return {}
    shares = data["efficiency"].values[-1]
    bands = data["band"].values
    told = {
        f"{band * 1e9:.5g} nm": float(share)
        for band, share in zip(bands, shares, strict=True)
        if share > LEAST
    }
    return {"share_of_energy": told}


def _total(data: "xr.Dataset", name: str) -> Any:
    values = data[name]
    if "polarisation" in values.dims:
        values = values.sum("polarisation")
    return values.values


def _all_light(data: "xr.Dataset") -> "xr.Dataset":
    spectrum = (("position", "frequency"), spectra_of(data))
    return data[["frequency", "position"]].assign(spectrum=spectrum)


def _duration(data: "xr.Dataset", position: int) -> float | None:
    power, _ = power_of(data, position)
    try:
        return fwhm(data["time"].values, np.asarray(power))
    except InvalidValue:
        return None
