"""Spectra from files."""

import os
from collections.abc import Sequence

import numpy as np

from qleap.core.errors import InvalidValue
from qleap.sensing.readers.columns import Columns, read_columns
from qleap.sensing.readers.quantities import FREQUENCY
from qleap.sensing.readers.tables import row_text
from qleap.sensing.spectrum import Spectrum

__all__ = ["read_spectrum"]


def read_spectrum(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[int | str] | None = None,
    unit: str | None = None,
    sort: bool = False,
    missing: str = "raise",
) -> Spectrum:
    """Return the spectrum in a text, NumPy, MATLAB, NetCDF, NeXus or HDF5 file.

    Parameters
    ----------
    path : path
    columns : sequence of int or str, optional
        Indices (from 0) or names of frequency, signal and, if wanted, error; by
        default they are guessed from names, else the first two.
    unit : str, optional
        Hz, kHz, MHz or GHz of the frequency; guessed from its name or size.
    sort : bool
        Sort the points and average repeated frequencies instead of refusing them.
    missing : str
        ``"raise"``, or ``"drop"``: rows in which a value is missing or infinite are
        left out, and ``notes`` say how many.

    Returns
    -------
    Spectrum
        Its ``notes`` say what was guessed.
    """
    found = read_columns(path, FREQUENCY, columns=columns, unit=unit, missing=missing)
    frequency, signal, error = found.x, found.y, found.error
    if np.all(np.diff(frequency) < 0.0):
        frequency, signal = frequency[::-1], signal[::-1]
        error = None if error is None else error[::-1]
        found.notes.append("the sweep runs downwards; turned round")
    label = found.file.name
    if sort:
        whole = Spectrum.sorted(frequency, signal, error, unit=found.unit, label=label)
        frequency, signal, error = whole.frequency, whole.signal, whole.error
    else:
        _refuse_disorder(frequency, found)
    return Spectrum(
        frequency=frequency,
        signal=signal,
        error=error,
        unit=found.unit,
        label=label,
        notes=tuple(found.notes),
    )


def _refuse_disorder(
    frequency: "np.typing.NDArray[np.float64]", found: Columns
) -> None:
    steps = np.diff(frequency)
    if np.all(steps > 0.0):
        return
    k = int(np.argmax(steps <= 0.0)) + 1
    raise InvalidValue(
        f"{found.file}, {row_text(found.table, k)}: frequency must increase strictly, "
        f"got {frequency[k]:.10g} Hz after {frequency[k - 1]:.10g} Hz; sort the points "
        "and average repeats (--sort, or sort=True)."
    )
