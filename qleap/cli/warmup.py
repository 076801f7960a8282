"""One small run of each domain, so that all kernels lie compiled on disk."""

import time
from collections.abc import Callable, Iterator

__all__ = ["warm_up"]


def warm_up() -> Iterator[tuple[str, float]]:
    """Yield the name of each domain and the seconds that its kernels took."""
    for name, run in (
        ("processing", _processing),
        ("sensing", _sensing),
        ("laser", _laser),
    ):
        yield name, _seconds(run)


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _processing() -> None:
    import numpy as np
    from qiskit import QuantumCircuit

    from qleap.processing import run, statevector, variance

    for n_qubits in (4, 14):  # the whole state, and block by block
        circuit = QuantumCircuit(n_qubits)
        circuit.h(0)
        statevector(circuit)
    for n_qubits in (4, 15):  # one tile, and two
        for kind in (np.complex128, np.complex64):
            variance(np.eye(1, 1 << n_qubits, dtype=kind)[0], "Z" * n_qubits)
    dynamic = QuantumCircuit(1, 1)
    dynamic.measure(0, 0)
    dynamic.x(0)
    run(dynamic, shots=1)


def _sensing() -> None:
    import numpy as np

    from qleap.sensing import NVCentre, OdmrSpectrum, Spectrum, fit_odmr
    from qleap.sensing.adaptive import AdaptiveExperiment, GaussianNoise, Uniform
    from qleap.sensing.models import OdmrLines
    from qleap.sensing.nv.photophysics import CwOdmrModel

    frequency = np.linspace(2.7e9, 3.05e9, 701)
    truth = OdmrSpectrum(field=(1e-3, 2e-3, 3e-3), fwhm=3e6, contrast=0.02)
    data = Spectrum(frequency=frequency, signal=truth.evaluate(frequency))
    fit_odmr(data, n_lines=8)
    spins, fields = NVCentre().spin_system(), np.zeros((1000, 3))
    spins.energies(fields)
    spins.eigenstates(fields)
    search = AdaptiveExperiment(
        OdmrLines(n_lines=1),
        {"position_1": Uniform(2.7e9, 3.05e9), "fwhm_1": 3e6, "depth_1": 0.02,
         "background": 1.0},
        frequency, GaussianNoise(1e-3), n_particles=1000,
    )  # fmt: skip
    search.run(lambda f: float(truth.evaluate([f])[0]), 5)
    driven = CwOdmrModel(lines=(2.86e9, 2.88e9))
    driven.evaluate(frequency)
    driven.jacobian(frequency)


def _laser() -> None:
    from qleap.laser import Fibre, Pulse, propagate_fibre

    pulse = Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=100.0)
    fibre = Fibre(length=1e-3, wavelength=835e-9, betas=(-1e-26,), gamma=0.1)
    propagate_fibre(pulse, fibre, n_positions=2)
