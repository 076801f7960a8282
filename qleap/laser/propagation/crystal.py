"""One call that sends pulses through a crystal with a second-order response."""

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue, QleapWarning
from qleap.laser.grid import FieldGrid
from qleap.laser.media.crystals import Crystal
from qleap.laser.media.mixing import ThreeWaveMixing
from qleap.laser.propagation.crystal_equation import Absorption, CrystalEquation, Cut
from qleap.laser.propagation.crystal_evolution import KIND, crystal_evolution
from qleap.laser.propagation.crystal_grid import first_grid, widened
from qleap.laser.propagation.crystal_processes import (
    Line,
    direction,
    matched,
    mixings,
    new_lines,
)
from qleap.laser.propagation.given import check_band_input, check_kind
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.quadratic import Poling
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, Task, carry_out
from qleap.laser.propagation.strength import check_cubic, check_quadratic
from qleap.laser.propagation.time_grid import EDGE, crossed_edges, entering
from qleap.laser.pulses.light import check_light

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.pulses.light import Light

__all__ = ["area_of", "direction_of", "propagate_crystal", "warn_of_walk_off"]

Complex = NDArray[np.complex128]

LOOK: Final = 1e-4
"""Tolerance of the quick looks that settle the grid."""

LOOKS, PLACES = 5, 17
"""Most quick looks, and places at which each checks the edges."""


