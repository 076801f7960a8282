"""One call that sends a pulse through a gas-filled hollow guide."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue, QleapWarning
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode, linear_modes
from qleap.laser.ionisation.tables import RateTable
from qleap.laser.propagation.capillary_equation import CapillaryEquation
from qleap.laser.propagation.capillary_evolution import KIND, capillary_evolution
from qleap.laser.propagation.capillary_grid import fitting_grid, widened
from qleap.laser.propagation.effects import Effects, ionisation_rates
from qleap.laser.propagation.given import check_band_input, check_kind
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, Task, carry_out
from qleap.laser.propagation.strength import check_cubic
from qleap.laser.propagation.time_grid import crossed_edges, entering
from qleap.laser.pulses.light import Light, check_light

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["propagate_capillary"]

Complex = NDArray[np.complex128]

LOOK: Final = 1e-4
"""Tolerance of the quick looks that settle the grid."""

LOOKS, PLACES = 6, 33
"""Most quick looks, and places at which each checks the edges."""

RADIAL_ERROR: Final = 1e-4
"""Largest relative change of the sources with half as many points again."""


def propagate_capillary(
    pulse: Light,
    capillary: Capillary,
    *,
    modes: int | Sequence[Mode] = 1,
    launch: Sequence[complex] | NDArray[Any] | None = None,
    kerr: bool = True,
    third_harmonic: bool = True,
    plasma: str | RateTable | None = "ppt",
    raman: bool = False,
    full_field: bool = True,
    wavelengths: tuple[float, float] | None = None,
    grid: Grid | FieldGrid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 101,
    estimate_error: bool = True,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    """Return the light along a hollow guide filled with gas.

    Parameters
    ----------
    pulse : Light
        What enters.
    capillary : Capillary
        The guide (or an `AntiresonantFibre`) and its gas.
    modes : int or sequence of Mode
        1: one mode, its field taken over its effective area. More: HE11, HE12, ...
        coupled by the gas, the field taken at points of the cross-section. Modes of
        your own may have any kind and polarisation.
    launch : sequence of complex, optional
        Amplitude of each mode, over that of the pulse: squares are shares of its
        energy, of which the rest does not get in. By default the first mode has all;
        `gaussian_coupling` has those of a beam.
    kerr, third_harmonic : bool
        The instantaneous nonlinearity, and whether it makes harmonics (of real
        fields; envelopes never have them).
    plasma : {"ppt", "adk"}, RateTable or None
        Rates of ionisation, with the current of the electrons and the loss of freeing
        them.
    raman : bool
        Rotation and vibration of a molecular gas.
    full_field : bool
        Real fields, or envelopes about the pulse's carrier.
    wavelengths : (float, float), optional
        Shortest and longest that is kept of real fields, m; by default what a fifth
        and four times the carrier's wavelength are, and more where light gets there.
    grid : FieldGrid or Grid, optional
        By default one from estimates, which quick looks with a loose tolerance widen
        until no light stands at its edges.
    tolerance : float
        Largest relative local error of a step.
    n_positions : int
        Places that are kept, both ends included.
    estimate_error : bool
        Whether a second propagation with larger steps runs beside, in another thread,
        for ``estimated_error``.
    store : path-like, optional
        File that takes the result, and on the way what is there. Called again with
        the same arguments, it goes on from there, bit for bit.

    Returns
    -------
    xarray.Dataset
        Coordinates ``position`` (m), ``mode``, ``frequency`` (Hz), ``time`` (s, in the
        frame of the carrier's group velocity in the first mode). Variables
        ``amplitudes`` (sqrt(J/Hz), complex: `analytic_signal` makes fields of them),
        ``spectrum`` (J/Hz), and along the guide ``energy`` and ``mode_energy`` (J),
        ``photon_number``, ``peak_intensity`` (W/m^2), ``electron_density`` (1/m^3, the
        largest), ``estimated_error`` (of the spectrum, relative in the 2-norm),
        ``accumulated_error`` (the sum of the estimated relative local errors),
        ``steps``, ``rejected_steps`` and ``step`` (m).

    Raises
    ------
    InvalidValue
        Where the pulse does not fit the grid or would change the index by more than
        0.1, the gas has no rates, a field exceeds
        their table, or the store holds another task.
    NotConverged
        Where the field diverges or the step becomes too small.

    Notes
    -----
    Validity: forward light; a gas that each pulse finds neutral and of which every atom
    loses one electron at most.
    """
    check_light("pulse", pulse)
    check_kind("capillary", capillary, Capillary, "fibres have propagate_fibre")
    chosen = _chosen(modes)
    if grid is not None:
        check_kind("grid", grid, (FieldGrid, Grid), "leave it out for one that fits")
    check_band_input(wavelengths, grid, full_field=full_field)
    if grid is not None:
        full_field = isinstance(grid, FieldGrid)
    effects = Effects(
        kerr=kerr,
        third_harmonic=third_harmonic,
        raman=raman,
        rates=ionisation_rates(
            plasma, capillary.gas, pulse.wavelength, full_field=full_field
        ),
    )
    setting = _Setting(pulse, capillary, chosen, _launched(launch, chosen), effects)
    if kerr:
        check_cubic(pulse, setting.phase_rate, "core_radius in m, pressure in Pa")
    n_radial = _first_radial(chosen)
    if grid is None:
        first = fitting_grid(
            pulse, capillary, chosen, full_field=full_field, wavelengths=wavelengths
        )
        grid, n_radial = _settled(
            setting, first, n_radial, keep=wavelengths is not None
        )
    parameters = {
        **setting.parameters(),
        "grid": asdict(grid),
        "n_radial": n_radial,
        "tolerance": tolerance,
        "n_positions": n_positions,
        "estimate_error": estimate_error,
    }
    parts = (capillary, chosen, grid, effects, n_radial)
    equation = CapillaryEquation(*parts)
    _refuse_stripped(equation, setting.start(grid))
    task = Task(
        equation=equation,
        companion=CapillaryEquation(*parts) if estimate_error else None,
        start=setting.start(grid),
        length=capillary.length,
        n_positions=n_positions,
        tolerance=tolerance,
        parameters=parameters,
        stops=capillary.kinks,
    )
    used = grid

    def describe(kept: Sequence[Snapshot]) -> "xr.Dataset":
        return capillary_evolution(kept, equation, capillary, chosen, used, parameters)

    data = carry_out(task, describe, store, kind=KIND)
    _warn_at_edges(data, grid)
    return data


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stays the same while the grid is sought."""

    pulse: Light
    capillary: Capillary
    modes: tuple[Mode, ...]
    launch: tuple[complex, ...]
    effects: Effects

    def start(self, grid: Grid | FieldGrid) -> Snapshot:
        """Return the light that enters, with a first step."""
        amplitudes = np.multiply.outer(self.launch, entering(self.pulse, grid))
        if len(self.modes) == 1:
            amplitudes = amplitudes[0]
        tenth, strength = self.capillary.length / 10.0, self.phase_rate
        step = tenth if strength == 0.0 else min(tenth, 0.01 / strength)
        return Snapshot(position=0.0, amplitudes=amplitudes, step=step)

    @property
    def phase_rate(self) -> float:
        """Nonlinear phase per length where the guide is most nonlinear, 1/m."""
        gamma = max(
            self.capillary.nonlinear_coefficient(self.pulse.wavelength, z)
            for z in (0.0, *self.capillary.kinks, self.capillary.length)
        )
        return gamma * self.pulse.peak_power

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this from any other."""
        rates = self.effects.rates
        guide = {**asdict(self.capillary), "kind": type(self.capillary).__name__}
        guide["cladding"] = str(self.capillary.cladding)
        return {
            "pulse": self.pulse.parameters(),
            "guide": guide,
            "modes": [asdict(mode) for mode in self.modes],
            "launch": [[share.real, share.imag] for share in self.launch],
            "kerr": self.effects.kerr,
            "third_harmonic": self.effects.third_harmonic,
            "raman": self.effects.raman,
            "ionisation": None if rates is None else rates.parameters(),
        }


def _chosen(modes: int | Sequence[Mode]) -> tuple[Mode, ...]:
    """Return the modes that are meant."""
    if not isinstance(modes, Sequence):
        return linear_modes(checks.count("modes", modes, 1, 50))
    if not modes:
        raise InvalidValue("modes must be at least one, got none.")
    for mode in modes:
        check_kind("modes", mode, Mode, "take a number of them, or Mode(...)")
    return tuple(modes)


def _launched(
    launch: Sequence[complex] | NDArray[Any] | None, modes: tuple[Mode, ...]
) -> tuple[complex, ...]:
    """Return the checked amplitudes of the modes at the entrance."""
    if launch is None:
        return (1.0 + 0j, *[0j] * (len(modes) - 1))
    found = tuple(complex(share) for share in launch)
    energy = sum(abs(share) ** 2 for share in found)
    if len(found) != len(modes) or not 0.0 < energy <= 1.0 + 1e-9:
        raise InvalidValue(
            "launch must be one amplitude for each mode, and their squares add up to "
            f"at most 1, got {len(found)} for {len(modes)} modes with {energy:.4g}."
        )
    return found


def _first_radial(modes: Sequence[Mode]) -> int:
    return 4 + 3 * max(mode.radial for mode in modes)


def _settled(
    setting: _Setting, grid: Grid | FieldGrid, n_radial: int, *, keep: bool
) -> tuple[Grid | FieldGrid, int]:
    """Return grid and points along the radius that a quick look is content with.

    ``keep`` says that the band was asked for and stays.
    """
    for _ in range(LOOKS):
        equation = CapillaryEquation(
            setting.capillary, setting.modes, grid, setting.effects, n_radial
        )
        start = setting.start(grid)
        _refuse_stripped(equation, start)
        places = np.linspace(0.0, setting.capillary.length, PLACES)[1:].tolist()
        seen, coarse = [start.amplitudes], 0.0
        finer = _finer(setting, grid, n_radial)
        goals = sorted({*places, *setting.capillary.kinks})
        for snapshot in march(start, equation, goals, tolerance=LOOK):
            if snapshot.position == places[0]:
                places = places[1:]
                seen.append(snapshot.amplitudes.copy())
                if finer is not None:
                    coarse = max(coarse, _apart(equation, finer, snapshot))
        edges = crossed_edges(np.stack(seen), grid)
        if keep:
            edges = {name: x for name, x in edges.items() if "frequency" not in name}
        wider = widened(grid, edges, setting.capillary)
        if wider is None and coarse <= RADIAL_ERROR:
            break
        grid = grid if wider is None else wider
        n_radial = n_radial if coarse <= RADIAL_ERROR else _more(n_radial)
    return grid, n_radial


def _refuse_stripped(equation: CapillaryEquation, start: Snapshot) -> None:
    """Refuse light beyond the table of rates before hours are spent on it."""
    if equation.plasma is not None:
        field = equation.field_at(start.position, start.amplitudes)
        equation.plasma.fraction(start.position, field)


def _more(n_radial: int) -> int:
    return n_radial + n_radial // 2


def _finer(
    setting: _Setting, grid: Grid | FieldGrid, n_radial: int
) -> CapillaryEquation | None:
    if len(setting.modes) == 1:
        return None
    return CapillaryEquation(
        setting.capillary, setting.modes, grid, setting.effects, _more(n_radial)
    )


def _apart(
    equation: CapillaryEquation, finer: CapillaryEquation, light: Snapshot
) -> float:
    """Return how far the sources at one place are from those of more points."""
    found, better = np.empty_like(light.amplitudes), np.empty_like(light.amplitudes)
    equation.nonlinear_into(light.position, light.amplitudes, found)
    finer.nonlinear_into(light.position, light.amplitudes, better)
    whole = float(np.linalg.norm(better))
    return 0.0 if whole == 0.0 else float(np.linalg.norm(found - better)) / whole


def _warn_at_edges(data: "xr.Dataset", grid: Grid | FieldGrid) -> None:
    amplitudes = data["amplitudes"].values
    if isinstance(grid, Grid):
        amplitudes = np.fft.ifftshift(amplitudes, axes=-1)
    for name, share in crossed_edges(amplitudes, grid).items():
        warn(
            f"light reached the edge of the grid in {name} ({share:.1e} of its peak, "
            "at most 1e-5): give a grid with more room there, if that light matters.",
            QleapWarning,
            stacklevel=3,
        )
