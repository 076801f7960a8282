"""One call that mixes the envelopes of two or three waves in a crystal."""

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue, QleapWarning
from qleap.laser.grid import LARGEST, Grid
from qleap.laser.media.mixing import ThreeWaveMixing
from qleap.laser.propagation.coupled_waves import CoupledWaves
from qleap.laser.propagation.crystal import (
    area_of,
    direction_of,
    warn_of_walk_off,
)
from qleap.laser.propagation.crystal_equation import Cut
from qleap.laser.propagation.given import check_kind
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.quadratic import Poling
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, Task, carry_out
from qleap.laser.propagation.strength import check_quadratic
from qleap.laser.pulses.light import check_light

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.pulses.light import Light

__all__ = ["KIND", "mix_envelopes"]

KIND: Final = "laser.mixed_envelopes"

EDGE: Final = 1e-5
"""Share of a wave's peak that may stand at an edge of the grid."""

LOOK, LOOKS, PLACES = 1e-4, 5, 17
"""Tolerance of quick looks that settle the grid, how many, and their places."""

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


def mix_envelopes(
    pulses: "Sequence[Light | None]",
    mixing: ThreeWaveMixing,
    *,
    length: float,
    theta: float | None = None,
    phi: float | None = None,
    waist: float | None = None,
    area: float | None = None,
    poling: Poling | None = None,
    absorption: float = 0.0,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 101,
    store: str | os.PathLike[str] | None = None,
    estimate_error: bool = True,
) -> "xr.Dataset":
    """Return the envelopes of the waves of one mixing along a crystal.

    For pulses of many cycles, up to nanoseconds, and for long poled crystals: neither
    carriers nor domains are sampled. Only the one mixing is in it.

    Parameters
    ----------
    pulses : sequence of Light or None
        What enters in each wave of the mixing, in its order; None for nothing. A second
        harmonic of one polarisation has two waves, everything else three. Carriers may
        differ from those of the mixing as far as the grid reaches.
    mixing : ThreeWaveMixing
        Crystal, carriers and polarisations.
    length, theta, phi, waist, area, tolerance, n_positions, store, estimate_error
        As in `propagate_crystal`; an angle that is not given is the matching one.
    poling : Poling, optional
        By its first Fourier component; without angles theta is a right angle.
    absorption : float
        1/m.
    grid : Grid, optional
        By default one that quick looks widen until no light stands at its edges.

    Returns
    -------
    xarray.Dataset
        Coordinates ``position`` (m), ``wave`` (0, 1, ... in the order of ``pulses``),
        of each its ``wavelength`` (m, in vacuum) and ``polarisation``, ``time`` (s, in
        the frame of the first wave's group velocity), ``detuning`` (Hz, from the
        carriers) and ``frequency`` (Hz, by wave and detuning).
        Variables ``envelope`` (sqrt(W)), ``spectrum`` (J/Hz), ``energy`` (J),
        ``photon_number``, ``efficiency``, ``walk_off`` (rad) and ``group_index`` by
        wave, and ``estimated_error``,
        ``accumulated_error``, ``steps``, ``rejected_steps``, ``step`` (m).
    """
    check_kind("mixing", mixing, ThreeWaveMixing, "name crystal, waves and letters")
    if grid is not None:
        check_kind("grid", grid, Grid, "leave it out for one of estimates")
    checks.non_negative("absorption", absorption, "1/m")
    if poling is not None and theta is None and phi is None:
        theta = 0.5 * math.pi
    at = direction_of(None if poling is not None else mixing, theta, phi)
    cut = Cut(
        crystal=mixing.crystal, length=length, theta=at[0], phi=at[1],
        area=area_of(waist, area), poling=poling, absorption=absorption,
    )  # fmt: skip
    names = _waves(pulses, mixing)
    check_quadratic(sum(pulse.peak_power for pulse in pulses if pulse is not None), cut)
    if grid is not None:
        for pulse, wavelength in zip(pulses, names, strict=True):
            if pulse is not None:
                dataclasses.replace(grid, wavelength=wavelength).check_pulse(pulse)
    chosen = _settled(pulses, mixing, cut) if grid is None else grid
    parameters = {
        "pulses": [None if x is None else x.parameters() for x in pulses],
        "mixing": asdict(mixing),
        "cut": asdict(cut),
        "grid": asdict(chosen),
        "tolerance": tolerance,
        "n_positions": n_positions,
        "estimate_error": estimate_error,
    }
    equation = CoupledWaves(mixing, cut, chosen)
    task = Task(
        equation=equation,
        companion=CoupledWaves(mixing, cut, chosen) if estimate_error else None,
        start=_entering(pulses, equation, chosen, cut),
        length=cut.length,
        n_positions=n_positions,
        tolerance=tolerance,
        parameters=parameters,
    )

    def describe(kept: Sequence[Snapshot]) -> "xr.Dataset":
        return _dataset(kept, equation, chosen, cut, parameters)

    data = carry_out(task, describe, store, kind=KIND)
    if waist is not None:
        warn_of_walk_off(data, waist)
    light = np.stack([data["envelope"].values])
    for axis, share in _edges(light, np.fft.ifft(light)).items():
        if share > EDGE:
            warn(
                f"light reached the edge of the grid in {axis} ({share:.1e} of a "
                f"wave's peak, at most {EDGE:g}); give a larger grid.",
                QleapWarning,
                stacklevel=2,
            )
    return data


