r"""RABBITT: phases of harmonics from sidebands that beat over the delay.

Electrons between two harmonics come from either by one more or one less photon of the
dressing field :math:`E_0\cos(\omega t)`, and the two ways interfere:

.. math:: S_q(\tau) \propto 1 + b\cos(2\omega\tau + \phi_{q+1} - \phi_{q-1}
    + \Delta\phi_\mathrm{atomic})

where :math:`\tau` is when the light arrives in the field's time and :math:`\phi` are
spectral phases on :math:`e^{+i\phi}`: a train that comes later by :math:`t_0` has
:math:`\phi_{q+1}-\phi_{q-1}=2\omega t_0`.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.ionisation.atoms import checked_energy
from qleap.laser.metrology.attosecond_result import (
    AttosecondRetrieval,
    duration,
    interval,
    trace_error,
)
from qleap.laser.metrology.photoemission import PhotoDipole, check_dipole
from qleap.laser.metrology.rabbitt_lines import RabbittLines, beating, sign_flipped
from qleap.laser.metrology.streaking import check_trace
from qleap.laser.pulses.light import carrier, checked_wavelength
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["harmonic_train", "retrieve_rabbitt", "sideband_signals"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AMBIGUITIES: Final = (
    "the mean phase of the harmonics: set to zero",
    "time zero, unless field_phase is known: a common delay of all sidebands",
    "what differs from burst to burst: the pulse is their average",
    "light between the lines: taken as a flat background, unless one is given",
)

SHARE: Final = 0.5
"""Of the dressing field's photon energy: the width over which lines are summed."""


def harmonic_train(
    orders: ArrayLike,
    amplitudes: ArrayLike,
    phases: ArrayLike,
    *,
    wavelength: float,
    fwhm: float,
    energy: float = 1.0,
) -> SampledPulse:
    r"""Return a train of attosecond pulses with given harmonics.

    Parameters
    ----------
    orders : array_like of int, shape (n,)
        Increasing.
    amplitudes, phases : array_like, shape (n,)
        Of the field; phases on :math:`e^{+i\phi}`, rad.
    wavelength : float
        Of the fundamental, m.
    fwhm : float
        Of the (Gaussian) train's power, s.
    energy : float
        J.
    """
    order = checks.increasing("orders", orders)
    size = checks.vector("amplitudes", amplitudes)
    phase = checks.vector("phases", phases, "rad")
    if size.size != order.size or phase.size != order.size:
        raise InvalidValue(
            f"amplitudes and phases must have as many values as orders ({order.size}), "
            f"got {size.size} and {phase.size}."
        )
    if order[0] < 1.0 or not np.any(size):
        raise InvalidValue(
            "harmonics must have orders >= 1 and an amplitude that is not zero, got "
            f"orders from {order[0]:.4g} and amplitudes up to {np.abs(size).max():.4g}."
        )
    omega = carrier(checked_wavelength(wavelength))
    width = checks.positive("fwhm", fwhm, "s")
    middle = 0.5 * (order[0] + order[-1])
    reach = (order[-1] - order[0]) * omega + 60.0 / width
    window = 5.0 * width
    n = 1 << max(6, math.ceil(math.log2(window * reach / (2.0 * math.pi))))
    grid = Grid(n_points=n, window=window, wavelength=wavelength / middle)
    away = (order - middle) * omega
    waves = size * np.exp(1j * phase - 1j * np.outer(grid.time, away))
    envelope = np.exp(-2.0 * math.log(2.0) * (grid.time / width) ** 2)
    samples = envelope * waves.sum(axis=1)
    total = np.sum(np.abs(samples) ** 2) * grid.step
    wanted = checks.positive("energy", energy, "J")
    return SampledPulse(grid=grid, samples=samples * math.sqrt(wanted / total))


