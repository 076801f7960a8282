"""Attosecond streaking: spectra of electrons over the delay of a dressing field."""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import HARTREE
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.ionisation.atoms import checked_energy
from qleap.laser.metrology import volkov
from qleap.laser.metrology.photoemission import PhotoDipole, check_dipole
from qleap.laser.propagation.team import Team
from qleap.laser.pulses.light import Light, carrier, check_light

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "STREAKING",
    "blurred",
    "check_trace",
    "count_electrons",
    "first_moment",
    "streaking_trace",
]

Floats = NDArray[np.float64]

STREAKING: Final = "laser.streaking"

LARGEST: Final = 2**24
"""Values of a trace."""

FASTEST: Final = 1e-14
"""J: an eighth of an electron's mass. Electrons here are slow against light."""

MOST_BLURRED: Final = 2**14
"""Energies of a trace that a spectrometer blurs; a matrix of two gigabytes."""


def streaking_trace(
    light: Light,
    field: DrivingField | None,
    *,
    ionisation_energy: float,
    energies: ArrayLike,
    delays: ArrayLike,
    dipole: PhotoDipole | None = None,
    angle: float = 0.0,
    resolution: float = 0.0,
    threads: int | None = None,
) -> "xr.Dataset":
    r"""Return spectra of electrons that ``light`` frees within a field.

    Parameters
    ----------
    light : Light
        Extreme ultraviolet; an isolated pulse, with satellites, or a train.
    field : DrivingField or None
        Linear, V/m at the atom; None for electrons without it.
    ionisation_energy : float
        J.
    energies : array_like, shape (n_e,)
        Kinetic energies at the detector, increasing, above zero, J.
    delays : array_like, shape (n_d,)
        When the light arrives, in the field's time, increasing, s.
    dipole : PhotoDipole, optional
        By default a constant one.
    angle : float
        Between electron and field, rad; pi is the detector on the other side.
    resolution : float
        Full width at half maximum of the spectrometer's (Gaussian) response, J: none,
        or as wide as the widest step of the energies at least.
    threads : int, optional
        By default as many as there are cores; the result does not depend on it.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.streaking``: ``spectrum`` over ``delay`` and ``energy``,
        J/Hz times the square of the dipole: without a field it is the energy density of
        the light at the photon energy :math:`E+I_p`.

    Notes
    -----
    The equation of `qleap.laser.metrology.volkov` (strong-field approximation, full
    dependence on momentum): M. Kitzler et al., Phys. Rev. Lett. 88, 173904 (2002). An
    electron with the momentum :math:`p_0` at birth arrives with
    :math:`p_0-A(\tau)` (atomic units).
    """
    check_light("light", light)
    ip = checked_energy(ionisation_energy)
    energy = checks.increasing("energies", energies, "J")
    checks.positive("energies[0]", float(energy[0]), "J")
    checks.between("energies[-1]", float(energy[-1]), 0.0, FASTEST, "J")
    delay = checks.vector("delays", delays, "s", min_size=1)
    if delay.size > 1:
        checks.increasing("delays", delay, "s")
    if energy.size * delay.size > LARGEST:
        raise InvalidValue(
            f"a trace must have <= {LARGEST} values, got {delay.size} delays times "
            f"{energy.size} energies."
        )
    check_dipole(dipole)
    cosine = math.cos(checks.finite("angle", angle, "rad"))
    width = _resolution(resolution, energy)
    electron = volkov.electrons(energy, ip, carrier(light.wavelength))
    samples, paths = _prepared(light, _linear(field), electron, delay, cosine)
    found = volkov.amplitudes(samples, paths, electron, dipole, Team(threads))
    spectrum = blurred(energy, found[0] ** 2 + found[1] ** 2, width)
    return results.dataset(
        kind=STREAKING,
        coords={"delay": (delay, "s"), "energy": (energy, "J")},
        variables={"spectrum": (("delay", "energy"), spectrum, "J/Hz")},
        parameters={
            "light": light.parameters(),
            "field": None if field is None else field.parameters(),
            "ionisation_energy": ip,
            "dipole": None if dipole is None else dipole.parameters(),
            "angle": angle,
            "resolution": width,
        },
    )


def count_electrons(
    trace: "xr.Dataset", peak: float, *, background: float = 0.0, seed: int
) -> "xr.Dataset":
    """Return a trace as counts of single electrons.

    Parameters
    ----------
    trace : xarray.Dataset
        From `streaking_trace`.
    peak : float
        Mean counts at the brightest point.
    background : float
        Mean counts added at every point.
    seed : int
    """
    spectrum = check_trace(trace)
    if spectrum.min() < 0.0:
        raise InvalidValue(
            "a trace that is counted must be >= 0 everywhere, got "
            f"{spectrum.min():.4g}; take one from streaking_trace."
        )
    scale = checks.between("peak", peak, 1e-9, 1e15) / spectrum.max()
    mean = scale * spectrum + checks.non_negative("background", background)
    rng = np.random.default_rng(checks.count("seed", seed, 0))
    made = trace.copy()
    made["spectrum"] = (("delay", "energy"), rng.poisson(mean).astype(float))
    made["spectrum"].attrs["units"] = "1"
    made.attrs["seed"] = str(seed)
    return made


