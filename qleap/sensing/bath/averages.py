"""Coherence and its decay over many random baths."""

import os
import pickle
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.blas import one_blas_thread
from qleap.core.errors import InvalidKind
from qleap.core.parallel import map_points
from qleap.sensing.bath.clusters import find_clusters
from qleap.sensing.bath.decay import fit_decay
from qleap.sensing.bath.expansion import coherence
from qleap.sensing.bath.generalized import generalized_coherence
from qleap.sensing.bath.sampling import sampled_coherence
from qleap.sensing.bath.spins import BathSpins

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["lattice_average"]


def lattice_average(
    make_bath: Callable[..., BathSpins],
    n_lattices: int,
    times: ArrayLike,
    *,
    field: ArrayLike,
    pulses: int | ArrayLike = 1,
    order: int = 2,
    distance: float = 8e-10,
    levels: tuple[float, float] = (0.0, -1.0),
    samples: int = 0,
    generalized: bool = False,
    seed: int = 0,
    workers: int | None = None,
    executor: Any = None,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    """Return the coherence and T2 of many random baths, and of their mean.

    Parameters
    ----------
    make_bath : callable
        Called as ``make_bath(seed=generator)``: ``partial(diamond_lattice, 4e-9)``.
    n_lattices : int
    times : array_like, shape (t,), s
        Ascending whole times. Take `revival_times` for echoes in low fields.
    field, pulses, order, distance, levels
        See `coherence`.
    samples : int
        Random states of each bath (`sampled_coherence`), for electrons; by default
        none and each bath is mixed.
    generalized : bool
        Whether to use `generalized_coherence`.
    seed : int
        The same seed gives the same baths for any number of workers.
    workers, executor, store
        See `map_points`: threads, another place to compute, and a folder from which
        an interrupted average goes on.

    Returns
    -------
    xarray.Dataset
        Of the kind ``"coherence"``: ``coherence`` (lattice, time); ``t2``,
        ``exponent``, ``crossing``, ``converged``, ``spins`` (lattice) from
        `fit_decay`; ``mean`` (time), ``mean_t2`` and ``mean_exponent``, those of an
        ensemble that is read out as one.
    """
    moments = checks.increasing("times", times, "s", min_size=4)
    checks.count("n_lattices", n_lattices)
    if not callable(make_bath):
        raise InvalidKind(
            f"make_bath must be a function that makes baths, got {make_bath!r:.60}; "
            "write functools.partial(diamond_lattice, 4e-9)."
        )
    options: dict[str, Any] = {
        "field": np.asarray(checks.vectors("field", field, "T")),
        "pulses": pulses,
        "order": checks.count("order", order),
        "distance": checks.positive("distance", distance, "m"),
        "levels": levels,
    }
    work = partial(_one_lattice, make_bath, moments, options, samples, generalized)
    if store is not None:
        _require_picklable(make_bath)
    with one_blas_thread():
        found = map_points(
            work,
            range(n_lattices),
            rng=np.random.default_rng(seed),
            workers=workers,
            executor=executor,
            store=store,
            label="lattices",
        )
    curves = np.array([curve for curve, _ in found])
    sizes = np.array([size for _, size in found])
    kept = {
        "field_T": options["field"].tolist(),
        "pulses": np.asarray(pulses).tolist(),
        "order": order,
        "distance_m": distance,
        "levels": list(levels),
        "samples": samples,
        "generalized": generalized,
    }
    return _dataset(moments, curves, sizes, kept, seed)


def _one_lattice(
    make_bath: Callable[..., BathSpins],
    times: NDArray[np.float64],
    options: dict[str, Any],
    samples: int,
    generalized: bool,
    _: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.complex128], int]:
    """Return the coherence of one random bath and its number of spins."""
    bath = make_bath(seed=rng)
    if samples:
        drawn = sampled_coherence(
            bath,
            times,
            samples=samples,
            generalized=generalized,
            seed=rng,
            workers=1,
            **options,
        )
        return drawn.coherence, len(bath)
    if generalized:
        return generalized_coherence(bath, times, workers=1, **options), len(bath)
    chosen = dict(options)
    clusters = find_clusters(
        bath, order=chosen["order"], distance=chosen.pop("distance")
    )
    return coherence(bath, times, clusters=clusters, threads=1, **chosen), len(bath)


def _dataset(
    times: NDArray[np.float64],
    curves: NDArray[np.complex128],
    sizes: NDArray[np.int64],
    parameters: dict[str, Any],
    seed: int,
) -> "xr.Dataset":
    fits = [fit_decay(times, curve) for curve in curves]
    mean = curves.mean(axis=0)
    whole = fit_decay(times, mean)
    lattice = ("lattice",)
    return results.dataset(
        kind="coherence",
        coords={
            "time": (times, "s"),
            "lattice": (np.arange(len(curves)), "1"),
        },
        variables={
            "coherence": (("lattice", "time"), curves, "1"),
            "t2": (lattice, [fit.time for fit in fits], "s"),
            "exponent": (lattice, [fit.exponent for fit in fits], "1"),
            "crossing": (lattice, [fit.crossing for fit in fits], "s"),
            "converged": (lattice, [fit.converged for fit in fits], "1"),
            "spins": (lattice, sizes, "1"),
            "mean": (("time",), mean, "1"),
            "mean_t2": ((), whole.time, "s"),
            "mean_exponent": ((), whole.exponent, "1"),
        },
        parameters=parameters,
        seed=seed,
    )


def _require_picklable(make_bath: Callable[..., BathSpins]) -> None:
    try:
        pickle.dumps(make_bath)
    except Exception as error:  # pickle raises many kinds
        raise InvalidKind(
            "make_bath must be a function of a module, or functools.partial of one, "
            f"for a store to know it again, got {make_bath!r:.80}."
        ) from error