def sideband_signals(
    delays: ArrayLike,
    orders: ArrayLike,
    amplitudes: ArrayLike,
    phases: ArrayLike,
    *,
    wavelength: float,
    atomic_phases: ArrayLike | None = None,
) -> Floats:
    """Return sidebands over the delay in second order, ``(n_delays, n - 1)``.

    Parameters
    ----------
    delays : array_like, shape (n_d,)
        s.
    orders, amplitudes, phases : array_like, shape (n,)
        Of neighbouring odd harmonics, as for `harmonic_train`.
    wavelength : float
        Of the fundamental, m.
    atomic_phases : array_like, shape (n - 1,), optional
        Of each sideband, rad.

    Returns
    -------
    ndarray
        In units of a harmonic of amplitude one, both ways alike; the first is between
        the first two orders.
    """
    delay = checks.vector("delays", delays, "s")
    order = checks.increasing("orders", orders)
    if not np.all(np.diff(order) == 2):
        raise InvalidValue("orders must go in steps of two, got others.")
    size, phase = (
        checks.vector("amplitudes", amplitudes),
        checks.vector("phases", phases),
    )
    if size.size != order.size or phase.size != order.size:
        raise InvalidValue(
            f"amplitudes and phases must have as many values as orders ({order.size}), "
            f"got {size.size} and {phase.size}."
        )
    extra = np.zeros(order.size - 1)
    if atomic_phases is not None:
        extra = checks.vector("atomic_phases", atomic_phases, "rad")
        if extra.size != order.size - 1:
            raise InvalidValue(
                f"atomic_phases must be one for each of {order.size - 1} sidebands, "
                f"got {extra.size}."
            )
    omega = carrier(checked_wavelength(wavelength))
    turn = 2.0 * omega * delay[:, None] + np.diff(phase) + extra
    low, high = size[:-1], size[1:]
    return np.asarray(low**2 + high**2 + 2.0 * low * high * np.cos(turn))


def retrieve_rabbitt(
    trace: "xr.Dataset",
    *,
    ionisation_energy: float,
    wavelength: float,
    orders: tuple[int, int] | None = None,
    dipole: PhotoDipole | None = None,
    field_phase: float = 0.0,
    share: float = SHARE,
    background: float | None = None,
    n_bootstrap: int = 200,
    seed: int = 0,
) -> AttosecondRetrieval:
    r"""Return the average pulse of a train from its sidebands.

    Parameters
    ----------
    trace : xarray.Dataset
        From `streaking_trace` with a weak field, or `read_streaking`.
    ionisation_energy : float
        J.
    wavelength : float
        Of the dressing field, whose harmonics these are, m.
    orders : (int, int), optional
        Lowest and highest odd harmonic; by default all that the trace shows with more
        than 2 % of the strongest, and above the noise.
    dipole : PhotoDipole, optional
        Its phase differences are taken away, its sizes divided out.
    field_phase : float
        The field is :math:`\cos(\omega t + \text{field\_phase})`, rad.
    share : float
        Width over which a line is summed, in photons of the dressing field.
    background : float, optional
        Flat one below the lines, in the trace's units; by default the median of what
        lies midway between neighbouring orders. It is taken off.
    n_bootstrap : int
        Resamples: residuals of whole delays get random signs.
    seed : int

    Returns
    -------
    AttosecondRetrieval
        With ``sideband_order``, ``sideband_phase`` (of the beating), its error,
        ``group_delay`` (atomic part taken away) and its error, ``harmonic_order``,
        ``harmonic_amplitude``, ``harmonic_phase`` and ``background`` (of the trace's
        peak) in ``extra``.

    Notes
    -----
    P. M. Paul et al., Science 292, 1689 (2001). Each energy is fitted by a constant, a
    cosine and a sine of twice the frequency; higher orders of the field are residual.
    """
    measured = check_trace(trace)
    ip = checked_energy(ionisation_energy)
    omega = carrier(checked_wavelength(wavelength))
    delay, energy = trace["delay"].values, trace["energy"].values
    if delay.size < 6 or np.ptp(delay) < 0.9 * math.pi / omega:
        raise InvalidValue(
            "delays must be >= 6 over half a cycle of the dressing field "
            f"({math.pi / omega:.3g} s), got {delay.size} over {np.ptp(delay):.3g} s."
        )
    scaled = measured / measured.max()
    check_dipole(dipole)
    lines = RabbittLines(energy, ip, omega, checks.between("share", share, 0.05, 1.0))
    if background is not None:
        background = checks.finite("background", background) / measured.max()
    fit = beating(delay, omega)
    harmonics = lines.harmonics(scaled, fit, background, orders)
    atomic = _atomic(dipole, lines, harmonics)
    sizes = np.ones(harmonics.size)
    if dipole is not None:
        sizes = np.abs(dipole([lines.place(float(q)) for q in harmonics]))
    found = lines.read(scaled, fit, harmonics, background)
    beat, size = found.phase, found.size / sizes
    step = beat - atomic - 2.0 * checks.finite("field_phase", field_phase, "rad")
    pulse, phase = _burst(harmonics, size, step, omega)
    rng = np.random.default_rng(checks.count("seed", seed, 0))
    fitted = fit.smooth(scaled)
    spread = []
    for _ in range(checks.count("n_bootstrap", n_bootstrap, 0)):
        other = sign_flipped(scaled, fitted, fit, rng)
        again = lines.read(other, fit, harmonics, background)
        moved = step + np.angle(np.exp(1j * (again.phase - beat)))
        spread.append(duration(_burst(harmonics, again.size / sizes, moved, omega)[0]))
    residual = scaled - fitted
    return AttosecondRetrieval(
        pulse=pulse,
        trace=trace,
        residual=residual,
        error=trace_error(residual),
        fwhm=duration(pulse),
        fwhm_interval=interval(spread),
        method="RABBITT",
        ambiguities=AMBIGUITIES,
        converged=True,
        iterations=1,
        seed=seed,
        extra={
            "sideband_order": (
                ("sideband",),
                np.asarray(harmonics[1:] - 1, float),
                "1",
            ),
            "sideband_phase": (("sideband",), beat, "rad"),
            "sideband_phase_error": (("sideband",), found.error, "rad"),
            "group_delay": (("sideband",), step / (2.0 * omega), "s"),
            "group_delay_error": (("sideband",), found.error / (2.0 * omega), "s"),
            "harmonic_order": (("harmonic",), harmonics.astype(float), "1"),
            "harmonic_amplitude": (("harmonic",), size / size.max(), "1"),
            "harmonic_phase": (("harmonic",), phase, "rad"),
            "background": ((), np.asarray(found.background), "1"),
        },
    )


