"""Decays: echo with revivals, relaxation of one and two quanta, scaling with pulses."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter
from qleap.sensing.models.shapes import ScaledShape, frequencies, stretched, times

__all__ = [
    "DecouplingScaling",
    "DoubleQuantumRelaxation",
    "HahnEcho",
    "Relaxation",
    "SingleQuantumRelaxation",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class HahnEcho(ScaledShape):
    r"""Echo over the whole free evolution time t (s), with revivals if wanted.

    .. math::
        g(t) = e^{-(t/T_2)^p} \sum_j e^{-((t - j T_r)/T_w)^2}

    Parameters
    ----------
    revivals : bool
        Whether the echo collapses and comes back with a period, as in a bath of
        13C (twice their Larmor period in t); else the sum is one.
    stretched : bool
        Whether the exponent p is a parameter (else 1).

    References
    ----------
    Childress et al., Science 314, 281 (2006).
    """

    revivals: bool = False
    stretched: bool = True

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """Coherence time, and perhaps exponent, period and width of the revivals."""
        found = [Parameter("t2", "s", low=0.0)]
        if self.stretched:
            found.append(Parameter("exponent", "1", low=0.3, high=6.0))
        if self.revivals:
            found.append(Parameter("revival_period", "s", low=0.0))
            found.append(Parameter("revival_width", "s", low=0.0))
        return tuple(found)

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the echo and its derivatives."""
        exponent = values[1] if self.stretched else 1.0
        decay, slopes = stretched(x, values[0], exponent)
        columns = [slopes[:, 0]] + ([slopes[:, 1]] if self.stretched else [])
        if not self.revivals:
            return decay, np.column_stack(columns)
        period, width = values[-2], values[-1]
        last = min(int(np.max(np.abs(x)) / np.min(period)) + 3, 2000)
        order = np.arange(last + 1)
        width = width[..., None]
        away = (x[:, None] - order * period[..., None]) / width
        bumps = np.exp(-(away**2))
        comb = bumps.sum(axis=1)
        sloped = 2.0 * away * bumps / width
        columns = [column * comb for column in columns]
        columns.append(decay * (sloped @ order))
        columns.append(decay * (sloped * away).sum(axis=1))
        return decay * comb, np.column_stack(columns)

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:
        """Yield decay times, and frequencies of the trace as revivals."""
        exponents = (1.0, 2.0, 3.0) if self.stretched else (1.0,)
        periods = 1.0 / frequencies(x, y, 5) if self.revivals else np.ones(1)
        for t2 in times(x, 20):
            for exponent in exponents:
                first = (t2, exponent) if self.stretched else (t2,)
                if not self.revivals:
                    yield first
                    continue
                for period in periods:
                    for near in period * np.linspace(0.96, 1.04, 5):
                        for share in (0.08, 0.2, 0.35):
                            yield (*first, near, share * near)


@dataclass(frozen=True, kw_only=True)
class Relaxation(ScaledShape):
    r"""Decay :math:`g(t) = e^{-(t/T_1)^p}` of a polarisation over t (s).

    Parameters
    ----------
    stretched : bool
        Whether the exponent p is a parameter (else 1), as in ensembles.
    """

    stretched: bool = False

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """Relaxation time, and perhaps the exponent."""
        t1 = Parameter("t1", "s", low=0.0)
        exponent = Parameter("exponent", "1", low=0.2, high=4.0)
        return (t1, exponent) if self.stretched else (t1,)

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the decay and its derivatives."""
        exponent = values[1] if self.stretched else 1.0
        decay, slopes = stretched(x, values[0], exponent)
        return decay, slopes if self.stretched else slopes[:, :1]

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:  # noqa: ARG002
        """Yield relaxation times."""
        for t1 in times(x, 40):
            if not self.stretched:
                yield (t1,)
                continue
            for exponent in (0.5, 0.75, 1.0, 1.5):
                yield t1, exponent


@dataclass(frozen=True, kw_only=True)
class SingleQuantumRelaxation(ScaledShape):
    r"""Difference of the populations of m_S = 0 and one of +-1 over t (s).

    .. math:: g(t) = e^{-3 \Omega t}

    Parameters of this name are shared with `DoubleQuantumRelaxation` in a fit of
    both.

    References
    ----------
    Myers, Ariyaratne, Bleszynski Jayich, Phys. Rev. Lett. 118, 197201 (2017):
    the rates between 0 and +-1 are Omega, between +1 and -1 gamma.
    """

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """The rate Omega."""
        return (Parameter("single_quantum_rate", "1/s", low=0.0),)

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the decay and its derivative."""
        decay = np.exp(-3.0 * values[0] * x)
        return decay, (-3.0 * x * decay)[:, None]

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:  # noqa: ARG002
        """Yield rates."""
        for time in times(x, 40):
            yield (1.0 / (3.0 * time),)


@dataclass(frozen=True, kw_only=True)
class DoubleQuantumRelaxation(ScaledShape):
    r"""Difference of the populations of m_S = -1 and +1 over t (s).

    .. math:: g(t) = e^{-(\Omega + 2\gamma) t}

    Alone it determines the sum only; see `SingleQuantumRelaxation`.
    """

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """The rates Omega and gamma."""
        return (
            Parameter("single_quantum_rate", "1/s", low=0.0),
            Parameter("double_quantum_rate", "1/s", low=0.0),
        )

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the decay and its derivatives."""
        decay = np.exp(-(values[0] + 2.0 * values[1]) * x)
        return decay, np.column_stack([-x * decay, -2.0 * x * decay])

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:  # noqa: ARG002
        """Yield rates of equal size."""
        for time in times(x, 40):
            yield 1.0 / (3.0 * time), 1.0 / (3.0 * time)


@dataclass(frozen=True, kw_only=True)
class DecouplingScaling(TraceModel):
    r"""Coherence time over the number of pulses, :math:`T_2(n) = T_2(1)\, n^s`.

    ``x`` is n. A bath with a slow Lorentzian spectrum gives s = 2/3: de Lange et
    al., Science 330, 60 (2010).
    """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Coherence time of one pulse, and the power."""
        return (Parameter("t2_one_pulse", "s", low=0.0), Parameter("power"))

    def _evaluate(self, x: Array, values: Array) -> Array:
        return np.asarray(values[0] * x ** values[1])

    def _jacobian(self, x: Array, values: Array) -> Array:
        rise = x ** values[1]
        return np.column_stack([rise, values[0] * rise * np.log(x)])

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the straight line through the logarithms of the points above zero.

        Each weighs as its y, as errors of one size of y make errors of the logarithm.
        """
        n, t2 = checks.vector("x", x, min_size=2), checks.vector("y", y, "s")
        if np.any(n <= 0.0):
            raise InvalidValue(f"x must be pulses > 0 for a power law, got {n.min()}.")
        above = t2 > 0.0  # noise may take others below
        if np.unique(n[above]).size < 2:
            raise InvalidValue(
                "y must be times > 0 in s at two numbers of pulses for a power law, "
                f"got {int(above.sum())} of {t2.size} points; give start values."
            )
        n, t2 = n[above], t2[above]
        power, level = np.polyfit(np.log(n), np.log(t2), 1, w=t2)
        return {"t2_one_pulse": float(np.exp(level)), "power": float(power)}
