"""Measured traces from files: a matrix with its axes beside it or apart, or columns."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import PLANCK, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.metrology.ambiguities import has_direction
from qleap.laser.metrology.matrices import read_columns, read_matrix
from qleap.laser.metrology.schemes import HARMONICS, Frog, Scheme, check_scheme
from qleap.laser.metrology.trace_columns import matrix_of_columns, spectral_is_first
from qleap.laser.metrology.traces import Trace
from qleap.laser.pulses.columns import SPECTRAL, UNITS

__all__ = ["read_trace"]

Floats = NDArray[np.float64]

CORNER: Final = 16
"""A corner is so small a part of each side."""

SHORTEST: Final = 2.0
"""Largest delay (fs) with which femtoseconds are not believed."""

SMALLEST_FRAME: Final = 4
"""Least rows and columns of a matrix with its axes."""

PARAMETER_UNITS: Final = {
    "delay": UNITS["time"],
    "insertion": {"mm": 1e-3, "um": 1e-6, "cm": 1e-2, "m": 1.0},
    "shift": {"rad": 1.0, "deg": np.pi / 180.0, "pi": np.pi},
}
"""SI size of the units that a scheme's parameter may have, the usual one first."""


@dataclass(kw_only=True)
class _Raw:
    """What stands in the files, before units; rows belong to ``parameter``."""

    parameter: Floats
    spectral: Floats
    intensity: Floats
    notes: list[str] = field(default_factory=list)


def read_trace(
    path: str | os.PathLike[str],
    *,
    scheme: Scheme | None = None,
    axes: str | os.PathLike[str] | Sequence[object] | None = None,
    units: tuple[str | None, str | None] = (None, None),
    wavelength: float | None = None,
    rows: str | None = None,
    per: str | None = None,
    background: float | None = None,
    centre: bool = True,
) -> Trace:
    r"""Return the trace in a file, with what was guessed in its ``notes``.

    Parameters
    ----------
    path : path-like
        Text (CSV, TSV, white space) or HDF5 (plain, or compressed as pypret does):
        a matrix; a matrix whose first row and column are its axes; or three columns,
        parameter, spectral axis and intensity, in any order.
    scheme : Scheme
        By default second-harmonic `Frog`.
    axes : path-like or pair, optional
        Where a bare matrix has its axes: a file with two columns, or two of arrays and
        files of one column each, the parameter's first. An array is in SI units.
    units : tuple of str, optional
        Of the parameter (fs, mm, rad, ...) and the spectral axis (nm, THz, rad/fs,
        eV, ...); guessed by size without.
    wavelength : float, optional
        Of the pulse's carrier, m; by default that of the middle of the trace. Needed
        where the spectral axis counts from the carrier.
    rows : {"parameter", "spectral"}, optional
        What changes from row to row of a matrix, or which axis comes first of three
        columns. By default what fits the axes; of a square matrix for second-harmonic
        FROG, the axis along which it is even.
    per : {"wavelength", "frequency"}, optional
        What the intensity is per; by default per wavelength where that is the axis.
    background : float, optional
        Share of the peak that is taken off; by default the median of the four corners.
    centre : bool
        Whether delays count from the middle of the trace, for second-harmonic FROG.

    Raises
    ------
    StorageError
        Where a file cannot be read.
    InvalidValue
        Where its numbers make no trace; the sentence says what is needed.
    """
    done = Frog() if scheme is None else check_scheme(scheme)
    if rows is not None:
        checks.one_of("rows", rows, ("parameter", "spectral"))
    if wavelength is not None:
        checks.between("wavelength", wavelength, 1e-9, 1e-3, "m")
    file = Path(path)
    raw = _raw(file, done, axes, rows)
    parameter = _scaled(raw, done, units[0])
    frequency, intensity = _spectral(raw, done, units[1], wavelength, per, file)
    order, columns = np.argsort(parameter), np.argsort(frequency)
    parameter, frequency = parameter[order], frequency[columns]
    intensity = intensity[np.ix_(order, columns)]
    intensity = _without_background(intensity, background, raw.notes)
    carrier = wavelength
    if carrier is None:
        marginal = np.maximum(intensity.sum(axis=0), 0.0)
        bright = marginal > 0.1 * marginal.max()
        middle = float(np.average(frequency[bright], weights=marginal[bright]))
        carrier = HARMONICS[done.nonlinearity] * SPEED_OF_LIGHT / middle
        raw.notes.append(f"wavelength: {carrier:.5g} m, of the middle of the trace")
    if centre and not has_direction(done):
        marginal = np.maximum(intensity.sum(axis=1), 0.0)
        bright = marginal > 0.05 * marginal.max()
        middle = float(np.average(parameter[bright], weights=marginal[bright]))
        parameter = parameter - middle
        raw.notes.append(f"delay: counted from the middle, {middle:.4g} s")
    return Trace(
        scheme=done,
        values=parameter,
        frequency=frequency,
        intensity=intensity / intensity.max(),
        wavelength=carrier,
        notes=tuple(f"{file.name}: {note}" for note in raw.notes),
    )