def _atomic(
    dipole: PhotoDipole | None, lines: RabbittLines, harmonics: Integers
) -> Floats:
    """Return what the atom adds to each sideband's phase, rad."""
    if dipole is None:
        return np.zeros(harmonics.size - 1)
    angle = np.angle(dipole([lines.place(float(q)) for q in harmonics]))
    return np.asarray(np.angle(np.exp(1j * np.diff(angle))))


def _burst(
    harmonics: Integers, size: Floats, step: Floats, omega: float
) -> tuple[SampledPulse, Floats]:
    """Return one burst of the train, centred, and the harmonics' phases."""
    phase = np.concatenate([[0.0], np.cumsum(np.angle(np.exp(1j * step)))])
    middle = int(harmonics[harmonics.size // 2])
    half_cycle = math.pi / omega
    away = (harmonics - middle) * omega
    fine = half_cycle * (np.arange(2048) / 2048 - 0.5)
    waves = size * np.exp(1j * phase)
    power = np.abs(np.exp(-1j * np.outer(fine, away)) @ waves) ** 2
    turn = np.sum(power * np.exp(2j * np.pi * fine / half_cycle))
    late = float(np.angle(turn)) * half_cycle / (2.0 * np.pi)
    waves = waves * np.exp(-1j * away * late)
    reach = 8.0 * max(np.ptp(away), 8.0 * omega)
    reach = min(reach, 1.9 * middle * omega)
    n = 1 << max(6, math.ceil(math.log2(1.5 * half_cycle * reach / (2.0 * np.pi))))
    grid = Grid(
        n_points=n,
        window=2.0 * math.pi * n / reach,
        wavelength=2.0 * math.pi * SPEED_OF_LIGHT / (middle * omega),
    )
    samples = np.exp(-1j * np.outer(grid.time, away)) @ waves
    samples *= np.abs(grid.time) <= 0.5 * half_cycle
    total = np.sum(np.abs(samples) ** 2) * grid.step
    return SampledPulse(grid=grid, samples=samples / math.sqrt(total)), phase
