"""Measured spectra, with or without a phase, from text files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.delimited import TextTable
from qleap.core.errors import InvalidValue
from qleap.laser.pulses.arrays import sampled_from_spectrum
from qleap.laser.pulses.columns import (
    SPECTRAL,
    Axis,
    axis_of,
    column_index,
    find_column,
    finite_column,
    read_text_table,
)
from qleap.laser.pulses.sampled import SampledPulse

__all__ = ["MeasuredSpectrum", "read_spectrum"]

Floats = NDArray[np.float64]

Per = Literal["wavelength", "frequency"]


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredSpectrum:
    """A spectrum from a file, over frequency.

    Parameters
    ----------
    frequency : ndarray, shape (n,)
        Increasing, Hz.
    density : ndarray, shape (n,)
        Energy per frequency, 1 at its peak.
    phase : ndarray, shape (n,), or None
        On exp(+i phase), rad.
    notes : tuple of str
        What was guessed, and how to say otherwise.
    """

    frequency: Floats
    density: Floats
    phase: Floats | None
    notes: tuple[str, ...]

    def pulse(
        self, energy: float, *, wavelength: float | None = None, centred: bool = True
    ) -> SampledPulse:
        """Return the pulse, at its transform limit where the file has no phase.

        Parameters
        ----------
        energy : float
            J.
        wavelength, centred
            As of `sampled_from_spectrum`.
        """
        made = sampled_from_spectrum(
            self.frequency,
            self.density,
            self.phase,
            energy=energy,
            wavelength=wavelength,
            centred=centred,
        )
        return SampledPulse(
            grid=made.grid, samples=made.samples, notes=(*self.notes, *made.notes)
        )


def read_spectrum(
    path: str | os.PathLike[str],
    *,
    unit: str | None = None,
    columns: Sequence[int | str] | None = None,
    per: Per | None = None,
    decibel: bool | None = None,
    phase_file: str | os.PathLike[str] | None = None,
    phase_sign: int = 1,
    background: float = 0.0,
) -> MeasuredSpectrum:
    r"""Return the spectrum in a text file of columns (CSV, TSV, DAT).

    Parameters
    ----------
    path : path-like
    unit : str, optional
        Of the axis: nm, um, THz, PHz, Hz, rad/fs, eV, 1/cm, ...; by default from the
        column's name or the size of its values.
    columns : sequence of int or str, optional
        Numbers (from 0) or names of the axis, the density, and perhaps the phase.
    per : {"wavelength", "frequency"}, optional
        What the density is per; by default per wavelength where that is the axis, as
        spectrometers give it. It is then multiplied by :math:`\lambda^2/c`.
    decibel : bool, optional
        Whether the density is in dB; by default where its name says so, or its
        values lie between -200 and 30 and mostly below zero.
    phase_file : path-like, optional
        Another file, of an axis and a phase (rad), which is interpolated.
    phase_sign : {1, -1}
        -1 where the file's phase belongs to :math:`e^{-i\phi}`: its sign is turned.
    background : float
        Share of the peak that is taken off the density.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where its columns make no spectrum; the sentence says what was guessed.
    """
    file = Path(path)
    if phase_sign not in (1, -1):
        raise InvalidValue(f"phase_sign must be 1 or -1, got {phase_sign}.")
    table = read_text_table(file)
    at, strength, third = _chosen(table, file, columns)
    axis = axis_of(table, at, unit, file=file)
    if axis.quantity not in SPECTRAL:
        raise InvalidValue(
            f"{file} must have a spectral axis, but {axis.notes or [unit]}; name the "
            "unit, or take read_frog for a pulse over time."
        )
    notes = [*axis.notes, _said(table, at, strength, third)]
    density = _linear(table, strength, file, decibel, notes)
    density = density / density.max() - checks.between("background", background, 0, 1)
    density = _per_frequency(axis, density, per, notes)
    phase = None if third is None else phase_sign * finite_column(table, third, file)
    frequency, density, phase = _sorted(axis.frequency, density, phase, file)
    if phase_file is not None:
        phase = phase_sign * _other_phase(Path(phase_file), frequency, notes)
    if phase is not None and third is not None:
        notes.append("phase: in rad, on exp(+i phase) and exp(-i omega t)")
    return MeasuredSpectrum(
        frequency=frequency,
        density=density / density.max(),
        phase=phase,
        notes=tuple(f"{file.name}: {note}" for note in notes),
    )


def _chosen(
    table: TextTable, file: Path, columns: Sequence[int | str] | None
) -> tuple[int, int, int | None]:
    if columns is not None:
        if len(columns) not in (2, 3):
            raise InvalidValue(
                "columns must name the axis, the density and perhaps the phase, got "
                f"{len(columns)} names."
            )
        found = [column_index(table, one, file) for one in columns]
        return found[0], found[1], found[2] if len(found) > 2 else None
    phase = find_column(table, r"phase|phi\b|φ", [0])
    strength = find_column(
        table, r"int|spec|count|power|psd|dens|signal|\bS\b|amp", [0, phase or 0]
    )
    if strength is None:
        strength = next(k for k in (1, 2) if k != phase)
    if phase is None and len(table.columns) == 3 and not any(table.names):
        phase = 2
    return 0, strength, phase


def _said(table: TextTable, at: int, strength: int, phase: int | None) -> str:
    def shown(k: int) -> str:
        return repr(table.names[k]) if table.names[k] else f"column {k}"

    said = f"columns: axis = {shown(at)}, density = {shown(strength)}"
    said += "" if phase is None else f", phase = {shown(phase)}"
    rest = [
        shown(k) for k in range(len(table.columns)) if k not in (at, strength, phase)
    ]
    return said + (f"; not used: {', '.join(rest)}" if rest else "")


def _linear(
    table: TextTable, column: int, file: Path, decibel: bool | None, notes: list[str]
) -> Floats:
    values = finite_column(table, column, file)
    if decibel is None:
        named = "db" in table.names[column].lower()
        sized = -200.0 < values.min() < -15.0 and values.max() < 30.0
        decibel = named or (sized and float(np.mean(values < 0.0)) > 0.5)
        if decibel:
            why = "name" if named else "size"
            notes.append(f"density: in dB, from its {why} (decibel=False if not)")
    linear = 10.0 ** (0.1 * (values - values.max())) if decibel else values
    if linear.max() <= 0.0:
        raise InvalidValue(
            f"{file}: the density must be above zero somewhere, but column {column} "
            f"reaches {values.max():.4g} at most; name the columns."
        )
    return np.asarray(linear)


def _per_frequency(
    axis: Axis, density: Floats, per: Per | None, notes: list[str]
) -> Floats:
    if per is None:
        per = "wavelength" if axis.quantity == "wavelength" else "frequency"
        notes.append(f"density: taken per {per} (per= says otherwise)")
    checks.one_of("per", per, ("wavelength", "frequency"))
    if per == "frequency":
        return density
    return np.asarray(density * SPEED_OF_LIGHT / axis.frequency**2)


def _sorted(
    frequency: Floats, density: Floats, phase: Floats | None, file: Path
) -> tuple[Floats, Floats, Floats | None]:
    order = np.argsort(frequency, kind="stable")
    rising = frequency[order]
    twice = np.flatnonzero(np.diff(rising) <= 0.0)
    if twice.size or rising[0] <= 0.0:
        place = rising[twice[0]] if twice.size else rising[0]
        raise InvalidValue(
            f"{file}: the axis must have every place once and all above zero, got "
            f"{place:.6g} Hz; merge repeats and remove the others."
        )
    return rising, density[order], None if phase is None else phase[order]


def _other_phase(file: Path, frequency: Floats, notes: list[str]) -> Floats:
    from scipy.interpolate import PchipInterpolator

    table = read_text_table(file)
    axis = axis_of(table, 0, None, file=file)
    column = find_column(table, r"phase|phi\b|φ", [0]) or 1
    order = np.argsort(axis.frequency)
    phase = np.unwrap(finite_column(table, column, file)[order])
    places = axis.frequency[order]
    curve = PchipInterpolator(places, phase)
    notes += [f"{file.name}: {note}" for note in axis.notes]
    notes.append(f"phase: from {file.name}, held constant beyond its ends")
    return np.asarray(curve(np.clip(frequency, places[0], places[-1])))
