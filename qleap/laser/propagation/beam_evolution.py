"""A beam along its way as a dataset."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.blas import one_blas_thread
from qleap.core.constants import HBAR
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.propagation.beam_equation import SOFT, BeamEquation
from qleap.laser.propagation.beam_grid import Room
from qleap.laser.propagation.free_space import CrossSection, row_energies
from qleap.laser.propagation.integrator import Snapshot
from qleap.laser.propagation.plane import PlaneGrid
from qleap.laser.propagation.team import blocks

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KIND", "beam_evolution"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

KIND: Final = "laser.beam"

ROWS: Final = 64
"""Points whose fields are looked at together."""


def beam_evolution(
    kept: Sequence[Snapshot],
    equation: BeamEquation,
    room: Room,
    parameters: Mapping[str, object],
    *,
    amplitudes: bool,
) -> "xr.Dataset":
    """Return a dataset of the light at the places ``kept``."""
    grid, section = room.grid, equation.space.section
    with one_blas_thread():  # as in the equation: bits do not depend on threads
        looks = [_Look(snapshot, equation, grid) for snapshot in kept]
    order = np.argsort(grid.omega)
    along = ("position",)
    plane = isinstance(section, PlaneGrid)
    across = ("x", "y") if plane else ("radius",)

    def of(name: str) -> Any:
        return np.stack([getattr(look, name) for look in looks])

    def shaped(values: Floats) -> Floats:
        if not isinstance(section, PlaneGrid):
            return values
        sides = (section.n_side, section.n_side)
        square = values.reshape(-1, *sides)
        return np.asarray(np.fft.fftshift(square, axes=(1, 2)))

    coords: dict[str, Any] = {
        "position": ([s.position for s in kept], "m"),
        "frequency": (grid.omega[order] / (2.0 * np.pi), "Hz"),
        "time": (grid.time, "s"),
    }
    if isinstance(section, PlaneGrid):
        coords |= dict.fromkeys(across, (section.line, "m"))
    else:
        coords |= {"radius": (section.radius, "m")}
    variables: dict[str, Any] = {
        "spectrum": ((*along, "frequency"), of("spectrum")[:, order], "J/Hz"),
        "axis_spectrum": (
            (*along, "frequency"),
            of("axis_spectrum")[:, order],
            "J/(Hz m^2)",
        ),
        "axis_field": ((*along, "time"), of("axis_field"), "V/m"),
        "fluence": ((*along, *across), shaped(of("fluence")), "J/m^2"),
        "energy": (along, of("energy"), "J"),
        "photon_number": (along, of("photons"), "1"),
        "edge_energy": (along, of("outside"), "1"),
        "peak_intensity": (along, of("peak"), "W/m^2"),
        "axis_intensity": (along, of("axis_peak"), "W/m^2"),
        "beam_radius": (along, of("radius"), "m"),
        "core_radius": (along, of("core"), "m"),
        "beam_quality": (along, of("quality"), "1"),
        "accumulated_error": (along, [s.error for s in kept], "1"),
        "steps": (along, [s.steps for s in kept], "1"),
        "rejected_steps": (along, [s.rejected for s in kept], "1"),
        "step": (along, [s.step for s in kept], "m"),
    }
    if looks[0].electrons is not None:
        variables["electron_density"] = (
            (*along, *across),
            shaped(of("electrons")),
            "1/m^3",
        )
        variables["axis_electron_density"] = (along, of("axis_electrons"), "1/m^3")
    if amplitudes:
        coords["wave"] = (section.wavenumber, "rad/m")
        waves = np.stack([s.amplitudes[:, order] * grid.window for s in kept])
        variables["amplitudes"] = ((*along, "wave", "frequency"), waves, "(J/Hz)^0.5")
    return results.dataset(
        kind=KIND, coords=coords, variables=variables, parameters=dict(parameters)
    )


class _Look:
    """What is to be seen of the light at one place."""

    def __init__(
        self, snapshot: Snapshot, equation: BeamEquation, grid: Grid | FieldGrid
    ) -> None:
        waves = snapshot.amplitudes
        section = equation.space.section
        points = np.empty_like(waves)
        section.to_points_into(waves, points)
        window, omega = grid.window, grid.omega
        power = np.sum(np.abs(waves) ** 2, axis=0)
        quantum = np.where(omega > 0.0, HBAR * omega, np.inf)
        self.spectrum = power * window**2
        self.energy = float(power.sum()) * window
        self.photons = float(np.sum(power / quantum)) * window
        self.fluence = row_energies(points) * window
        inside = self.fluence * section.area
        self.outside = inside[section.radius > SOFT * section.edge].sum() / self.energy
        self.radius = np.sqrt(2.0 * np.sum(inside * section.radius**2) / self.energy)
        self.core = _core(section, self.fluence)
        self.quality = _quality(waves, points, equation, grid)
        axis = section.axis @ waves
        self.axis_spectrum = np.abs(axis * window) ** 2
        self.axis_peak = _peak(axis[None], grid.n_points)
        self.peak = max(self.axis_peak, _peak(points, grid.n_points))
        self._look_at_electrons(snapshot, equation, grid)

    def _look_at_electrons(
        self, snapshot: Snapshot, equation: BeamEquation, grid: Grid | FieldGrid
    ) -> None:
        axis = equation.on_axis(snapshot.amplitudes)[None]
        n = grid.n_points
        signal = np.fft.fft(axis, n)[0]
        self.axis_field = signal
        self.electrons: Floats | None = None
        self.axis_electrons = 0.0
        if equation.answers.plasma((1, n)) is None:
            return
        field = equation.at_points(snapshot.position, snapshot.amplitudes)
        density = equation.answers.number_density(snapshot.position)
        found = [
            _ionised(field[part], equation, snapshot.position, grid)
            for part in blocks(len(field), ROWS)
        ]
        self.electrons = density * np.concatenate(found)
        share = _ionised(axis, equation, snapshot.position, grid)
        self.axis_electrons = density * float(share[0])


def _ionised(
    amplitudes: Complex, equation: BeamEquation, position: float, grid: Grid | FieldGrid
) -> Floats:
    """Return the share of atoms that have lost an electron when the light is over."""
    n = grid.n_points
    field: Any = np.fft.fft(amplitudes, n, axis=1)
    if isinstance(grid, FieldGrid):
        field = np.ascontiguousarray(field.real)
    plasma = equation.answers.plasma(field.shape)
    assert plasma is not None
    return plasma.fraction(position, field)[:, -1].copy()


def _peak(points: Complex, n: int) -> float:
    """Return the largest intensity of amplitudes per root of area, W/m^2."""
    highest = 0.0
    for part in blocks(len(points), ROWS):
        signal = np.fft.fft(points[part], n, axis=1)
        highest = max(highest, float(np.max(signal.real**2 + signal.imag**2)))
    return highest


def _core(section: CrossSection, fluence: Floats) -> float:
    """Return the radius of the disc on which the fluence is above half of its peak."""
    half = 0.5 * fluence.max()
    if not section.ordered:
        return float(np.sqrt(np.sum(section.area[fluence > half]) / np.pi))
    outer = np.flatnonzero(fluence > half)[-1]
    if outer + 1 == fluence.size:
        return float(section.radius[-1])
    pair = slice(outer, outer + 2)
    return float(np.interp(-half, -fluence[pair], section.radius[pair]))


def _quality(
    waves: Complex, points: Complex, equation: BeamEquation, grid: Grid | FieldGrid
) -> float:
    """Return ``k0 sqrt(<r^2><theta^2> - <r theta>^2)``; 1 for a Gaussian beam."""
    section, k = equation.space.section, equation.wavenumber
    kept = k > 0.05 * k.max()
    inverse = np.divide(1.0, k, out=np.zeros_like(k), where=kept)
    energy = np.abs(waves) ** 2
    whole = energy.sum()
    steep = np.minimum(np.outer(section.wavenumber, inverse), 1.0)
    slopes = section.radial_derivative(waves)
    area = section.area[:, None]
    wide = np.sum(area * section.radius[:, None] ** 2 * np.abs(points) ** 2) / whole
    angle = np.sum(steep**2 * energy) / whole
    mixed = np.sum(area * (np.conj(points) * slopes).imag * inverse) / whole
    k0 = float(np.interp(grid.omega0, np.sort(grid.omega), np.sort(k)))
    return k0 * float(np.sqrt(max(wide * angle - mixed**2, 0.0)))
