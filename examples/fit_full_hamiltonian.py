"""Fit the Hamiltonian of all four axes to spectra, and say what they leave open.

One spectrum leaves 48 fields; two more with known coil currents leave one. The same
model objects then give a posterior, without start values.
"""

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from qleap.core import style
from qleap.sensing import (
    Spectrum,
    Trace,
    fit_hamiltonian,
    plot_posterior,
    sample_posterior_of_traces,
)
from qleap.sensing.models import Gaussian, HamiltonianSpectrum, Uniform

FREQUENCY = np.linspace(2.74e9, 3.0e9, 321)
NOISE = 5e-4
COILS = np.array([[0.0, 0.0, 0.0], [1.0e-3, 0.0, 0.0], [0.0, 1.2e-3, 0.0]])  # T
TRUTH = {
    "field_x": 1.2e-3,
    "field_y": -0.5e-3,
    "field_z": 2.1e-3,
    "temperature": 301.5,
    "m_z_1": 4e5,
    "m_z_2": -3e5,
    "m_z_3": 1e5,
    "fwhm": 6e6,
    "contrast": 0.02,
    "background": 1.0,
}


def main() -> None:
    """Simulate, fit one spectrum, fit three, and draw the posterior of the three."""
    model = HamiltonianSpectrum(
        crystal_from_lab=Rotation.from_euler("xyz", [10, 25, -15], degrees=True)
        .as_matrix(),
        thermometer=True,
        strain="axial",
    )  # fmt: skip
    rng = np.random.default_rng(4)
    spectra = []
    for coil in COILS:
        clean = replace(model, bias=tuple(coil)).evaluate(FREQUENCY, TRUTH)
        noisy = clean + rng.normal(scale=NOISE, size=clean.size)
        error = np.full(clean.size, NOISE)
        spectra.append(Spectrum(frequency=FREQUENCY, signal=noisy, error=error))

    alone = fit_hamiltonian(spectra[0], model)
    print(f"one spectrum: |B| = {1e3 * alone.magnitude.value:.4f} mT")
    print("  ", "\n   ".join(alone.ambiguities))
    fit = fit_hamiltonian(spectra, model, biases=COILS)
    print(f"three spectra: {len(fit.equivalents)} field")
    for name, unit, scale in (
        ("field_x", "mT", 1e3),
        ("field_y", "mT", 1e3),
        ("field_z", "mT", 1e3),
        ("temperature", "K", 1.0),
        ("m_z_1", "kHz", 1e-3),
    ):
        found = fit.fit[name]
        print(
            f"  {name} = {scale * found.value:.4f} +- "
            f"{scale * found.standard_error:.4f} {unit}, true {scale * TRUTH[name]:.4f}"
        )
        assert abs(found.value - TRUTH[name]) < 4.0 * found.standard_error
    assert len(alone.equivalents) == 48
    assert len(fit.equivalents) == 1

    shown = ("field_x", "field_y", "field_z", "temperature")
    posterior = sample_posterior_of_traces(
        [Trace(x=one.frequency, y=one.signal, error=one.error) for one in spectra],
        [replace(model, bias=tuple(coil)) for coil in COILS],
        fixed={name: value for name, value in TRUTH.items() if name not in shown},
        priors={
            "temperature": Gaussian(296.0, 10.0),
            **{name: Uniform(-3e-3, 3e-3) for name in shown[:3]},
        },
        n_particles=500,
    )
    low, high = (1e3 * limit for limit in posterior.interval("field_x", level=0.95))
    print(f"posterior without start values: field_x in {low:.4f} to {high:.4f} mT")
    assert low < 1e3 * TRUTH["field_x"] + 1e-3
    assert high > 1e3 * TRUTH["field_x"] - 1e-3
    picture = plot_posterior(posterior, truth=TRUTH)
    print("saved", style.save_figure(picture, "fit_full_hamiltonian.png"))


if __name__ == "__main__":
    main()
