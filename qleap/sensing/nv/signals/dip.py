"""The dip that nuclei leave in the coherence of a decoupled centre, and its depth."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.signals.nmr import NuclearLayer, diffusion_modes

__all__ = ["DepthFit", "decoupled_coherence", "fit_depth"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def decoupled_coherence(
    layer: NuclearLayer,
    spacing: ArrayLike,
    *,
    pulses: int,
    field: float,
    decay_rate: float = 0.0,
    diffusion: float | None = None,
    quanta: int = 1,
) -> Array:
    r"""Return the coherence after evenly spaced pi pulses (XY8-k, CPMG), 1 to 0.

    Parameters
    ----------
    layer : NuclearLayer
    spacing : array_like, shape (...)
        :math:`\tau` between the pulses, s; the first comes after half of it.
    pulses : int
        8 k for XY8-k.
    field : float
        Static field along the centre's axis, T.
    decay_rate : float
        :math:`1/T_2` of the nuclei, 1/s.
    diffusion : float, optional
        Coefficient of a liquid, m^2/s; then the layer counts as unlimited.
    quanta : int
        1 between m = 0 and one other level, 2 for the double quantum.

    Notes
    -----
    :math:`C = e^{-\chi}`, exact for ideal pulses and Gaussian noise of many nuclei.
    On resonance, :math:`\tau = 1/2f`, without decay
    :math:`\chi = (2/\pi^2)(2\pi\gamma_e B_\mathrm{rms}N\tau)^2`. What the centre
    loses otherwise is to be multiplied.

    References
    ----------
    Staudacher et al., Science 339, 561 (2013); Pham et al., Phys. Rev. B 93, 045425
    (2016).
    """
    checks.count("pulses", pulses)
    checks.non_negative("decay_rate", decay_rate, "1/s")
    tau = np.asarray(spacing, dtype=np.float64)
    if not np.all(tau > 0.0):
        raise InvalidValue(f"spacing must be > 0 s, got {np.ravel(tau)[:3].tolist()}.")
    frequency = checks.positive("larmor_frequency", layer.larmor_frequency(field), "Hz")
    weights, rates = np.ones(1), np.zeros(1)
    if diffusion is not None:
        weights, rates = diffusion_modes(layer.depth, diffusion)
    power = _powers(frequency, rates + decay_rate)
    variance = 2.0 * (_decoupled(tau.ravel(), pulses, power).real @ weights)
    ratio = float(NVCentre().gyromagnetic_ratios[2]) * checks.count("quanta", quanta)
    turn = 2.0 * math.pi * ratio * layer.field_rms
    return np.exp(-0.5 * turn**2 * variance).reshape(tau.shape)


@dataclass(frozen=True, kw_only=True, slots=True)
class DepthFit:
    """Depth of a centre from a dip.

    Parameters
    ----------
    depth, depth_error : float
        m; one standard error with the scatter of the residuals.
    field, field_error : float
        Static field from the place of the dip, T.
    rms_residual : float
        Of the coherence.
    """

    depth: float
    depth_error: float
    field: float
    field_error: float
    rms_residual: float


def fit_depth(
    spacing: ArrayLike,
    coherence: ArrayLike,
    layer: NuclearLayer,
    *,
    pulses: int,
    field: float,
    decay_rate: float = 0.0,
    diffusion: float | None = None,
) -> DepthFit:
    """Return the depth and the field that explain a dip.

    Parameters
    ----------
    spacing, coherence : array_like, shape (n,)
        Times between pulses, s, and the coherence there, 1 without nuclei.
    layer : NuclearLayer
        All but its depth, which is the start.
    pulses, field, decay_rate, diffusion
        As in `decoupled_coherence`; the field is a start, right to within the width
        of the dip.
    """
    from scipy.optimize import least_squares

    tau = checks.vector("spacing", spacing, "s", min_size=3)
    seen = checks.vector("coherence", coherence)
    if seen.size != tau.size:
        raise InvalidValue(
            f"coherence must be as many as spacing, got {seen.size} and {tau.size}."
        )

    def misfit(scaled: Array) -> Array:
        model = decoupled_coherence(
            replace(layer, depth=layer.depth * math.exp(scaled[0])),
            tau,
            pulses=pulses,
            field=field * (1.0 + scaled[1]),
            decay_rate=decay_rate,
            diffusion=diffusion,
        )
        return model - seen

    starts = [np.array([shift, 0.0]) for shift in (-0.6, -0.2, 0.2, 0.6)]
    fits = [least_squares(misfit, s, x_scale=[1.0, 1e-2]) for s in starts]
    best = min(fits, key=lambda fit: float(fit.cost))
    variance = 2.0 * float(best.cost) / max(tau.size - 2, 1)
    spread = np.sqrt(np.diag(np.linalg.pinv(best.jac.T @ best.jac) * variance))
    depth = layer.depth * math.exp(float(best.x[0]))
    return DepthFit(
        depth=depth,
        depth_error=depth * float(spread[0]),
        field=field * (1.0 + float(best.x[1])),
        field_error=abs(field) * float(spread[1]),
        rms_residual=math.sqrt(2.0 * float(best.cost) / tau.size),
    )


@dataclass(frozen=True, slots=True)
class _Map:
    """What a stretch of the sequence does to the memory of the signs before it.

    The memory is the integral of the past signs against exp(-lambda (t - t')); it
    becomes ``fall * memory + gain``, and the double integral up to the end of the
    stretch grows by ``reads * memory + own``. One element for each spacing and rate.
    """

    fall: Complex
    gain: Complex
    reads: Complex
    own: Complex

    @classmethod
    def of(cls, power: Complex, length: Array | float, sign: float) -> "_Map":
        """Return the map of one segment; ``power`` is rate + i omega."""
        fall = np.exp(-power * length)
        reach = (1.0 - fall) / power
        own = sign**2 * (length - reach) / power
        return cls(fall, sign * reach, sign * reach, own)

    def then(self, later: "_Map") -> "_Map":
        return _Map(
            later.fall * self.fall,
            later.fall * self.gain + later.gain,
            self.reads + later.reads * self.fall,
            self.own + later.own + later.reads * self.gain,
        )

    def repeated(self, times: int) -> "_Map":
        """Return the map of many stretches, by squaring; nothing is divided."""
        if times == 1:
            return self
        half = self.repeated(times // 2)
        whole = half.then(half)
        return whole.then(self) if times % 2 else whole


def _powers(frequency: float, rates: Array) -> Complex:
    checks.positive("frequency", frequency, "Hz")
    return np.asarray(rates + 2j * math.pi * frequency)


def _decoupled(spacing: Array, pulses: int, power: Complex) -> Complex:
    """Return half of the double integral of evenly spaced pulses, ``(m, rates)``."""
    tau = spacing[:, None]
    whole = _Map.of(power, 0.5 * tau, 1.0)
    pairs, odd = divmod(pulses - 1, 2)
    minus = _Map.of(power, tau, -1.0)
    if pairs:
        pair = minus.then(_Map.of(power, tau, 1.0))
        whole = whole.then(pair.repeated(pairs))
    if odd:
        whole = whole.then(minus)
    last = 1.0 if pulses % 2 == 0 else -1.0
    return whole.then(_Map.of(power, 0.5 * tau, last)).own
