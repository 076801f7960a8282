"""What a gas adds to a radial beam: all steps of a right-hand side by all threads."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.propagation.free_space import FAINT, ROUNDING, FreeSpace
from qleap.laser.propagation.gas_sources import GasSources
from qleap.laser.propagation.sources import DARK
from qleap.laser.propagation.team import Team

__all__ = ["GasSlopes"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

STEPS: Final = 4
"""Energies of waves, fields, sources, and waves again; threads share each."""


class GasSlopes:
    """The change per length of waves that products of matrices take to points.

    Parameters
    ----------
    space : FreeSpace
        Of a section with matrices.
    sources : sequence of GasSources
        For each thread of the team.
    rates : ndarray, shape (n_points,)
        What takes light away, of the field per length, 1/m.
    team : Team
        Who shares the work.

    Notes
    -----
    `FreeSpace`, `SharedSources` and an absorption do the same one after the other, for
    any section and responses.
    """

    def __init__(
        self, space: FreeSpace, sources: list[GasSources], rates: Floats, team: Team
    ) -> None:
        from qleap.core.simd import host_lanes
        from qleap.laser._kernels.beam import gas_slopes_into
        from qleap.laser._kernels.team import LINE

        self._kernel: Callable[..., None] = gas_slopes_into
        self._line, self._lanes = LINE, host_lanes(8)
        self._sources, self._team = sources, team
        matrices = space.section.matrices
        assert matrices is not None
        to_points, to_waves = matrices
        self._section = to_points, space.scale, to_waves, space.drive
        self._ends, self._rates = space.ends, rates
        self._admittance = np.repeat(2.0 * space.admittance, 2)
        shape = (space.n_points, 2 * space.admittance.size)
        self._field, self._drives = np.empty((2, *shape))
        self._energies = np.empty((3, space.n_points, space.ends.size))

    def into(self, position: float, amplitudes: Complex, out: Complex) -> None:
        """Write it into ``out``; both ``(n_points, n)``."""
        light = np.ascontiguousarray(amplitudes).view(np.float64)
        found, strengths = out.view(np.float64), self._sources[0].strengths(position)
        taken = np.zeros((STEPS, self._line * self._team.size), np.int64)
        done = np.zeros((STEPS - 1, self._line), np.int64)

        def work(member: int) -> None:
            gas = self._sources[member]
            self._kernel(
                light,
                self._section,
                self._ends,
                (FAINT, ROUNDING, DARK),
                gas.tables,
                *strengths,
                self._rates,
                self._admittance,
                self._field,
                self._drives,
                found,
                self._energies,
                gas.room,
                taken,
                done,
                member,
                self._lanes,
            )

        self._team.share(work)
