"""A pulse in few numbers behind a trace, where they explain it as well as many."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.blas import one_blas_thread
from qleap.laser.grid import Grid
from qleap.laser.metrology.evidence_fit import EvidenceFit
from qleap.laser.metrology.light_form import LightForm, lit_band
from qleap.laser.metrology.model import TraceModel, as_pairs
from qleap.laser.metrology.wing_prior import WingPrior

__all__ = ["few_numbers"]

Floats = NDArray[np.float64]

AMPLITUDES: Final = 28
"""Numbers of the spectrum."""

PHASES: Final = 4
"""Numbers of its phase: orders two to five."""

MOST: Final = 300
"""Evaluations of slopes."""

WORTH: Final = 20.0
"""Squared deviations, over the noise, that free frequencies explain for nothing: two
(H. Akaike, IEEE Trans. Autom. Control 19, 716 (1974)) for each of ten more numbers."""

STIFF: Final = 1e3
"""Curvature along a phase that a noisy trace shows well: to 0.03 rad, 1/rad^2."""

STEP: Final = 1e-4
"""Differences from which slopes are taken."""


class _FewNumbers:
    """Traces of a `LightForm`."""

    def __init__(self, model: TraceModel, form: LightForm, roots: Floats) -> None:
        self.model, self.form, self.roots = model, form, roots
        self.n_amplitudes, self.n_phases = form.n_amplitudes, form.n_phases

    def pairs(self, x: Floats) -> Floats:
        """Return the spectrum of numbers in pairs."""
        return as_pairs(self.form.spectrum(x))

    def spectra(self, x: Floats) -> Floats:
        """Return the trace, ``(rows, n)``, times the roots of its weights."""
        return self.roots * self.model.intensity(self.pairs(x))

    def slopes(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the trace and its slopes: central differences of a polynomial."""
        spectrum = self.form.spectrum(x)
        columns = np.empty((x.size, self.roots.size))
        for k, change in enumerate(STEP * self.form.slopes(spectrum)):
            above = self.model.intensity(as_pairs(spectrum + change))
            above -= self.model.intensity(as_pairs(spectrum - change))
            columns[k] = (self.roots * above).ravel() / (2.0 * STEP)
        return self.spectra(x), columns.T


def few_numbers(
    model: TraceModel,
    grid: Grid,
    wanted: Floats,
    spectrum: Floats,
    variance: float,
    weights: Floats | None,
    resamples: int,
    rng: np.random.Generator,
) -> tuple[Floats, list[Floats]] | None:
    """Return the spectrum of few numbers behind a trace, and resampled ones.

    Parameters
    ----------
    model : TraceModel
    grid : Grid
    wanted : ndarray, shape (rows, n)
    spectrum : ndarray, shape (2, n)
        The most probable one where each frequency is free.
    variance : float
        Of a point of the trace.
    weights : ndarray, shape (rows, n), optional
    resamples : int
    rng : numpy.random.Generator

    Returns
    -------
    spectrum : ndarray, shape (2, n)
    resampled : list of ndarray
        Or None, where free frequencies explain more than `WORTH`.
    """
    roots = np.ones(wanted.shape) if weights is None else np.sqrt(weights)
    left = float(np.sum((roots * (wanted - model.intensity(spectrum))) ** 2))
    enough = left + WORTH * variance
    amplitudes = spectrum[0] + 1j * spectrum[1]
    axis = grid.detuning
    order = np.argsort(axis)
    form = LightForm(
        axis,
        band=lit_band(axis[order], np.abs(amplitudes[order]) ** 2),
        ends=(float(axis.min()), float(axis.max())),
        n_amplitudes=AMPLITUDES,
        n_phases=PHASES,
    )
    start, _ = form.first(amplitudes)
    few = _FewNumbers(model, form, roots)
    fit = EvidenceFit(
        model=few,
        scaled=roots * wanted,
        prior=WingPrior(form, start, amplitudes),
        noise=float(np.sqrt(variance)),
        most=MOST,
        stiff=STIFF,
    )
    with one_blas_thread():
        found = fit.search(start, enough)
        if not found:
            return None
        found = fit.polished(found)
        best = found[0].mean
        if float(np.sum((fit.scaled - few.spectra(best)) ** 2)) > enough:
            return None
        drawn = fit.drawn(found, resamples, rng)
    return few.pairs(best), [few.pairs(one) for one in drawn]