def _waves(pulses: "Sequence[Light | None]", mixing: ThreeWaveMixing) -> list[float]:
    """Return the wavelengths of the rows, m."""
    check_kind("pulses", pulses, (list, tuple), "take one, or None, for each wave")
    for i, pulse in enumerate(pulses):
        if pulse is not None:
            check_light(f"pulses[{i}]", pulse)
    first, second = mixing.wavelengths
    same = first == second and mixing.polarisations[0] == mixing.polarisations[1]
    waves = list(mixing.all_wavelengths[1:] if same else mixing.all_wavelengths)
    if len(pulses) != len(waves) or all(pulse is None for pulse in pulses):
        raise InvalidValue(
            f"pulses must be {len(waves)}, one for each wave of the mixing and at "
            f"least one not None, got {len(pulses)} with "
            f"{sum(pulse is not None for pulse in pulses)} not None."
        )
    return waves


def _entering(
    pulses: "Sequence[Light | None]", equation: CoupledWaves, grid: Grid, cut: Cut
) -> Snapshot:
    amplitudes = np.zeros(equation.omega.shape, np.complex128)
    for row, (pulse, (wavelength, _)) in enumerate(
        zip(pulses, equation.waves, strict=True)
    ):
        if pulse is not None:
            own = dataclasses.replace(grid, wavelength=wavelength)
            amplitudes[row] = np.fft.ifft(pulse.envelope_on(own))
    amplitudes /= np.sqrt(equation.omega)
    return Snapshot(position=0.0, amplitudes=amplitudes, step=cut.length / 100.0)


def _settled(
    pulses: "Sequence[Light | None]", mixing: ThreeWaveMixing, cut: Cut
) -> Grid:
    """Return a grid for the pulses that a quick look is content with."""
    extents = [pulse.extent for pulse in pulses if pulse is not None]
    longest = max(mixing.all_wavelengths)
    # Two thirds of the band couple.
    band = 2.25 * max(x for x, _ in extents)
    window = 1.2 * max(x for _, x in extents)
    n = 1 << max(math.ceil(math.log2(band * window / (2.0 * math.pi))), 8)
    # The lowest frequency stays above zero.
    window = max(window, 0.51 * n * longest / SPEED_OF_LIGHT)
    grid = Grid(n_points=n, window=window, wavelength=longest)
    for _ in range(LOOKS):
        equation = CoupledWaves(mixing, cut, grid)
        start = _entering(pulses, equation, grid, cut)
        places = np.linspace(0.0, cut.length, PLACES)[1:].tolist()
        lights = march(start, equation, places, tolerance=LOOK)
        rows = [x.amplitudes.copy() for x in lights if x.position in places]
        amplitudes = np.stack([start.amplitudes, *rows]) * np.sqrt(equation.omega)
        edges = _edges(np.fft.fft(amplitudes), amplitudes)
        longer = 2 if edges["time"] > EDGE else 1
        # The lowest frequency stays above zero.
        room = grid.omega0 * grid.window / math.pi
        finer = 2 if edges["frequency"] > EDGE and 2 * grid.n_points < room else 1
        n = grid.n_points * longer * finer
        if longer * finer == 1 or n > LARGEST:
            break
        grid = Grid(n_points=n, window=grid.window * longer, wavelength=longest)
    return grid