def _raw(
    file: Path,
    scheme: Scheme,
    axes: object,
    rows: str | None,
) -> _Raw:
    table = read_matrix(file)
    if axes is None and table.shape[1] == 3 and table.shape[0] > 9:
        return _from_columns(table, scheme, rows, file)
    if axes is None:
        _check_framed(table, file)
        first, second, body = table[1:, 0], table[0, 1:], table[1:, 1:]
        if not (_monotonic(first) and _monotonic(second)):
            raise InvalidValue(
                f"{file} must hold three columns, or a matrix whose first row and "
                "column are its axes, and does not; give axes=."
            )
        pair = [first, second]
        notes = ["axes: the first row and column of the matrix"]
        turn = _is_spectral(first)
        if rows is None and turn and _is_spectral(second):
            raise InvalidValue(
                f"{file}: both axes are above zero, so nothing tells which is the "
                f"{scheme.axis[0]}; give rows='parameter' or rows='spectral'."
            )
        if rows is None and turn != _is_spectral(second):
            pair = [second, first] if turn else [first, second]
            body = body.T if turn else body
            notes.append(f"rows: {_rows(turn)}, from the size of its values")
            return _Raw(
                parameter=pair[0], spectral=pair[1], intensity=body, notes=notes
            )
        if rows == "spectral":
            pair, body = [second, first], body.T
        return _Raw(parameter=pair[0], spectral=pair[1], intensity=body, notes=notes)
    parameter, spectral, notes = _axes_apart(axes, scheme)
    raw = _Raw(parameter=parameter, spectral=spectral, intensity=table, notes=notes)
    return _oriented(raw, scheme, rows, file)


def _check_framed(table: Floats, file: Path) -> None:
    if min(table.shape) < SMALLEST_FRAME:
        raise InvalidValue(
            f"{file} must hold three columns, or a matrix of at least 3 rows and "
            f"columns beside its axes, got {table.shape[0]} x {table.shape[1]} numbers."
        )


def _from_columns(table: Floats, scheme: Scheme, rows: str | None, file: Path) -> _Raw:
    """Return the matrix that a list of points makes up."""
    first, second, body, pair = matrix_of_columns(table, file)
    turn, by = rows == "spectral", "as rows= says"
    if rows is None:
        turn = _is_spectral(first)
        if turn and _is_spectral(second):
            raise InvalidValue(
                f"{file}: columns {pair[0]} and {pair[1]} are both above zero, so "
                f"nothing tells which is the {scheme.axis[0]}; give rows='parameter', "
                "where it comes first, or rows='spectral'."
            )
        by = "from the size of their values"
    said = ["parameter", "spectral axis"]
    said = said[::-1] if turn else said
    said.insert(3 - sum(pair), "intensity")
    notes = [f"columns: {', '.join(said)}, {by}"]
    if turn:
        return _Raw(parameter=second, spectral=first, intensity=body.T, notes=notes)
    return _Raw(parameter=first, spectral=second, intensity=body, notes=notes)