def propagate_crystal(
    pulses: "Mapping[str, Light | Sequence[Light]]",
    crystal: Crystal,
    *,
    length: float,
    theta: float | None = None,
    phi: float | None = None,
    phase_matched: str | ThreeWaveMixing | None = None,
    waist: float | None = None,
    area: float | None = None,
    poling: Poling | None = None,
    n2: float = 0.0,
    absorption: Absorption = 0.0,
    wavelengths: tuple[float, float] | None = None,
    grid: FieldGrid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 101,
    store: str | os.PathLike[str] | None = None,
    estimate_error: bool = True,
) -> "xr.Dataset":
    r"""Return the light along a crystal: real fields, both polarisations, one equation.

    Sums and differences of frequencies, harmonics, rectification within the band,
    cascades and parametric amplification are all in it.

    Parameters
    ----------
    pulses : mapping
        Of polarisations (``"o"``, ``"e"``, or ``"s"``, ``"f"`` in biaxial crystals)
        to the pulse, or pulses, that enter with it. The first one's group velocity is
        the frame's.
    crystal : Crystal
        Indices and second-order tensor.
    length : float
        m.
    theta, phi : float, optional
        Direction inside the crystal, rad. Without ``phase_matched`` theta is needed,
        and phi is zero.
    phase_matched : str or ThreeWaveMixing, optional
        Three letters such as ``"ooe"``, for doubling of what enters, or a mixing: an
        angle that is not given is the matching one (of the largest nonlinearity).
    waist : float, optional
        Radius at 1/e^2 of the intensity of Gaussian beams, m: mode-averaged with
        :math:`\pi w^2`, which is exact for weak conversion without walk-off.
    area : float, optional
        Area of a plane wave, m^2, in place of the waist.
    poling : Poling, optional
        Domains of alternating sign; steps end at their walls.
    n2 : float
        Of an isotropic instantaneous third-order response besides, m^2/W.
    absorption : float or callable
        Power absorbed per length, 1/m, or a function of wavelengths (m) that gives it.
    wavelengths : (float, float), optional
        Shortest and longest that is kept, m; by default what the matched mixing, or
        else the first sums and differences of what enters, need.
    grid : FieldGrid, optional
        By default one from estimates, which quick looks with a loose tolerance widen
        until no light stands at its edges.
    tolerance : float
        Largest relative local error of a step.
    n_positions : int
        Places that are kept, both ends included.
    store : path-like, optional
        File that takes the result, and on the way what is there. Called again with
        the same arguments, it goes on from there, bit for bit.
    estimate_error : bool
        Whether a second propagation with a larger tolerance, on a thread of its own,
        tells the error.

    Returns
    -------
    xarray.Dataset
        Coordinates ``position`` (m), ``polarisation``, ``frequency`` (Hz), ``time``
        (s), ``band`` (m: the lines that enter, their sums and differences) and
        ``mixing``. Variables ``amplitudes`` (sqrt(J/Hz), complex), ``spectrum``
        (J/Hz), ``energy`` (J) and ``photon_number`` by polarisation, ``band_energy``
        and ``band_photon_number`` by polarisation and band, ``efficiency`` (of all that
        entered, by band), ``walk_off`` (rad) and ``group_index`` of each line,
        ``residual_mismatch`` (1/m, that of first-order poling) and
        ``effective_nonlinearity`` (m/V, of one domain) of each mixing,
        ``estimated_error`` (of the spectrum, relative in the 2-norm),
        ``accumulated_error``, ``steps``, ``rejected_steps`` and ``step`` (m).

    Raises
    ------
    InvalidValue
        Where nothing matches, a pulse does not fit the grid, the light is stronger than
        any crystal answers to (2 d E or n2 I above 0.1), or the store holds
        another task.
    NotConverged
        Where the field diverges or the step becomes too small.

    Notes
    -----
    Energies are those inside the crystal: its faces reflect nothing here. Validity:
    forward light, plane waves in one direction (no diffraction; walk-off is told, not
    followed), a second-order tensor without dispersion.
    """
    if grid is not None:
        check_kind("grid", grid, FieldGrid, "leave it out for one of estimates")
    check_band_input(wavelengths, grid, full_field=True)
    lights = _sorted(pulses, crystal)
    lines = [Line(light.wavelength, name) for name, light in lights]
    mixing = None if phase_matched is None else matched(phase_matched, lines, crystal)
    at = direction_of(mixing, theta, phi)
    cut = Cut(
        crystal=crystal,
        length=length,
        theta=at[0],
        phi=at[1],
        area=area_of(waist, area),
        poling=poling,
        n2=n2,
        absorption=absorption,
    )
    _check_strength(lights, cut)
    setting = _Setting(lights, cut)
    bands = new_lines([line.wavelength for line in lines], crystal)
    if grid is None:
        wanted = bands if mixing is None else mixing.all_wavelengths
        wanted = [line.wavelength for line in lines] + list(wanted)
        first = first_grid(
            [light for _, light in lights],
            wanted,
            cut,
            lines[0].polarisation,
            wavelengths,
        )
        grid = _settled(setting, first, keep=wavelengths is not None)
    parameters = {
        **setting.parameters(grid),
        "grid": asdict(grid),
        "tolerance": tolerance,
        "n_positions": n_positions,
        "estimate_error": estimate_error,
    }
    task = Task(
        equation=setting.equation(grid),
        companion=setting.equation(grid) if estimate_error else None,
        start=setting.start(grid),
        length=cut.length,
        n_positions=n_positions,
        tolerance=tolerance,
        parameters=parameters,
    )
    used, told = grid, mixings(lines, crystal)
    if mixing is not None and mixing not in told:
        told.insert(0, mixing)

    def describe(kept: Sequence[Snapshot]) -> "xr.Dataset":
        return crystal_evolution(kept, used, cut, bands, told, parameters)

    data = carry_out(task, describe, store, kind=KIND)
    _warn_at_edges(data, grid)
    if waist is not None:
        warn_of_walk_off(data, waist)
    return data


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stays the same while the grid is sought."""

    lights: "list[tuple[str, Light]]"
    cut: Cut

    def equation(self, grid: FieldGrid) -> CrystalEquation:
        """Return the equation on ``grid``."""
        return CrystalEquation(self.cut, grid, self.lights[0][0])

    def start(self, grid: FieldGrid) -> Snapshot:
        """Return the light that enters, with a first step."""
        amplitudes = np.zeros((2, grid.n_frequencies), np.complex128)
        names = self.cut.crystal.polarisations
        for name, light in self.lights:
            amplitudes[names.index(name)] += entering(light, grid)
        return Snapshot(position=0.0, amplitudes=amplitudes, step=self._first_step())

    def parameters(self, grid: FieldGrid) -> dict[str, object]:
        """Return plain values that tell this from any other."""
        cut = asdict(self.cut)
        if callable(self.cut.absorption):
            values = self.cut.absorption_at(np.maximum(grid.omega, grid.omega[1]))
            cut["absorption"] = hashlib.sha256(values.tobytes()).hexdigest()
        return {
            "pulses": [[name, light.parameters()] for name, light in self.lights],
            "cut": cut,
        }

    def _first_step(self) -> float:
        """Return a tenth of the shortest length over which light can convert."""
        strongest = max((light for _, light in self.lights), key=lambda x: x.peak_power)
        vacuum = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * self.cut.area
        field = math.sqrt(2.0 * strongest.peak_power / vacuum)
        d = float(np.abs(self.cut.crystal.nonlinear_tensor).max())
        rate = strongest.omega0 / SPEED_OF_LIGHT * d * field
        return min(self.cut.length / 10.0, 0.1 / rate)


def _sorted(
    pulses: "Mapping[str, Light | Sequence[Light]]", crystal: Crystal
) -> "list[tuple[str, Light]]":
    """Return pairs of a polarisation and a pulse, in the order given."""
    check_kind("crystal", crystal, Crystal, 'take Crystal(name="BBO") or another one')
    check_kind("pulses", pulses, Mapping, 'name polarisations, as in {"o": pulse}')
    found: list[tuple[str, Light]] = []
    for name, given in pulses.items():
        crystal.check_polarisation(name)
        several = given if isinstance(given, Sequence) else [given]
        for light in several:
            check_light(f"pulses[{name!r}]", light)
        found += [(name, light) for light in several]
    if not found:
        raise InvalidValue("pulses must hold at least one pulse, got none.")
    return found


def direction_of(
    mixing: ThreeWaveMixing | None, theta: float | None, phi: float | None
) -> tuple[float, float]:
    """Return theta and phi, sought where they are not given."""
    for name, angle in (("theta", theta), ("phi", phi)):
        if angle is not None:
            checks.finite(name, angle, "rad")
    if theta is not None and (phi is not None or mixing is None):
        return theta, phi or 0.0
    if mixing is None:
        raise InvalidValue("give theta, or phase_matched to have it sought.")
    return direction(mixing, theta, phi)


def area_of(waist: float | None, area: float | None) -> float:
    """Return the effective area, m^2."""
    if waist is not None and area is None:
        return math.pi * checks.positive("waist", waist, "m") ** 2
    if area is not None and waist is None:
        return checks.positive("area", area, "m^2")
    raise InvalidValue(
        "give one of waist (of Gaussian beams, m) and area (of a plane wave, m^2), got "
        f"{waist} and {area}."
    )


def _check_strength(lights: "list[tuple[str, Light]]", cut: Cut) -> None:
    """Refuse light whose second or third-order answer is beyond any crystal."""
    power = sum(light.peak_power for _, light in lights)
    check_quadratic(power, cut)
    strongest = max((light for _, light in lights), key=lambda x: x.peak_power)
    rate = strongest.omega0 / SPEED_OF_LIGHT * cut.n2 * strongest.peak_power / cut.area
    check_cubic(strongest, rate, "waist in m, area in m^2, n2 in m^2/W")


def _settled(setting: _Setting, grid: FieldGrid, *, keep: bool) -> FieldGrid:
    """Return a grid that a quick look is content with, with its band if ``keep``."""
    for _ in range(LOOKS):
        start = setting.start(grid)
        places = np.linspace(0.0, setting.cut.length, PLACES)[1:].tolist()
        lights = march(start, setting.equation(grid), places, tolerance=LOOK)
        seen = [x.amplitudes.copy() for x in lights if x.position in places]
        edges = crossed_edges(np.stack(seen), grid)
        if keep:
            edges = {name: x for name, x in edges.items() if name == "time"}
        wider = widened(grid, edges, setting.cut)
        if wider is None:
            break
        grid = wider
    return grid


def _warn_at_edges(data: "xr.Dataset", grid: FieldGrid) -> None:
    for name, share in crossed_edges(data["amplitudes"].values, grid).items():
        warn(
            f"light reached the edge of the grid in {name} ({share:.1e} of its peak, "
            f"at most {EDGE:g}): give a grid with more room there, if that light "
            "matters.",
            QleapWarning,
            stacklevel=3,
        )


def warn_of_walk_off(data: "xr.Dataset", waist: float) -> None:
    """Say where beams part sideways by more than their waist, which is left out."""
    lit = data["efficiency"].max("position") > 0.01
    angle = float(data["walk_off"].where(lit).max())
    aside = math.tan(angle) * float(data["position"][-1])
    if aside > waist:
        warn(
            f"beams walk off by {aside:.3g} m, more than their waist of {waist:.3g} m: "
            "plane waves convert too much; take a wider beam or a shorter crystal.",
            QleapWarning,
            stacklevel=3,
        )
