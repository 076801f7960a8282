"""Find the magnetic field behind an ODMR spectrum of a diamond, with error bars.

Run it without arguments for a synthetic spectrum whose field is known, or give a
file: python fit_odmr_spectrum.py scan.csv
"""

import sys

import numpy as np

from qleap.core import style
from qleap.sensing import (
    LineModel,
    NVCentre,
    OdmrSpectrum,
    Spectrum,
    fit_odmr,
    plot_odmr,
    read_spectrum,
)
from qleap.sensing.nv import NITROGEN_14, canonical_field

FIELD = np.array([1.2e-3, -2.9e-3, 2.2e-3])  # T, along the cubic axes of the crystal
LINES = LineModel(hyperfine="14N")


def simulate() -> Spectrum:
    """Return what an ensemble with 14N shows in FIELD, with noise."""
    centre = NVCentre.at_temperature(296.0, nitrogen=NITROGEN_14)
    model = OdmrSpectrum(
        field=(FIELD[0], FIELD[1], FIELD[2]), fwhm=0.9e6, contrast=0.03, centre=centre
    )
    frequency = np.linspace(2.72e9, 3.02e9, 1201)
    noise = np.random.default_rng(1).normal(scale=5e-4, size=frequency.size)
    return Spectrum(frequency=frequency, signal=model.evaluate(frequency) + noise)


def main() -> None:
    """Fit, print and plot."""
    spectrum = read_spectrum(sys.argv[1]) if len(sys.argv) > 1 else simulate()
    fit = fit_odmr(spectrum, model=LINES)
    errors = fit.lines.standard_errors
    for position, error in zip(fit.lines.positions, errors, strict=False):
        print(f"line at {position / 1e6:9.3f} ± {error / 1e6:.3f} MHz")
    if fit.field.magnitude is None or fit.field.vector is None:
        print("no field:", fit.field.reasons["magnitude"])
    else:
        size, vector = fit.field.magnitude, fit.field.vector
        spread = np.sqrt(np.diag(vector.covariance)[:3])
        print(f"|B| = {1e6 * size.value:.2f} ± {1e6 * size.standard_error:.2f} µT")
        print("B   =", np.round(1e6 * vector.field, 2), "±", np.round(1e6 * spread, 2))
        print("      up to signs and order of the components along the cubic axes")
    if len(sys.argv) == 1:
        print("true:", 1e6 * canonical_field(FIELD), "µT")
    figure, axes = style.figure()
    plot_odmr(fit, ax=axes)
    print("saved", style.save_figure(figure, "fit_odmr_spectrum.png"))


if __name__ == "__main__":
    main()
