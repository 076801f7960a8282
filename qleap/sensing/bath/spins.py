"""The spins around a central one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue

__all__ = ["BathSpins"]


@dataclass(frozen=True, kw_only=True, eq=False)
class BathSpins:
    r"""Positions, moments and hyperfine tensors of a bath.

    With the central spin S and the bath spins I,
    :math:`H/h = \sum_k (S \cdot A_k \cdot I_k + z_k B \cdot I_k
    + I_k \cdot Q_k \cdot I_k + l_k \cdot I_k)` plus the dipolar couplings of the I. All
    in the frame of the central spin, whose z axis is its own.

    Parameters
    ----------
    position : ndarray, shape (n, 3), m
        From the central spin.
    spin : ndarray, shape (n,)
    zeeman : ndarray, shape (n,), Hz/T
        Minus the gyromagnetic ratio of a nucleus, :math:`g\mu_B/h` of an electron.
    hyperfine : ndarray, shape (n, 3, 3), Hz
    quadratic : ndarray, shape (n, 3, 3), Hz, optional
        Q; zero by default.
    local : ndarray, shape (n, 3), Hz, optional
        l, what a neighbour that is not in the bath does to a spin: the nitrogen of a
        P1 centre to its electron. Zero by default.
    """

    position: NDArray[np.float64]
    spin: NDArray[np.float64]
    zeeman: NDArray[np.float64]
    hyperfine: NDArray[np.float64]
    quadratic: NDArray[np.float64] | None = None
    local: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        n = len(self.position)
        shapes = {
            "position": (n, 3),
            "spin": (n,),
            "zeeman": (n,),
            "hyperfine": (n, 3, 3),
        }
        if self.quadratic is not None:
            shapes["quadratic"] = (n, 3, 3)
        if self.local is not None:
            shapes["local"] = (n, 3)
        for name, shape in shapes.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            if array.shape != shape or not np.all(np.isfinite(array)):
                raise InvalidValue(
                    f"{name} must be finite and have the shape {shape}, got the shape "
                    f"{array.shape}."
                )
            object.__setattr__(self, name, array)
        twice = 2.0 * self.spin
        wrong = np.flatnonzero((twice < 1.0) | (twice != np.rint(twice)))
        if wrong.size:
            raise InvalidValue(
                f"spin must be 1/2, 1, 3/2, ..., got {self.spin[wrong[0]]} of spin "
                f"{wrong[0]}."
            )

    def __len__(self) -> int:
        return len(self.position)

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "BathSpins":
        """Return the bath of the spins at an index or mask."""
        return BathSpins(
            position=self.position[which],
            spin=self.spin[which],
            zeeman=self.zeeman[which],
            hyperfine=self.hyperfine[which],
            quadratic=None if self.quadratic is None else self.quadratic[which],
            local=None if self.local is None else self.local[which],
        )
