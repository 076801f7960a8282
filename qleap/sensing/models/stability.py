"""The slopes of an Allan deviation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter

__all__ = ["AllanSlopes"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AllanSlopes(TraceModel):
    r"""Allan deviation of a sensor over the averaging time tau (s).

    .. math::
        \sigma^2(\tau) = \frac{3 Q^2}{\tau^2} + \frac{N^2}{\tau}
        + \frac{2\ln 2}{\pi} B^2 + \frac{K^2 \tau}{3} + \frac{R^2 \tau^2}{2}

    N is the amplitude spectral density of white noise over :math:`\sqrt 2` when that
    is one-sided; B the bias instability (flicker), K the random walk, R the drift.

    References
    ----------
    IEEE Std 952-1997, annex C.
    """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Q, N, B, K and R, in the unit of the signal and powers of seconds."""
        return (
            Parameter("quantisation", "signal s", low=0.0),
            Parameter("white", "signal s^0.5", low=0.0),
            Parameter("flicker", "signal", low=0.0),
            Parameter("random_walk", "signal/s^0.5", low=0.0),
            Parameter("drift", "signal/s", low=0.0),
        )

    def _evaluate(self, x: Array, values: Array) -> Array:
        return np.asarray(np.sqrt(self._terms(x) @ values**2))

    def _jacobian(self, x: Array, values: Array) -> Array:
        total = np.sqrt(self._terms(x) @ values**2)
        return np.asarray(self._terms(x) * values / np.maximum(total, 1e-300)[:, None])

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return non-negative least squares of the variances, relative to them."""
        from scipy.optimize import nnls

        tau, deviation = checks.vector("x", x, "s", min_size=2), checks.vector("y", y)
        columns = self._terms(tau) / (deviation**2)[:, None]
        sizes = np.linalg.norm(columns, axis=0)
        squares, _ = nnls(columns / sizes, np.ones(tau.size))
        # A coefficient at zero has no slope: fits start a little above.
        found = np.sqrt(np.maximum(squares, 1e-6) / sizes)
        return dict(zip(self.names, map(float, found), strict=True))

    @staticmethod
    def _terms(tau: Array) -> Array:
        flat = np.full_like(tau, 2.0 * np.log(2.0) / np.pi)
        return np.column_stack([3.0 / tau**2, 1.0 / tau, flat, tau / 3.0, 0.5 * tau**2])
