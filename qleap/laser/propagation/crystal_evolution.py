"""Light along a crystal as a dataset, by polarisation and by band."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT
from qleap.laser.grid import FieldGrid
from qleap.laser.media.mixing import ThreeWaveMixing
from qleap.laser.propagation.crystal_equation import Cut
from qleap.laser.propagation.integrator import Snapshot

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KIND", "crystal_evolution"]

KIND: Final = "laser.crystal_evolution"

Floats = NDArray[np.float64]


def crystal_evolution(
    kept: Sequence[Snapshot],
    grid: FieldGrid,
    cut: Cut,
    lines: Sequence[float],
    mixings: Sequence[ThreeWaveMixing],
    parameters: Mapping[str, object],
) -> "xr.Dataset":
    """Return a dataset of the light at the places ``kept``.

    Parameters
    ----------
    kept : sequence of Snapshot
        Amplitudes in sqrt(W), shape ``(2, n_frequencies)``.
    grid : FieldGrid
        Their grid.
    cut : Cut
        The crystal.
    lines : sequence of float
        Vacuum wavelengths about which energies are summed, ascending, m.
    mixings : sequence of ThreeWaveMixing
        Whose mismatch is told.
    parameters : mapping
        What all was computed from.
    """
    spectra = np.stack([s.amplitudes for s in kept]) * grid.window
    density = np.abs(spectra) ** 2
    first = grid.omega[1]
    photons = density / (HBAR * np.maximum(grid.omega, first))
    photons[..., 0] = 0.0
    shares = _bands(grid.omega, lines)
    energy, number = (x @ shares.T / grid.window for x in (density, photons))
    along: tuple[str, ...] = ("position",)
    waves = ("position", "polarisation")
    bands = (*waves, "band")
    return results.dataset(
        kind=KIND,
        coords={
            "position": ([s.position for s in kept], "m"),
            "polarisation": (list(cut.crystal.polarisations), "1"),
            "frequency": (grid.omega / (2.0 * np.pi), "Hz"),
            "time": (grid.time, "s"),
            "band": (np.asarray(lines), "m"),
            "mixing": ([_label(mixing) for mixing in mixings], "1"),
        },
        variables={
            "amplitudes": ((*waves, "frequency"), spectra, "(J/Hz)^0.5"),
            "spectrum": ((*waves, "frequency"), density, "J/Hz"),
            "energy": (waves, density.sum(axis=-1) / grid.window, "J"),
            "photon_number": (waves, photons.sum(axis=-1) / grid.window, "1"),
            "band_energy": (bands, energy, "J"),
            "band_photon_number": (bands, number, "1"),
            "efficiency": (
                ("position", "band"),
                energy.sum(axis=1) / (density[0].sum() / grid.window),
                "1",
            ),
            **_of_lines(cut, lines),
            **_of_mixings(cut, mixings),
            "accumulated_error": (along, [s.error for s in kept], "1"),
            "steps": (along, [s.steps for s in kept], "1"),
            "rejected_steps": (along, [s.rejected for s in kept], "1"),
            "step": (along, [s.step for s in kept], "m"),
        },
        parameters=dict(parameters),
    )


def _bands(omega: Floats, lines: Sequence[float]) -> Floats:
    """Return which frequencies belong to which line, shape ``(lines, n)``.

    Bands end half-way between the frequencies of two lines.
    """
    centres = 2.0 * np.pi * SPEED_OF_LIGHT / np.asarray(lines)
    middles = 0.5 * (centres[1:] + centres[:-1])  # descending, as the centres
    upper = np.concatenate([[np.inf], middles])[:, None]
    lower = np.concatenate([middles, [0.0]])[:, None]
    return np.asarray((omega < upper) & (omega >= lower), np.float64)


def _of_lines(
    cut: Cut, lines: Sequence[float]
) -> dict[str, tuple[tuple[str, ...], Floats, str]]:
    """Return angles of walk-off and group indices, as variables of a dataset."""
    crystal, at = cut.crystal, (cut.theta, cut.phi)
    found = np.array(
        [
            [
                (crystal.walk_off(x, name, *at), crystal.group_index(x, name, *at))
                for x in lines
            ]
            for name in crystal.polarisations
        ]
    )
    over = ("polarisation", "band")
    return {
        "walk_off": (over, found[..., 0], "rad"),
        "group_index": (over, found[..., 1], "1"),
    }


def _of_mixings(
    cut: Cut, mixings: Sequence[ThreeWaveMixing]
) -> dict[str, tuple[tuple[str, ...], Floats, str]]:
    """Return residual mismatch and nonlinearity, as variables of a dataset."""
    at = (cut.theta, cut.phi)
    mismatch = np.array([float(mixing.mismatch(*at)) for mixing in mixings])
    if cut.poling is not None:
        mismatch -= np.sign(mismatch) * cut.poling.wave_number(0.0, cut.length)
    d = np.array([mixing.effective_nonlinearity(*at) for mixing in mixings])
    over = ("mixing",)
    return {
        "residual_mismatch": (over, mismatch, "1/m"),
        "effective_nonlinearity": (over, d, "m/V"),
    }


def _label(mixing: ThreeWaveMixing) -> str:
    a, b, c = (f"{wave * 1e9:.5g}" for wave in mixing.all_wavelengths)
    return f"{a} + {b} = {c} nm, {mixing.polarisations}"