def _axes_apart(axes: object, scheme: Scheme) -> tuple[Floats, Floats, list[str]]:
    if isinstance(axes, str | os.PathLike):
        columns = read_columns(Path(axes))
        if len(columns) != 2:
            raise InvalidValue(
                f"{axes} must have two columns, the axes, got {len(columns)}."
            )
        given = list(columns)
        name = Path(axes).name
        about_zero = not (_is_spectral(given[0]) or _is_spectral(given[1]))
        if about_zero:  # rad/fs beside fs, THz beside fs
            swapped = spectral_is_first(given, scheme, name)
        else:
            swapped = _is_spectral(given[0]) and not _is_spectral(given[1])
        order = "spectral axis, parameter" if swapped else "parameter, spectral axis"
        given = given[::-1] if swapped else given
        return given[0], given[1], [f"axes: columns of {name} are {order}"]
    if not isinstance(axes, Sequence) or len(axes) != 2:
        raise InvalidValue(
            f"axes must be a file or a pair of arrays or files, got {axes!r:.60}."
        )
    found = [
        read_columns(Path(one))[0]
        if isinstance(one, str | os.PathLike)
        else checks.vector("axes", one)
        for one in axes
    ]
    return found[0], found[1], []


def _oriented(raw: _Raw, scheme: Scheme, rows: str | None, file: Path) -> _Raw:
    """Turn the matrix so that its rows belong to the parameter."""
    wanted = (raw.parameter.size, raw.spectral.size)
    shape = raw.intensity.shape
    if sorted(shape) != sorted(wanted):
        raise InvalidValue(
            f"{file} must have the shape {wanted} of its axes, or the other way "
            f"around, got {shape}."
        )
    if rows is not None:
        turn = rows == "spectral"
    elif shape[0] != shape[1]:
        turn = shape != wanted
        raw.notes.append(f"rows: {_rows(turn)}, by their number")
    elif not has_direction(scheme):
        turn = _oddness(raw.intensity.T) < _oddness(raw.intensity)
        raw.notes.append(f"rows: {_rows(turn)}, as the trace is even in the delay so")
    else:
        turn = False
        raw.notes.append("rows: taken as the parameter (rows= says otherwise)")
    raw.intensity = raw.intensity.T if turn else raw.intensity
    return raw


def _rows(turned: bool) -> str:
    return "spectral axis" if turned else "parameter"


def _oddness(matrix: Floats) -> float:
    """Return how far a matrix is from being even along its first axis."""
    marginal = np.maximum(matrix.sum(axis=1), 0.0)
    place = np.arange(marginal.size)
    middle = float(np.average(place, weights=marginal))
    mirrored = np.array(
        [np.interp(2.0 * middle - place, place, column) for column in matrix.T]
    ).T
    return float(np.sum((matrix - mirrored) ** 2) / np.sum(matrix**2))


def _monotonic(axis: Floats) -> bool:
    steps = np.diff(axis)
    return bool(np.all(steps > 0.0) or np.all(steps < 0.0))


def _is_spectral(axis: Floats) -> bool:
    """Return whether values are above zero, as wavelengths and frequencies are."""
    return bool(axis.min() > 0.0)


def _scaled(raw: _Raw, scheme: Scheme, unit: str | None) -> Floats:
    name = scheme.axis[0]
    known = PARAMETER_UNITS[name]
    if unit is None:
        largest = float(np.abs(raw.parameter).max())
        small = {"delay": 1e-6, "insertion": 0.5, "shift": 0.0}[name]
        base = {"delay": "s", "insertion": "m", "shift": "rad"}[name]
        if name == "delay" and small < largest < SHORTEST:
            raise InvalidValue(
                f"nothing tells the unit of delays up to {largest:.3g}: in fs they "
                "would be less than a cycle; give units=('ps', ...) or 'fs'."
            )
        unit = next(iter(known)) if largest > small and name != "shift" else base
        raw.notes.append(f"{name}: in {unit}, from the size of its values")
    checks.one_of("units[0]", unit, tuple(known))
    return np.asarray(raw.parameter * known[unit])