def first_moment(trace: "xr.Dataset") -> Floats:
    """Return the mean momentum of the electrons at each delay, kg m/s ``(n_d,)``."""
    from qleap.core.constants import ELECTRON_MASS

    spectrum = check_trace(trace)
    energy = trace["energy"].values
    weight = spectrum * np.gradient(energy)
    momentum = np.sqrt(2.0 * ELECTRON_MASS * energy)
    return np.asarray((weight * momentum).sum(axis=1) / weight.sum(axis=1))


def blurred(energy: Floats, spectrum: Floats, width: float) -> Floats:
    """Return spectra over ``energy`` seen with a Gaussian response of a full width."""
    if width == 0.0:
        return spectrum
    narrow = 4.0 * math.log(2.0) / width**2
    away = energy[:, None] - energy[None, :]
    response = math.sqrt(narrow / math.pi) * np.exp(-narrow * away**2)
    return np.asarray(spectrum @ (response * np.gradient(energy)).T)


def check_trace(trace: "xr.Dataset") -> Floats:
    """Return the spectra of a streaking trace, ``(n_delays, n_energies)``."""
    if getattr(trace, "attrs", {}).get("kind") != STREAKING:
        raise InvalidKind(
            f"trace must be a dataset of the kind {STREAKING!r} (streaking_trace, "
            f"read_streaking), got {trace!r:.60}."
        )
    if trace["spectrum"].dims != ("delay", "energy"):
        raise InvalidValue(
            "the trace's spectrum must be over (delay, energy), got "
            f"{trace['spectrum'].dims}; transpose('delay', 'energy') turns it."
        )
    energy = checks.increasing("the trace's energies", trace["energy"].values, "J")
    checks.positive("the trace's energies[0]", float(energy[0]), "J")
    if trace["delay"].size > 1:
        checks.increasing("the trace's delays", trace["delay"].values, "s")
    values = trace["spectrum"].values
    if not np.all(np.isfinite(values)) or values.max() <= 0.0:
        raise InvalidValue("the trace must be finite and hold electrons.")
    return np.asarray(values, np.float64)


def _resolution(resolution: float, energy: Floats) -> float:
    """Return a full width, J, that the energies sample."""
    width = checks.non_negative("resolution", resolution, "J")
    if width == 0.0:
        return width
    widest, reach = float(np.diff(energy).max()), 1e3 * float(energy[-1])
    if not widest <= width <= reach:
        raise InvalidValue(
            f"resolution must be 0, or lie between {widest:.4g} J, the widest step of "
            f"the energies, and {reach:.4g} J, got {width:.4g}; give finer energies, "
            "or 0."
        )
    if energy.size > MOST_BLURRED:
        raise InvalidValue(
            f"energies must be <= {MOST_BLURRED} where a resolution blurs them, got "
            f"{energy.size}; give fewer, or no resolution."
        )
    return width


def _linear(field: DrivingField | None) -> DrivingField | None:
    if field is None or isinstance(field, DrivingField):
        if field is not None and field.components != 1:
            raise InvalidValue("field must be linear, got two components.")
        return field
    raise InvalidKind(
        f"field must be a DrivingField (driving_field) or None, got {field!r:.60}."
    )


def _prepared(
    light: Light,
    field: DrivingField | None,
    electron: Floats,
    delay: Floats,
    cosine: float,
) -> tuple[Floats, Floats]:
    """Return samples of the pulse and the paths of the electrons."""
    if field is None:
        samples = volkov.sampled(light, electron, 0.0)
        return samples, np.zeros((4, delay.size, samples.shape[1]))
    potential = np.abs(field.vector_potential).max() / volkov.ATOMIC_POTENTIAL
    swing = float(electron[0].max() * potential + 0.5 * potential**2)
    samples = volkov.sampled(light, electron, swing)
    return samples, volkov.paths_of(field, delay, samples[0], cosine)


def central_momentum(energy: Floats, spectrum: Floats) -> float:
    """Return the mean momentum of a spectrum in atomic units."""
    weight = np.maximum(spectrum, 0.0) * np.gradient(energy)
    momentum = np.sqrt(2.0 * energy / HARTREE)
    return float((weight * momentum).sum() / weight.sum())
