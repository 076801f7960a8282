"""Retrieved pulses: what programs of FROG and its relatives write."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qleap.core.delimited import TextTable
from qleap.core.errors import InvalidValue
from qleap.laser.pulses.arrays import sampled_from_spectrum, sampled_from_time
from qleap.laser.pulses.columns import (
    Axis,
    axis_of,
    column_index,
    find_column,
    finite_column,
    read_text_table,
)
from qleap.laser.pulses.sampled import SampledPulse

__all__ = ["read_frog"]

Floats = NDArray[np.float64]


def read_frog(
    path: str | os.PathLike[str],
    energy: float,
    *,
    wavelength: float | None = None,
    unit: str | None = None,
    phase_sign: int = 1,
    reverse_time: bool = False,
) -> SampledPulse:
    r"""Return the pulse in a file that a retrieval wrote.

    Parameters
    ----------
    path : path-like
        Columns of an axis, intensity and phase (rad), and perhaps the real and the
        imaginary part, as in ``Ek.dat`` (time, fs) and ``Speck.dat`` (wavelength, nm)
        of FROG programs.
    energy : float
        J, which no such file holds.
    wavelength : float, optional
        Of the carrier, m: needed for files over time.
    unit : str, optional
        Of the axis: fs, ps, nm, um, THz, rad/fs, ...
    phase_sign : {1, -1}
        1 where the file's phase belongs to an envelope on :math:`e^{-i\omega_0t}`, or
        in frequency to :math:`e^{+i\phi}` with a positive slope as a delay; -1
        where it belongs to the conjugate.
    reverse_time : bool
        Whether time runs the other way: second-harmonic FROG cannot tell.

    Returns
    -------
    SampledPulse
        Its ``notes`` say what was guessed.

    Notes
    -----
    The intensity of a ``Speck.dat`` is per frequency although its axis is the
    wavelength: it is the square of the real and the imaginary part beside it, which
    is checked where both are there.
    """
    file = Path(path)
    if phase_sign not in (1, -1):
        raise InvalidValue(f"phase_sign must be 1 or -1, got {phase_sign}.")
    table = read_text_table(file)
    if len(table.columns) < 3:
        raise InvalidValue(
            f"{file} must have the axis, the intensity and the phase, got "
            f"{len(table.columns)} columns; read_spectrum reads spectra without phase."
        )
    axis = axis_of(table, 0, unit, file=file)
    strength = find_column(table, r"int", [0]) or 1
    turned = find_column(table, r"phase|phi\b", [0, strength]) or 2
    intensity = np.maximum(finite_column(table, strength, file), 0.0)
    phase = phase_sign * finite_column(table, turned, file)
    notes = [*axis.notes, _check_parts(table, file, strength, turned)]
    notes.append(
        f"phase: taken with the sign {phase_sign:+d}; if chirp or time run the wrong "
        "way, change phase_sign or reverse_time"
    )
    if axis.quantity == "time":
        made = _over_time(axis, intensity, phase, wavelength, energy, file)
    else:
        order = np.argsort(axis.frequency)
        notes.append("density: per frequency")
        made = sampled_from_spectrum(
            axis.frequency[order],
            intensity[order],
            phase[order],
            energy=energy,
            wavelength=wavelength,
        )
    samples = made.samples
    if reverse_time:
        samples = np.roll(samples[::-1], 1).conj()
    said = tuple(f"{file.name}: {note}" for note in notes if note)
    return SampledPulse(grid=made.grid, samples=samples, notes=(*said, *made.notes))


def _over_time(
    axis: Axis,
    intensity: Floats,
    phase: Floats,
    wavelength: float | None,
    energy: float,
    file: Path,
) -> SampledPulse:
    if wavelength is None:
        raise InvalidValue(
            f"{file} is a pulse over time, which does not say its carrier; give "
            "wavelength (m)."
        )
    order = np.argsort(axis.values)
    envelope = np.sqrt(intensity[order]) * np.exp(1j * phase[order])
    return sampled_from_time(axis.values[order], envelope, wavelength, energy=energy)


def _check_parts(table: TextTable, file: Path, strength: int, turned: int) -> str:
    """Return a note where columns of a complex field do not agree with the others."""
    if len(table.columns) < 5:
        return ""
    rest = [k for k in range(1, len(table.columns)) if k not in (strength, turned)]
    real = table.columns[column_index(table, rest[0], file)]
    imaginary = table.columns[column_index(table, rest[1], file)]
    intensity = table.columns[strength]
    squared = real**2 + imaginary**2
    scale = max(float(squared.max()), 1e-300)
    off = np.abs(squared / scale - intensity / max(float(intensity.max()), 1e-300))
    if off.max() < 1e-2:
        return "columns: intensity is the square of the field beside it"
    return (
        "columns: intensity and the field beside it differ by up to "
        f"{off.max():.1g} of the peak; intensity and phase were taken"
    )
