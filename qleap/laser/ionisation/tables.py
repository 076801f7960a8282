"""Rates as tables that are read in a nanosecond: from a theory, or from a file."""

import hashlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from qleap.core import checks
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.delimited import decode, parse_text
from qleap.core.errors import InvalidValue, StorageError
from qleap.laser._kernels import ionisation as kernels
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.multiphoton import ppt
from qleap.laser.ionisation.states import resolve
from qleap.laser.ionisation.tunnelling import adk

__all__ = ["FIELD_UNITS", "RateTable", "rate_table", "read_rates", "tabulated_rates"]

Floats = NDArray[np.float64]

LOWEST_RATE: Final = 1e-3
"""1/s; in a nanosecond such a rate ionises one atom in 1e12."""

SEARCHED = 4000
"""Fields among which the lowest one is looked for."""

INSIDE: Final = (0.0, 0.25, 0.75, 1.0)
"""Places in a cell where its cubic has the very rate."""

MODELS: Final[dict[str, tuple[Callable[..., Floats], tuple[str, ...]]]] = {
    "adk": (adk, ("m", "electrons", "amplitude", "barrier_suppression")),
    "ppt": (
        ppt,
        ("m", "electrons", "amplitude", "coulomb", "thresholds", "stark_shift"),
    ),
}

