"""Beams that nothing guides: waves in free space, and the field at points."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.propagation.team import Team, blocks

__all__ = ["CrossSection", "FreeSpace", "free_space_rates", "row_energies"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

COLUMNS: Final = 264
"""Frequencies that are transformed together: their arrays stay in the cache."""

FAINT: Final = 1e-15
"""Waves and points with so little of the brightest one's energy, both in a part of the
frequencies, are left out there where sources are sought: 3e-8 of their field."""

ROUNDING: Final = 1e-30
"""So little of the brightest one's energy in all frequencies is left out anywhere."""

STEEPEST: Final = 0.1
"""Smallest share of a wave number along the way: steeper waves are not driven."""


class CrossSection(Protocol):
    """Points across a beam and waves that make up what is there."""

    @property
    def n_points(self) -> int:
        """Number of points, and of waves."""

    @property
    def edge(self) -> float:
        """Distance from the axis to where the points end, m."""

    @property
    def radius(self) -> Floats:
        """Distances of the points from the axis, m."""

    @property
    def wavenumber(self) -> Floats:
        """Transverse wave numbers, rad/m."""

    @property
    def area(self) -> Floats:
        """Quadrature weights of the points, m^2."""

    @property
    def axis(self) -> Floats:
        """What a wave of amplitude one has on the axis, 1/m."""

    @property
    def ordered(self) -> bool:
        """Whether radii and wave numbers increase, and the last may be left out."""

    @property
    def matrices(self) -> tuple[Floats, Floats] | None:
        """Real ones, to points and to waves, where these are ordered."""

    def to_points_into(self, waves: Complex, out: Complex) -> None:
        """Write the sum of the waves at the points, per root of area.

        Where they are ordered, the first waves will do.
        """

    def to_waves_into(self, points: Complex, out: Complex) -> None:
        """Write the waves that make up the values at the points, or at the first."""

    def radial_derivative(self, waves: Complex) -> Complex:
        """Return ``r d/dr`` of what `to_points_into` writes."""


class FreeSpace:
    r"""Amplitudes of transverse waves, and the field (V/m) at points.

    Parameters
    ----------
    section : HankelTransform or PlaneGrid
        Points and transverse wave numbers.
    wavenumber : ndarray, shape (n,)
        Of the medium over frequency, n omega / c, rad/m; zero where no light is kept.
    omega : ndarray, shape (n,)
        Angular frequencies, rad/s.
    team : Team, optional
        Who shares the frequencies; one thread by default.

    Notes
    -----
    Amplitudes have the shape ``(n_points, n)`` and the unit sqrt(W): the sum of
    :math:`|a|^2` over transverse waves is the beam's power. Sources drive a wave with
    :math:`i\omega^2/(2\varepsilon_0 c^2 k_z)`, so that steep waves get their due.
    """

    def __init__(
        self,
        section: CrossSection,
        wavenumber: Floats,
        omega: Floats,
        team: Team | None = None,
    ) -> None:
        self.n_points = section.n_points
        self.section = section
        self._team = Team(1) if team is None else team
        kept = (wavenumber > 0.0) & (omega > 0.0)
        index = np.where(kept, wavenumber * SPEED_OF_LIGHT, 0.0)
        index = np.divide(index, omega, out=np.ones_like(omega), where=kept)
        self.admittance: Floats = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * index
        self.to_field: Floats = np.where(kept, np.sqrt(2.0 / self.admittance), 0.0)
        along = wavenumber**2 - section.wavenumber[:, None] ** 2
        driven = kept & (along > (STEEPEST * wavenumber) ** 2)
        steep = np.sqrt(np.where(driven, along, 1.0))
        drive = driven * np.sqrt(1.0 / (8.0 * self.admittance)) * wavenumber / steep
        # Complex numbers are worked on as pairs of numbers.
        self.scale: Floats = np.repeat(self.to_field[None], 2, 1)
        self.drive: Floats = np.repeat(drive, 2, 1)
        self._columns = blocks(omega.size, COLUMNS)
        self.ends = np.array([2 * part.stop for part in self._columns])

    def to_points_into(
        self,
        position: float,  # noqa: ARG002
        amplitudes: Complex,
        out: Complex,
    ) -> None:
        """Write amplitudes of the field, shape ``(n_points, n)``, into ``out``."""
        counts = self._lit(amplitudes)

        def work(_: int, item: int) -> None:
            part, count = self._columns[item], counts[item]
            if not count:
                out[:, part] = 0.0
                return
            waves = amplitudes[:count, part].view(np.float64)
            scaled = waves * self.scale[:, _pairs(part)]
            self.section.to_points_into(scaled.view(np.complex128), out[:, part])

        self._team.run(work, range(len(self._columns)))

    def to_modes_into(
        self,
        position: float,  # noqa: ARG002
        sources: Complex,
        out: Complex,
    ) -> None:
        """Write what the sources at the points add to the waves per m into ``out``."""
        counts = self._lit(sources)

        def work(_: int, item: int) -> None:
            part, count = self._columns[item], counts[item]
            found = out[:, part]
            if not count:
                found[...] = 0.0
                return
            self.section.to_waves_into(sources[:count, part], found)
            found.view(np.float64)[...] *= self.drive[:, _pairs(part)]

        self._team.run(work, range(len(self._columns)))

    def _lit(self, amplitudes: Complex) -> list[int]:
        """Return how many rows of each part are to be taken, from the first."""
        from qleap.laser._kernels.waves import lit_rows_into

        counts = np.full(self.ends.size, len(amplitudes))
        if self.section.ordered:
            lit_rows_into(_energies(amplitudes, self.ends), FAINT, ROUNDING, counts)
        return [int(count) for count in counts]


def row_energies(amplitudes: Complex) -> Floats:
    """Return the sum of the squared modulus of every row."""
    return _energies(amplitudes, np.array([2 * amplitudes.shape[1]]))[:, 0]


def _energies(amplitudes: Complex, ends: NDArray[np.int64]) -> Floats:
    """Return that of parts of the rows, ``(rows, parts)``."""
    from qleap.laser._kernels.waves import energies_into

    out = np.empty((len(amplitudes), ends.size))
    energies_into(np.ascontiguousarray(amplitudes).view(np.float64), ends, out)
    return out


def _pairs(part: slice) -> slice:
    return slice(2 * part.start, 2 * part.stop)


def free_space_rates(
    transverse: Floats, wavenumber: Floats, omega: Floats, inverse_velocity: float
) -> Complex:
    """Return ``i (k_z - omega / v)`` of waves, 1/m; evanescent ones die out.

    Parameters
    ----------
    transverse : ndarray, shape (m,)
        Transverse wave numbers, rad/m.
    wavenumber : ndarray, shape (n,)
        Of the medium, rad/m.
    omega : ndarray, shape (n,)
        rad/s.
    inverse_velocity : float
        Of the frame, s/m.

    Returns
    -------
    ndarray of complex, shape (m, n)
    """
    along = (wavenumber**2 - transverse[:, None] ** 2).astype(np.complex128)
    return np.asarray(1j * (np.sqrt(along) - omega * inverse_velocity))
