"""What a gas does along a pulse: electrons, their current and its price."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results, style
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser._kernels import ionisation as kernels
from qleap.laser.ionisation.tables import RateTable

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["KIND", "ionise", "plot_ionisation"]

KIND = "ionisation"
"""What `ionise` makes, for `qleap.core.results.load`."""

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def ionise(
    time: ArrayLike,
    field: ArrayLike,
    table: RateTable,
    *,
    number_density: float,
    wavelength: float | None = None,
    collision_rate: float = 0.0,
    fraction0: float = 0.0,
) -> "xr.Dataset":
    """Return what a pulse does to a gas at one place, over time.

    Parameters
    ----------
    time : array-like
        s, in equal steps that resolve the field (real) or its envelope (complex).
    field : array-like
        V/m: real, or the complex envelope ``A`` of ``Re A exp(-i omega t)``.
    table : RateTable
        Momentary rates for a real field, cycle averages for an envelope.
    number_density : float
        Of atoms, 1/m^3.
    wavelength : float, optional
        Of an envelope's carrier, m.
    collision_rate : float
        Of the electrons, 1/s.
    fraction0 : float
        Ionised before the pulse.

    Returns
    -------
    xarray.Dataset
        ``field``, ``rate`` (1/s), ``electron_fraction``, ``electron_density`` (1/m^3)
        and ``current`` (A/m^2), which is that of the free electrons and the one that
        pays for their ionisation; of an envelope it is the envelope.

    Raises
    ------
    InvalidValue
        Where times are unequal, shapes differ, the table is of the other kind or too
        short, or a number has no sense.
    """
    t = checks.increasing("time", time, "s")
    step = (t[-1] - t[0]) / (t.size - 1)
    if np.abs(np.diff(t) - step).max() > 1e-6 * step:
        raise InvalidValue("time must go in equal steps; interpolate the field first.")
    values = np.asarray(field)
    if values.dtype.kind not in "iufc":
        raise InvalidKind(f"field must be numbers in V/m, got {field!r:.60}.")
    if values.shape != t.shape or not np.isfinite(values).all():
        raise InvalidValue(
            f"field must be finite and of the shape {t.shape} of time, got the shape "
            f"{values.shape}."
        )
    if not isinstance(table, RateTable):
        raise InvalidKind(
            f"table must be a RateTable, got {table!r:.60}; rate_table('Ar', "
            "wavelength=800e-9) makes one."
        )
    envelope = values.dtype.kind == "c"
    _check_kind(envelope, table, wavelength)
    density = checks.non_negative("number_density", number_density, "1/m^3")
    nu = checks.non_negative("collision_rate", collision_rate, "1/s")
    share = checks.probability("fraction0", fraction0)
    rate, fraction = np.empty((1, t.size)), np.empty((1, t.size))
    gas = (density, table.atom.ionisation_energy, nu, share)
    given = (table.cells, table.edges)
    current: Floats | Complex
    if wavelength is not None:
        a = np.ascontiguousarray(values, np.complex128)[None]
        length = checks.positive("wavelength", wavelength, "m")
        omega = 2.0 * np.pi * SPEED_OF_LIGHT / length
        above = kernels.envelope_rate_into(*given, a, rate)
        slow = np.empty_like(a)
        kernels.envelope_current_into(*given, a, step, omega, *gas, fraction, slow)
        current = slow[0]
    else:
        e = np.ascontiguousarray(values, np.float64)[None]
        above = kernels.rate_into(*given, e, rate)
        fast = np.empty_like(e)
        kernels.plasma_current_into(*given, e, step, *gas, fraction, fast)
        current = fast[0]
    table.refuse(above, float(np.abs(values).max()))
    return results.dataset(
        kind=KIND,
        coords={"time": (t, "s")},
        variables={
            "field": (("time",), values, "V/m"),
            "rate": (("time",), rate[0], "1/s"),
            "electron_fraction": (("time",), fraction[0], "1"),
            "electron_density": (("time",), density * fraction[0], "1/m^3"),
            "current": (("time",), current, "A/m^2"),
        },
        parameters={
            "atom": table.atom.name,
            "rates": table.source,
            "number_density": density,
            "wavelength": wavelength,
            "collision_rate": nu,
            "fraction0": share,
        },
    )


def _check_kind(envelope: bool, table: RateTable, wavelength: float | None) -> None:
    if envelope != table.cycle_average:
        raise InvalidValue(
            "table must hold cycle averages for a complex envelope and momentary rates "
            f"for a real field, got {table.source} with cycle_average="
            f"{table.cycle_average}; make it with cycle_average={envelope}."
        )
    if envelope != (wavelength is not None):
        raise InvalidValue(
            "wavelength must be given for a complex envelope, and for that alone, got "
            f"{wavelength!r}."
        )


def plot_ionisation(data: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the field, and on a second axis the ionised share, over time.

    Parameters
    ----------
    data : xarray.Dataset
        From `ionise`.
    ax : matplotlib.axes.Axes, optional

    Raises
    ------
    InvalidValue
        Where the dataset is of another kind.
    """
    if data.attrs.get("kind") != KIND:
        raise InvalidValue(
            f"data must be of the kind {KIND!r}, got {data.attrs.get('kind')!r}."
        )
    ax = style.axes(ax)
    time = data["time"].values * 1e15
    field = data["field"].values
    envelope = np.iscomplexobj(field)
    shown, unit = style.engineering(np.abs(field) if envelope else field, "V/m")
    if envelope:
        ax.fill_between(time, -shown, shown, alpha=0.4, linewidth=0.0)
    else:
        ax.plot(time, shown, linewidth=0.8)
    ax.set_xlabel(style.label("time", "fs"))
    ax.set_ylabel(style.label("field", unit))
    other = style.beside(ax)
    ionised = 100.0 * data["electron_fraction"].values
    other.plot(time, ionised, color=style.COLOURS[1])
    other.set_ylabel(style.label("ionised", "%"), color=style.COLOURS[1])
    other.set_ylim(bottom=0.0)
    lit = np.flatnonzero(np.abs(field) > 1e-3 * np.abs(field).max())
    if lit.size > 1:
        ax.set_xlim(time[lit[0]], time[lit[-1]])
    return ax
