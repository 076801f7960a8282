"""Second-harmonic FROG by other programs, from the same trace and the same start."""

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from qleap.bench import Skip

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def by_rows(trace: Floats, guess: Complex, iterations: int) -> Complex:
    """Do the same projections for all delays at once in NumPy and scipy.fft."""
    n = guess.size
    roots = np.sqrt(trace)
    place = np.arange(n)
    late = (place[None, :] - place[:, None]) % n
    field = guess.copy()
    for _ in range(iterations):
        gate = field[late]
        spectrum = scipy.fft.ifft(field * gate, axis=1, overwrite_x=True)
        size = np.abs(spectrum)
        spectrum *= roots / np.maximum(size, 1e-300)
        signal = scipy.fft.fft(spectrum, axis=1, overwrite_x=True)
        field = np.einsum("ij,ij->j", signal, gate.conj())
        field /= np.linalg.norm(field)
    return np.asarray(field)


def by_pypret(trace: Floats, guess: Complex) -> Callable[[int], Complex]:
    """Prepare pypret's retriever ``pcgpa``; it asks numpy for names of version 1."""
    for old, new in (
        ("complex_", np.complex128), ("float_", np.float64), ("int_", np.int64),
        ("product", np.prod), ("in1d", np.isin), ("trapz", np.trapezoid),
        ("string_", np.bytes_), ("unicode_", np.str_), ("bool8", np.bool_),
    ):  # fmt: skip
        if not hasattr(np, old):
            setattr(np, old, new)
    try:
        import pypret  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise Skip(f"pypret is not there ({error})") from error
    n = guess.size
    transform = pypret.FourierTransform(n, dt=1e-15)
    pulse = pypret.Pulse(transform, 800e-9)
    pulse.field = guess
    start = pulse.spectrum
    process = pypret.PNPS(pulse, "frog", "shg")
    shown = np.fft.fftshift(trace)
    data = pypret.MeshData(shown, pulse.t, process.process_w)

    def run(iterations: int) -> Complex:
        made = pypret.Retriever(process, "pcgpa", maxiter=iterations)
        made.retrieve(data, start.copy())
        pulse.spectrum = made.result(full=False).pulse_retrieved
        return np.asarray(pulse.field, dtype=np.complex128)

    return run


def by_attoworld(
    trace: Floats, guess: Complex, trials: int = 0, tested: int = 0
) -> Callable[[int], Complex]:
    """Prepare attoworld's compiled retrieval, from ``guess`` or from ``trials``.

    Loaded without its package, which wants a notebook.
    """
    compiled = _attoworld_rs()
    roots = np.ascontiguousarray(np.sqrt(np.fft.fftshift(trace, axes=0)).T)
    start = np.ascontiguousarray(guess)

    def run(iterations: int) -> Complex:
        found = compiled.rust_frog(
            roots, guess=None if trials else start, trial_pulses=trials,
            iterations=tested,
            finishing_iterations=iterations, frog_type=compiled.FrogType.Shg,
        )  # fmt: skip
        return np.asarray(found[0], dtype=np.complex128)

    return run


def _attoworld_rs() -> Any:
    name = "attoworld_rs"
    package = importlib.util.find_spec("attoworld")
    if package is None or package.origin is None:
        raise Skip("attoworld is not there")
    found = sorted(Path(package.origin).parent.glob(f"{name}*.so"))
    if not found:
        raise Skip("attoworld is there without its compiled part")
    if name not in sys.modules:
        loader = ExtensionFileLoader(name, str(found[0]))
        spec = importlib.util.spec_from_loader(name, loader)
        assert spec is not None
        made = importlib.util.module_from_spec(spec)
        loader.exec_module(made)
        sys.modules[name] = made
    return sys.modules[name]