def _edges(field: Complex, amplitudes: Complex) -> dict[str, float]:
    """Return the largest share of a wave's peak at the edges of time and frequency.

    The latter are where waves stop to couple, at two thirds of the grid.
    Of waves that hold less than a millionth of all light nothing is asked.
    """
    shares = {}
    for name, values in (
        ("time", np.abs(field) ** 2),
        ("frequency", np.abs(np.fft.fftshift(amplitudes, axes=-1)) ** 2),
    ):
        size = values.shape[-1]
        width = max(size // 200, 1) + (size // 6 if name == "frequency" else 0)
        ends = np.maximum(values[..., :width].max(-1), values[..., -width:].max(-1))
        peaks = values.max(-1)
        peaks = np.maximum(peaks, 1e-6 * peaks.max())
        shares[name] = float((ends / peaks).max())
    return shares


def _dataset(
    kept: Sequence[Snapshot],
    equation: CoupledWaves,
    grid: Grid,
    cut: Cut,
    parameters: Mapping[str, object],
) -> "xr.Dataset":
    amplitudes = np.stack([x.amplitudes for x in kept]) * np.sqrt(equation.omega)
    density = np.abs(amplitudes * grid.window) ** 2
    energy = density.sum(axis=-1) / grid.window
    photons = np.sum(density / (HBAR * equation.omega), axis=-1) / grid.window
    along: tuple[str, ...] = ("position",)
    each = ("position", "wave")
    shifted = np.fft.fftshift(density, axes=-1)
    crystal, at = cut.crystal, (cut.theta, cut.phi)
    angles = [crystal.walk_off(*wave, *at) for wave in equation.waves]
    groups = [crystal.group_index(*wave, *at) for wave in equation.waves]
    waves = range(len(equation.waves))
    made = results.dataset(
        kind=KIND,
        coords={
            "position": ([x.position for x in kept], "m"),
            "wave": (waves, "1"),
            "time": (grid.time, "s"),
            "detuning": (np.fft.fftshift(grid.detuning) / (2.0 * np.pi), "Hz"),
        },
        variables={
            "envelope": ((*each, "time"), np.fft.fft(amplitudes), "W^0.5"),
            "spectrum": ((*each, "detuning"), shifted, "J/Hz"),
            "energy": (each, energy, "J"),
            "photon_number": (each, photons, "1"),
            "efficiency": (each, energy / energy[0].sum(), "1"),
            "walk_off": (("wave",), angles, "rad"),
            "group_index": (("wave",), groups, "1"),
            "accumulated_error": (along, [x.error for x in kept], "1"),
            "steps": (along, [x.steps for x in kept], "1"),
            "rejected_steps": (along, [x.rejected for x in kept], "1"),
            "step": (along, [x.step for x in kept], "m"),
        },
        parameters=dict(parameters),
    )
    lengths, letters = zip(*equation.waves, strict=True)
    frequency = np.fft.fftshift(equation.omega, axes=-1) / (2.0 * np.pi)
    return made.assign_coords(
        wavelength=("wave", list(lengths), {"units": "m"}),
        polarisation=("wave", list(letters)),
        frequency=(("wave", "detuning"), frequency, {"units": "Hz"}),
    )
