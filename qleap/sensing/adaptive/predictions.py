"""Predictions of a model for many particles at many settings."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.models import (
    FunctionModel,
    OdmrLines,
    Polynomial,
    Rabi,
    Ramsey,
    Renamed,
    Sum,
    TraceModel,
)

__all__ = ["Predictor", "predictor"]

Array = NDArray[np.float64]
Predictor = Callable[[Array, Array], Array]
"""Of settings ``(m,)`` and particles ``(p, n)``: the predictions, ``(m, n)``."""


def predictor(model: TraceModel) -> Predictor:
    """Return the fastest way to evaluate a model for many particles.

    Lorentzian lines, `Rabi` and `Ramsey` have kernels; functions and polynomials
    broadcast; sums are taken apart; any other model evaluates many values at once as
    it does in fits. What is returned can be pickled if the model can.
    """
    if isinstance(model, Renamed):
        return predictor(model.model)
    if isinstance(model, Sum):
        parts = [predictor(part) for part in model.parts]
        return partial(_sum, list(zip(parts, model._places(), strict=True)))
    if isinstance(model, OdmrLines) and model.lines.shape == "lorentzian":
        return partial(_lines, model.lines.offsets())
    for kind, predict in _BROADCAST:
        if isinstance(model, kind):
            return partial(predict, model)
    return partial(_many, model)


def _sum(
    parts: list[tuple[Predictor, NDArray[np.int64]]], x: Array, particles: Array
) -> Array:
    return np.asarray(sum(part(x, particles[places]) for part, places in parts))


def _lines(offsets: Array, x: Array, particles: Array) -> Array:
    from qleap.sensing._kernels.particle_predictions import lorentzian_predictions

    return lorentzian_predictions(x, particles, offsets)


def _rabi(model: Rabi, x: Array, particles: Array) -> Array:
    from qleap.sensing._kernels.particle_predictions import rabi_predictions

    rows = np.zeros((6, particles.shape[1]))
    rows[:4] = particles[:4]
    if model.averaged:
        rows[4] = particles[4]
    if model.delayed:
        rows[5] = particles[-1]
    nodes, shares = model._nodes()
    half = nodes >= 0.0  # of detunings of either sign the population is the same
    doubled = np.where(nodes[half] > 0.0, 2.0, 1.0)
    return rabi_predictions(x, rows, nodes[half], doubled * shares[half])


def _ramsey(model: Ramsey, x: Array, particles: Array) -> Array:
    from qleap.sensing._kernels.particle_predictions import ramsey_predictions

    rows = np.zeros((6, particles.shape[1]))
    rows[:4] = particles[:4]
    rows[4] = particles[4] if model.stretched else 1.0
    if model.phased:
        rows[5] = particles[-1]
    return ramsey_predictions(x, rows, *model._fringes())


def _polynomial(model: Polynomial, x: Array, particles: Array) -> Array:  # noqa: ARG001
    found = np.polynomial.polynomial.polyval(x, particles)
    return np.asarray(found.T, dtype=np.float64)


def _function(model: FunctionModel, x: Array, particles: Array) -> Array:
    """Return predictions of a function that broadcasts, or else one by one.

    Whether it does is seen from the shape and from the first and last particle.
    """
    shape = (x.size, particles.shape[1])
    ends = particles[:, [0, -1]]
    try:
        found = np.asarray(model.function(x[:, None], *particles[:, None, :]))
        found = np.broadcast_to(found, shape).astype(np.float64)
    except (TypeError, ValueError):
        return _many(model, x, particles)
    if np.allclose(found[:, [0, -1]], _many(model, x, ends), equal_nan=True):
        return found
    return _many(model, x, particles)


def _many(model: TraceModel, x: Array, particles: Array) -> Array:
    found = model._evaluate_many(x, np.ascontiguousarray(particles.T))
    return np.ascontiguousarray(found.T)


_BROADCAST: tuple[tuple[type[TraceModel], Callable[..., Array]], ...] = (
    (Rabi, _rabi),
    (Ramsey, _ramsey),
    (Polynomial, _polynomial),
    (FunctionModel, _function),
)
