"""Fit the Hamiltonian of all four axes to spectra, and say what they leave open.

One spectrum leaves 48 fields; two more with known coil currents leave one. The same
model then gives a posterior, without start values and with every mode.
"""

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from qleap.core import style
from qleap.sensing import Spectrum, fit_hamiltonian, plot_posterior, sample_posterior
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
    """Simulate, fit one spectrum, fit three, and draw the posterior of the first."""
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
    fixed = {name: value for name, value in TRUTH.items() if name not in shown}
    priors = {name: Uniform(-3e-3, 3e-3) for name in shown[:3]}
    posterior = sample_posterior(
        model, FREQUENCY, spectra[0].signal, spectra[0].error, fixed=fixed,
        priors={**priors, "temperature": Gaussian(296.0, 10.0)}, n_particles=2000,
    )  # fmt: skip
    modes = {tuple(one) for one in np.round(posterior.samples[:, :3] / 2e-4)}
    print(f"the posterior of one spectrum covers {len(modes)} cells of 0.2 mT")
    picture = plot_posterior(posterior, truth=TRUTH)
    print("saved", style.save_figure(picture, "fit_full_hamiltonian.png"))


if __name__ == "__main__":
    main()