FIELD_UNITS: Final = ("V/m", "V/cm", "au", "W/cm^2", "W/m^2")
"""Units of the first column of a file; intensities are those at the field's peak."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RateTable:
    """The logarithm of a rate as piecewise cubics over the squared field.

    Made by `rate_table`, `tabulated_rates` or `read_rates`.

    Parameters
    ----------
    atom : Atom
        What is ionised.
    cycle_average : bool
        Whether the rates are averages over a cycle, for envelopes, or momentary ones,
        for real fields.
    cells : array ``(4, n_cells)``
        Coefficients of 1, t, t^2, t^3 of the logarithm, with t from 0 to 1 in a cell.
    edges : array ``(2,)``
        Lowest and highest squared field, (V/m)^2.
    error : float
        Largest relative error of a rate found at three places in every cell.
    source : str
        What the rates are.
    """

    atom: Atom
    cycle_average: bool
    cells: Floats
    edges: Floats
    error: float
    source: str

    @property
    def lowest_field(self) -> float:
        """Field below which the rate is zero, V/m."""
        return math.sqrt(self.edges[0])

    @property
    def highest_field(self) -> float:
        """Field above which the table ends, V/m."""
        return math.sqrt(self.edges[1])

    def parameters(self) -> dict[str, object]:
        """Return what tells this table from any other one, as JSON takes it."""
        values = np.concatenate([self.cells.ravel(), self.edges])
        return {
            "source": self.source,
            "ionisation_energy": self.atom.ionisation_energy,
            "cycle_average": self.cycle_average,
            "values_sha256": hashlib.sha256(values.tobytes()).hexdigest(),
        }

    def __call__(self, field: ArrayLike) -> Floats:
        """Return the rates (1/s) of real fields, or of complex envelopes, V/m.

        Raises
        ------
        InvalidValue
            Where a field lies above the table or is not finite.
        """
        given = np.asarray(field)
        magnitude = np.abs(given).astype(np.float64)
        if not np.isfinite(magnitude).all():
            raise InvalidValue(f"field must be finite in V/m, got {field!r:.60}.")
        out = np.empty((1, magnitude.size))
        above = kernels.rate_into(self.cells, self.edges, magnitude.reshape(1, -1), out)
        self.refuse(above, float(magnitude.max(initial=0.0)))
        return out.reshape(magnitude.shape)

    def refuse(self, above: int, largest: float) -> None:
        """Raise where ``above`` points, up to ``largest`` (V/m), are too high."""
        if above > 0:
            raise InvalidValue(
                f"field must be <= {self.highest_field:.4g} V/m in this table of "
                f"{self.atom.name}, got {largest:.4g} V/m ({above} points); make one "
                "with a larger highest_field, or check the peak intensity."
            )


def rate_table(
    atom: Atom | str,
    model: str = "ppt",
    *,
    wavelength: float | None = None,
    cycle_average: bool = False,
    highest_field: float | None = None,
    **options: Any,
) -> RateTable:
    """Return the table of a theory's rates; the same call returns the same table.

    Parameters
    ----------
    atom : Atom or str
        Or a name of `ATOMS`.
    model : str
        ``"ppt"`` or ``"adk"``.
    wavelength : float, optional
        In vacuum, m; for ``"ppt"``.
    cycle_average : bool
        True for envelopes, False for real fields.
    highest_field : float, optional
        V/m; by default four times the barrier-suppression field.
    **options
        Of `ppt` or `adk`, with the defaults of these; but ``thresholds`` is false
        for real fields, since the momentary field of a cycle has no channels.

    Notes
    -----
    The table begins where the rate exceeds 1e-3 1/s. Cells are 0.4 % wide in the field
    or less. Smooth rates come out to 1e-7 or better. Where channels close the rate
    falls by tens of per cent within a cell, and the largest error is of that size
    (``error``), while 99 % of all fields are good to 2 %.

    Raises
    ------
    InvalidValue
        Where the model or an option is unknown, a wavelength is missing, or the highest
        field ionises nothing.
    """
    function, known = MODELS[checks.one_of("model", model, tuple(MODELS))]
    checks.known_keys(f"rate_table of {model}", options, known)
    if (model == "ppt") != (wavelength is not None):
        raise InvalidValue(
            "wavelength must be given for model='ppt', and for that alone, got "
            f"{wavelength!r} with model={model!r}."
        )
    if model == "ppt":
        options = {"thresholds": cycle_average, **options}
    who = resolve(atom)
    high = 4.0 * who.barrier_suppression_field
    if highest_field is not None:
        high = checks.positive("highest_field", highest_field, "V/m")
    key = tuple(sorted(options.items()))
    return _stored(function, who, wavelength, cycle_average, high, key)


@lru_cache(maxsize=32)
def _stored(
    function: Callable[..., Floats],
    who: Atom,
    wavelength: float | None,
    cycle_average: bool,
    high: float,
    options: tuple[tuple[str, Any], ...],
) -> RateTable:
    place = () if wavelength is None else (wavelength,)

    def log_rate(field: Floats) -> Floats:
        rate = function(
            field, who, *place, cycle_average=cycle_average, **dict(options)
        )
        with np.errstate(divide="ignore"):
            return np.log(rate)

    fields = np.geomspace(1e-4 * high, high, SEARCHED)
    seen = log_rate(fields) >= math.log(LOWEST_RATE)
    if not seen[-1]:
        raise InvalidValue(
            f"highest_field must ionise {who.name} at more than {LOWEST_RATE:g} 1/s, "
            f"got {high:.4g} V/m."
        )
    low = float(fields[np.flatnonzero(~seen)[-1] + 1 if not seen.all() else 0])
    words = [f"{name}={value!r}" for name, value in options]
    if wavelength is not None:
        words.insert(0, f"wavelength={wavelength:g} m")
    source = ", ".join([f"{function.__name__} of {who.name}", *words])
    return _build(log_rate, low, high, who, cycle_average, source)


def tabulated_rates(
    field: ArrayLike,
    rate: ArrayLike,
    atom: Atom | str,
    *,
    cycle_average: bool,
    source: str = "arrays",
) -> RateTable:
    """Return a table of given rates.

    Between the points the logarithm of the rate over that of the field is a cubic that
    rises and falls only where the points do (Fritsch and Butland, SIAM J. Sci. Stat.
    Comput. 5, 300 (1984)). Below the first point the rate is zero.

    Parameters
    ----------
    field, rate : array-like
        Increasing fields (V/m) and their rates (1/s), all above zero.
    atom : Atom or str
        What is ionised: its energy is the price of an electron.
    cycle_average : bool
        Whether the rates are averages over a cycle.
    source : str
        Where they are from.

    Raises
    ------
    InvalidValue
        Where fields do not increase, values are not above zero or counts differ.
    """
    fields = checks.increasing("field", field, "V/m", min_size=4)
    rates = checks.vector("rate", rate, "1/s")
    if rates.size != fields.size:
        raise InvalidValue(
            f"rate must have one value for each field, got {rates.size} rates and "
            f"{fields.size} fields."
        )
    for name, values in (("field", fields), ("rate", rates)):
        if (values <= 0.0).any():
            raise InvalidValue(
                f"{name} must be > 0 everywhere, got {values.min():g}; leave out the "
                "points that ionise nothing."
            )
    curve = PchipInterpolator(np.log(fields), np.log(rates))
    first, last = math.log(fields[0]), math.log(fields[-1])

    def log_rate(x: Floats) -> Floats:
        return np.asarray(curve(np.clip(np.log(x), first, last)))

    return _build(log_rate, fields[0], fields[-1], resolve(atom), cycle_average, source)


def read_rates(
    path: str | os.PathLike[str],
    atom: Atom | str,
    *,
    field_unit: str,
    rate_unit: str = "1/s",
    cycle_average: bool,
) -> RateTable:
    """Return the table of the rates in a text file of columns, field and rate first.

    Parameters
    ----------
    path : path-like
        Columns separated by spaces, tabs, commas or semicolons, below any lines of
        words; lines that begin with ``#`` are skipped. Columns after the second are
        not read.
    atom : Atom or str
        What is ionised.
    field_unit : str
        One of `FIELD_UNITS`.
    rate_unit : str
        ``"1/s"``, ``"1/fs"`` or ``"au"``.
    cycle_average : bool
        Whether the rates are averages over a cycle.

    Raises
    ------
    StorageError
        Where the file cannot be read or has fewer than two columns of numbers.
    InvalidValue
        Where a unit is unknown or a value has no sense.
    """
    checks.one_of("field_unit", field_unit, FIELD_UNITS)
    scale = {"1/s": 1.0, "1/fs": 1e15, "au": 1.0 / ATOMIC_TIME}
    checks.one_of("rate_unit", rate_unit, tuple(scale))
    file = Path(path)
    try:
        text = decode(file.read_bytes())[0].lstrip("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{path} must be a text file of columns of numbers, field and rate "
            f"({error})."
        ) from error
    columns = parse_text(text.replace("\r\n", "\n").replace("\r", "\n"), file).columns
    if len(columns) < 2:
        raise StorageError(
            f"{path} must have two columns of numbers or more, field and rate, got "
            f"{len(columns)}; check the delimiter."
        )
    order = np.argsort(columns[0], kind="stable")
    field, rate = columns[:2, order]
    return tabulated_rates(
        _volts_per_metre(field, field_unit),
        rate * scale[rate_unit],
        atom,
        cycle_average=cycle_average,
        source=str(path),
    )


def _volts_per_metre(values: Floats, unit: str) -> Floats:
    if unit.startswith("W"):
        intensity = values * (1e4 if unit == "W/cm^2" else 1.0)
        return np.sqrt(2.0 * intensity / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    return values * {"V/m": 1.0, "V/cm": 100.0, "au": ATOMIC_ELECTRIC_FIELD}[unit]


def _build(
    log_rate: Callable[[Floats], Floats],
    low: float,
    high: float,
    atom: Atom,
    cycle_average: bool,
    source: str,
) -> RateTable:
    """Return the table between two fields, widened to whole cells."""
    ends = np.array([low**2, high**2]).view(np.int64) >> kernels.SHIFT
    numbers = np.arange(ends[0], ends[1] + 2, dtype=np.int64)
    nodes = (numbers << kernels.SHIFT).view(np.float64)
    width = np.diff(nodes)
    # Four points in each cell, its ends among them: cusps of the rate stay in theirs.
    points = [log_rate(np.sqrt(nodes[:-1] + part * width)) for part in INSIDE]
    cells = np.linalg.solve(np.vander(INSIDE, 4, increasing=True), np.stack(points))
    worst = 0.0
    for part in (0.1, 0.5, 0.9):
        true = log_rate(np.sqrt(nodes[:-1] + part * width))
        found = cells[0] + part * (cells[1] + part * (cells[2] + part * cells[3]))
        worst = max(worst, float(np.abs(np.expm1(found - true)).max()))
    cells.setflags(write=False)
    edges = np.array([nodes[0], np.nextafter(nodes[-1], 0.0)])
    edges.setflags(write=False)
    return RateTable(
        atom=atom,
        cycle_average=cycle_average,
        cells=cells,
        edges=edges,
        error=worst,
        source=source,
    )
