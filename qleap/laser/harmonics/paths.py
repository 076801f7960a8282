r"""Quantum paths: when electrons are born and return that radiate a harmonic.

The strong-field integral over births and returns has its weight at complex times, the
saddle points of its action. There are a short and a long path for every maximum of the
classical energy of return (Lewenstein et al., Phys. Rev. A 49, 2117 (1994); Salieres
et al., Science 292, 902 (2001)).
"""

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import (
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.complex_fields import AnalyticField, analytic_field
from qleap.laser.harmonics.depletion import survival_along
from qleap.laser.harmonics.elements import DipoleElements, hydrogen_like_elements
from qleap.laser.harmonics.emission import HARMONICS, LARMOR, check_kind
from qleap.laser.harmonics.path_amplitudes import (
    PathSums,
    meaningful,
    path_sums,
    uniform,
)
from qleap.laser.harmonics.saddle_points import Cutoffs, cutoffs, paths
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.ionisation.tables import RateTable

__all__ = ["PATHS", "path_spectrum", "quantum_paths"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

PATHS: Final = "laser.quantum_paths"

MOMENTUM: Final = HBAR / BOHR_RADIUS
"""Atomic unit, kg m/s."""

SURVIVAL: Final = 512.0
"""Times of a cycle at which the survival along a series is known."""

AMPLITUDE: Final = ELEMENTARY_CHARGE * BOHR_RADIUS / ATOMIC_TIME
"""Atomic unit of the transform of a dipole's acceleration, C m/s."""

SHALLOWEST: Final = 0.9
"""Binding energy of hydrogen-like elements over that of the target, below which their
pole lies on the other side of the sum over births."""

MOST: Final = 2_000_000
"""Paths times photon energies."""


def quantum_paths(
    field: AnalyticField | DrivingField,
    target: Atom | str,
    energies: ArrayLike,
    *,
    visits: int = 1,
    weakest: float = 0.4,
    elements: DipoleElements | None = None,
    rates: "RateTable | None" = None,
    survival: ArrayLike | None = None,
) -> "xr.Dataset":
    r"""Return the complex times, phases and amplitudes of quantum paths.

    Parameters
    ----------
    field : AnalyticField or DrivingField
        Of one component or of two: endless waves by `periodic_field`, or a pulse that
        its times hold whole.
    target : Atom or str
        Its ionisation energy.
    energies : array_like, shape (n,)
        Photon energies, J, increasing, above the ionisation energy.
    visits : int
        How many returns to the nucleus of one electron are followed.
    weakest : float
        Field at a birth over the largest, below which paths are left out.
    elements : DipoleElements, optional
        Hydrogen-like or Gaussian; by default those of a hydrogen-like s state in three
        dimensions.
    rates : RateTable, optional
        Momentary rates of ionisation, which deplete the ground state of pulses.
    survival : array_like, shape (n,), optional
        Or the probability over the times of a `DrivingField` that the atom is still
        neutral.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.quantum_paths``, over ``pair``, ``path`` (short and long)
        and ``photon_energy`` (J):

        ``birth_time``, ``return_time`` : complex, s.
        ``phase`` : :math:`\mathrm{Re}(\omega t - S/\hbar)`, rad.
        ``intensity_slope`` : :math:`\alpha = -\partial\phi/\partial I` at a fixed
        frequency, rad m^2/W, with :math:`I=\epsilon_0cE^2/2` of the largest field, in
        elliptical light :math:`1/(1+\epsilon^2)` of that of `periodic_field`.
        ``group_delay`` : :math:`\partial\phi/\partial\omega`, s, the real time of
        return.
        ``delay_dispersion`` : its slope, s^2, the attochirp; positive on short paths.
        ``amplitude`` : complex, of the dipole's acceleration as in
        `harmonic_spectrum`, C m/s.
        ``momentum`` : complex, kg m/s, the stationary one
        :math:`\int e\mathbf A/(t-t')`.

        ``meaningful`` : whether the path is part of the integral.

        Over ``pair``: ``cutoff`` (complex photon energy at which both paths meet, J)
        and ``visit``; over both: ``uniform_amplitude``, valid at the cutoff too. Of
        two components amplitudes and the momentum go over ``component`` first.

    Raises
    ------
    InvalidValue
        Where no electron returns, as in circular light; where elements are those of a
        table or of a far more loosely bound state than the target's; or where depletion
        is that of an endless wave.

    Notes
    -----
    In light of two components electrons return that start aside with the right
    velocity, of which there are few where it is large: see `recollisions`.

    Depletion counts as the root of the survival at the real times of birth and return.

    Beyond the point where two paths meet, above a cutoff or below a
    minimum of the energy of return in fields of several colours, one of both grows
    without bound and is no part of the integral: ``meaningful`` says so. Amplitudes are
    not uniform at such minima, where they are too large, and paths behind a mere
    shoulder of that energy are not found.
    """
    known = _field(field)
    alive = _survival(field, known, rates, survival)
    species = resolve(target)
    made = hydrogen_like_elements(species) if elements is None else elements
    if not isinstance(made, DipoleElements):
        raise InvalidKind(f"elements must be DipoleElements, got {elements!r:.60}.")
    _check_pole(made, species.energy_au)
    photon = checks.increasing("energies", energies, "J", min_size=1)
    lowest = species.ionisation_energy
    if photon[0] <= lowest:
        raise InvalidValue(
            f"energies must lie above the ionisation energy, {lowest:.4g} J, got "
            f"{photon[0]:.4g}; below it no electron returns from far."
        )
    ip, omega = species.energy_au, photon / HARTREE
    count = checks.count("visits", visits, 1, 16)
    at = cutoffs(
        known, ip, visits=count, weakest=checks.between("weakest", weakest, 0.05, 1.0)
    )
    if not at.birth.size:
        raise InvalidValue(
            "field must bring electrons back, but none returns with a largest energy; "
            "give longer times, or light that is less circular."
        )
    if 2 * at.birth.size * omega.size > MOST:
        raise InvalidValue(
            f"paths times energies must be <= {MOST}, got {2 * at.birth.size} times "
            f"{omega.size}; give fewer energies, visits, or a larger weakest."
        )
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        # Paths that are lost run off before they are NaN.
        birth, back = paths(known, at, np.sqrt(2.0 * (omega - ip)))
        if not known.periodic:
            last = (known.start + known.period) / ATOMIC_TIME
            birth = np.where(back.real > last, np.nan, birth)
        sums = path_sums(known, ip, made, (birth, back), omega)
    if alive is not None:
        left = np.interp([birth.real, back.real], alive[0] / ATOMIC_TIME, alive[1])
        strength = sums.strength * np.sqrt(left[0] * left[1])
        sums = dataclasses.replace(sums, strength=strength)
    parameters = {
        "field": known.parameters(),
        "target": species.name,
        "ionisation_energy": lowest,
        "visits": count,
        "weakest": weakest,
        "elements": made.parameters(),
        "rates": None if rates is None else rates.parameters(),
        "survival_sha256": None
        if survival is None or alive is None
        else hashlib.sha256(alive[1].tobytes()).hexdigest(),
    }
    return _dataset(known, at, (birth, back), sums, photon, ip, parameters)


def path_spectrum(
    data: "xr.Dataset", *, approximation: str = "uniform"
) -> "xr.Dataset":
    r"""Return what all paths radiate together.

    Parameters
    ----------
    data : xarray.Dataset
        From `quantum_paths`.
    approximation : str
        ``"uniform"``, or ``"separate"``: every path by itself, without the growing one
        above a cutoff; wrong by far where paths meet.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.harmonics``, as from `harmonic_spectrum`; of endless waves
        one period, so that harmonics are ``amplitude`` over the period.
    """
    check_kind(data, PATHS, "quantum_paths")
    how = checks.one_of("approximation", approximation, ("uniform", "separate"))
    if how == "uniform":
        found = np.nansum(data["uniform_amplitude"].values, axis=-2)
    else:
        each = np.where(data["meaningful"].values, data["amplitude"].values, 0.0)
        found = np.nansum(each, axis=(-3, -2))
    found = np.atleast_2d(found)
    frequency = data["photon_energy"].values / (2.0 * np.pi * HBAR)
    settings = results.parameters(data)
    return results.dataset(
        kind=HARMONICS,
        coords={
            "component": (["x", "y"][: len(found)], "1"),
            "frequency": (frequency, "Hz"),
        },
        variables={
            "amplitude": (("component", "frequency"), found, "C m/s"),
            "spectrum": (
                ("component", "frequency"),
                2.0 * LARMOR * np.abs(found) ** 2,
                "J/Hz",
            ),
            "order": (
                ("frequency",),
                frequency * settings["field"]["wavelength"] / SPEED_OF_LIGHT,
                "1",
            ),
        },
        parameters={**settings, "approximation": how},
    )


def _field(field: AnalyticField | DrivingField) -> AnalyticField:
    if isinstance(field, DrivingField):
        return analytic_field(field)
    if not isinstance(field, AnalyticField):
        raise InvalidKind(
            "field must be an AnalyticField (of periodic_field) or a DrivingField, got "
            f"{field!r:.60}."
        )
    return field


def _check_pole(elements: DipoleElements, energy: float) -> None:
    """Refuse hydrogen-like elements with a pole far below the saddle points."""
    bound = 0.5 * elements.scale
    if not elements.width and not elements.error and bound < SHALLOWEST * energy:
        raise InvalidValue(
            f"elements must be those of a state bound by >= {SHALLOWEST:g} of the "
            f"target's ionisation energy, {energy:.4g} hartree, got {bound:.4g} "
            f"hartree ({elements.name}); take those of the target, or sfa_dipole."
        )


def _survival(
    field: AnalyticField | DrivingField,
    known: AnalyticField,
    rates: "RateTable | None",
    survival: ArrayLike | None,
) -> tuple[Floats, Floats] | None:
    """Return times (s) and the probability that the atom is neutral, or None."""
    if rates is None and survival is None:
        return None
    if known.periodic:
        raise InvalidValue(
            "field must be a pulse where the ground state is depleted: endless waves "
            "leave no atoms; take driving_field."
        )
    if isinstance(field, DrivingField):
        return field.time, survival_along(field, rates, survival)
    if survival is not None:
        raise InvalidValue(
            "survival must come with a DrivingField, which has times, got a series; "
            "give the field that the series is of, or rates."
        )
    sampled = known.sampled(SURVIVAL)
    return sampled.time, survival_along(sampled, rates, None)


def _dataset(
    field: AnalyticField,
    at: Cutoffs,
    times: tuple[Complex, Complex],
    sums: PathSums,
    photon: Floats,
    ip: float,
    parameters: dict[str, object],
) -> "xr.Dataset":
    omega = photon / HARTREE
    cutoff = 0.5 * at.speed**2 + ip
    peak = float(field.parameters()["peak_field"])  # type: ignore[arg-type]
    intensity = 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * peak**2
    # The transform of the acceleration is minus the square of the frequency times that
    # of the position.
    scale = -(omega**2) * AMPLITUDE
    cycle = field.cycle / ATOMIC_TIME
    real = meaningful(times[0] / cycle, times[1] / cycle, sums, cutoff, omega)
    each = sums.amplitude
    alone = ~real.all(axis=1) & (omega < cutoff.real[:, None])
    joined = uniform(sums, cutoff, omega)
    joined = np.where(alone, np.where(real, each, 0.0).sum(axis=-2), joined)
    every = ("pair", "path", "photon_energy")
    ways: tuple[str, ...] = ("component",)
    coords: dict[str, tuple[ArrayLike, str]] = {"component": (["x", "y"], "1")}
    vectors = [scale * each, scale * joined, sums.momentum * MOMENTUM]
    if field.components == 1:
        ways, coords, vectors = (), {}, [vector[0] for vector in vectors]
    return results.dataset(
        kind=PATHS,
        coords={
            **coords,
            "pair": (np.arange(at.birth.size), "1"),
            "path": (["short", "long"], "1"),
            "photon_energy": (photon, "J"),
        },
        variables={
            "birth_time": (every, times[0] * ATOMIC_TIME, "s"),
            "return_time": (every, times[1] * ATOMIC_TIME, "s"),
            "phase": (every, sums.phase.real, "rad"),
            "intensity_slope": (every, sums.given.real / intensity, "rad m^2/W"),
            "group_delay": (every, times[1].real * ATOMIC_TIME, "s"),
            "delay_dispersion": (every, sums.slope.real * ATOMIC_TIME**2, "s^2"),
            "momentum": ((*ways, *every), vectors[2], "kg m/s"),
            "amplitude": ((*ways, *every), vectors[0], "C m/s"),
            "meaningful": (every, real, "1"),
            "uniform_amplitude": (
                (*ways, "pair", "photon_energy"),
                vectors[1],
                "C m/s",
            ),
            "cutoff": (("pair",), cutoff * HARTREE, "J"),
            "visit": (("pair",), at.visit, "1"),
        },
        parameters=parameters,
    )