def _spectral(
    raw: _Raw,
    scheme: Scheme,
    unit: str | None,
    wavelength: float | None,
    per: str | None,
    file: Path,
) -> tuple[Floats, Floats]:
    """Return frequencies (Hz) and the intensity per frequency."""
    quantity, scale = _spectral_unit(raw, unit, file)
    axis = raw.spectral * scale
    if axis.min() <= 0.0:
        if wavelength is None or quantity == "wavelength":
            raise InvalidValue(
                f"{file}: a spectral axis from {axis.min():.4g} counts from the "
                "carrier; give wavelength (m) and the unit of a frequency."
            )
        centre = HARMONICS[scheme.nonlinearity] * SPEED_OF_LIGHT / wavelength
        raw.notes.append(f"frequency: counted from the carrier, {centre:.6g} Hz")
    else:
        centre = 0.0
    factor = {
        "frequency": 1.0,
        "angular frequency": 1.0 / (2.0 * np.pi),
        "wave number": SPEED_OF_LIGHT,
        "photon energy": 1.0 / PLANCK,
    }
    if quantity == "wavelength":
        frequency = SPEED_OF_LIGHT / axis
    else:
        frequency = centre + axis * factor[quantity]
    density = "wavelength" if quantity == "wavelength" else "frequency"
    if per is None:
        per = density
        raw.notes.append(f"intensity: taken per {per} (per= says otherwise)")
    checks.one_of("per", per, ("wavelength", "frequency"))
    weight = frequency**-2 if per == "wavelength" else np.ones(frequency.size)
    return frequency, raw.intensity * (weight / weight.max())


def _spectral_unit(raw: _Raw, unit: str | None, file: Path) -> tuple[str, float]:
    if unit is None:
        middle = float(np.median(raw.spectral))
        guesses = (
            (50.0, 3e4, "nm"), (1e-8, 1e-3, "m"), (0.2, 0.05e2, "um"),
            (1e13, 1.3e15, "Hz"), (1.3e15, 1e18, "rad/s"),
        )  # fmt: skip
        unit = next((u for low, high, u in guesses if low <= middle < high), None)
        if unit is None or raw.spectral.min() <= 0.0:
            raise InvalidValue(
                f"{file}: nothing tells what a spectral axis about {middle:.4g} is; "
                "give units=(None, 'nm'), 'THz', 'rad/fs', 'eV', ..."
            )
        raw.notes.append(f"spectral axis: in {unit}, from the size of its values")
    for quantity in SPECTRAL:
        if unit in UNITS[quantity]:
            return quantity, UNITS[quantity][unit]
    every = [known for quantity in SPECTRAL for known in UNITS[quantity]]
    raise InvalidValue(f"units[1] must be one of {', '.join(every)}, got {unit!r}.")


def _without_background(
    intensity: Floats, background: float | None, notes: list[str]
) -> Floats:
    if background is not None:
        level = checks.between("background", background, 0.0, 1.0) * intensity.max()
        return np.asarray(intensity - level)
    a, b = (max(side // CORNER, 1) for side in intensity.shape)
    corners = [intensity[i, j] for i in (slice(a), slice(-a, None))
               for j in (slice(b), slice(-b, None))]  # fmt: skip
    level = float(np.median(np.concatenate([one.ravel() for one in corners])))
    share = level / float(intensity.max())
    notes.append(f"background: {share:.2g} of the peak, the corners' median, taken off")
    return np.asarray(intensity - level)
