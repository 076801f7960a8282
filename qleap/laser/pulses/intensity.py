r"""Peak intensities from what is measured, each way of measuring under its own name.

Beams are described by exactly one of

- ``waist``: radius at :math:`1/e^2` of a Gaussian beam's intensity;
- ``beam_fwhm``: full width at half maximum of a Gaussian beam's intensity;
- ``top_hat_width``: full width of an evenly lit disk;
- ``effective_area``: energy over peak fluence, for any other beam.
"""

import math

from qleap.core import checks
from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidValue
from qleap.laser.pulses import shapes

__all__ = [
    "effective_area",
    "field_amplitude",
    "intensity_of_field",
    "keldysh_parameter",
    "normalised_vector_potential",
    "peak_fluence",
    "peak_intensity",
    "peak_power",
    "ponderomotive_energy",
]


def effective_area(
    *,
    waist: float | None = None,
    beam_fwhm: float | None = None,
    top_hat_width: float | None = None,
    effective_area: float | None = None,
) -> float:
    r"""Return the area by which energy is divided for the peak fluence, m^2.

    Parameters
    ----------
    waist : float
        Radius at 1/e^2 of a Gaussian's intensity, m: :math:`\pi w^2/2`. Its whole
        width at 1/e^2 is twice this.
    beam_fwhm : float
        Full width at half maximum of a Gaussian's intensity, m:
        :math:`w = \mathrm{FWHM}/\sqrt{2\ln2}`.
    top_hat_width : float
        Full width of an evenly lit disk, m: :math:`\pi D^2/4`.
    effective_area : float
        Energy over peak fluence, m^2; not the mode area
        :math:`(\int I)^2/\int I^2`, which for a Gaussian is twice this.

    Raises
    ------
    InvalidValue
        Where not exactly one is given.
    """
    given = {
        "waist": waist,
        "beam_fwhm": beam_fwhm,
        "top_hat_width": top_hat_width,
        "effective_area": effective_area,
    }
    named = [(name, value) for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise InvalidValue(
            f"exactly one of {', '.join(given)} must say how wide the beam is, got "
            f"{[name for name, _ in named] or 'none'}."
        )
    name, value = named[0]
    size = checks.positive(name, value, "m^2" if name == "effective_area" else "m")
    if name == "waist":
        return 0.5 * math.pi * size**2
    if name == "beam_fwhm":
        return 0.25 * math.pi * size**2 / math.log(2.0)
    return 0.25 * math.pi * size**2 if name == "top_hat_width" else size


def peak_fluence(energy: float, **beam: float) -> float:
    """Return the fluence at the beam's peak, J/m^2.

    Parameters
    ----------
    energy : float
        Of the pulse, J.
    **beam
        As for `effective_area`.
    """
    return checks.positive("energy", energy, "J") / effective_area(**beam)


def peak_power(
    energy: float,
    fwhm: float,
    *,
    shape: str = "gaussian",
    order: int = 1,
    ramp: float = 0.0,
) -> float:
    """Return the power at the peak of an unchirped pulse, W.

    0.9394 (Gaussian), 0.8814 (sech^2) times ``energy / fwhm``; `Pulse` has the
    shapes, ``order`` and ``ramp``.
    """
    checks.one_of("shape", shape, shapes.SHAPES)
    width = checks.positive("fwhm", fwhm, "s")
    if shape == "flat-top":
        checks.between("ramp", ramp, 0.0, shapes.widest_ramp(width), "s")
    m = checks.count("order", order, 1, 20)
    equivalent = shapes.equivalent_width(shape, width, m, ramp)
    return checks.positive("energy", energy, "J") / equivalent


def peak_intensity(
    energy: float,
    fwhm: float,
    *,
    shape: str = "gaussian",
    order: int = 1,
    ramp: float = 0.0,
    **beam: float,
) -> float:
    """Return the cycle-averaged intensity at the peak in time and space, W/m^2.

    Parameters
    ----------
    energy : float
        Of the pulse on target, J.
    fwhm : float
        Full width at half maximum of the intensity over time, s; `fwhm_of` turns
        other widths into it.
    shape, order, ramp
        Of the pulse over time, as in `Pulse`.
    **beam
        As for `effective_area`.

    Notes
    -----
    Space and time factorise; for light that is not at its transform limit use its
    ``peak_power`` over the effective area.
    """
    power = peak_power(energy, fwhm, shape=shape, order=order, ramp=ramp)
    return power / effective_area(**beam)


def field_amplitude(intensity: float, *, refractive_index: float = 1.0) -> float:
    r"""Return the amplitude of a linear field, V/m: :math:`\sqrt{2I/(n\epsilon_0c)}`.

    For circular light each component has this over :math:`\sqrt2`.
    """
    value = checks.non_negative("intensity", intensity, "W/m^2")
    index = checks.positive("refractive_index", refractive_index)
    return math.sqrt(2.0 * value / (index * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))


def intensity_of_field(amplitude: float, *, refractive_index: float = 1.0) -> float:
    r"""Return the intensity of a linear field, W/m^2: :math:`n\epsilon_0cE^2/2`."""
    value = checks.non_negative("amplitude", amplitude, "V/m")
    index = checks.positive("refractive_index", refractive_index)
    return 0.5 * index * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * value**2


def ponderomotive_energy(intensity: float, wavelength: float) -> float:
    r"""Return the mean quiver energy of a free electron, J.

    :math:`U_p = e^2 I/(2\epsilon_0 c\, m_e \omega^2)`, for linear and circular light
    of the same intensity alike; 9.33 eV at 1e18 W/m^2 and 1 um.
    """
    value = checks.non_negative("intensity", intensity, "W/m^2")
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / checks.positive("wavelength", wavelength)
    mass = 2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * ELECTRON_MASS
    return ELEMENTARY_CHARGE**2 * value / (mass * omega**2)


def keldysh_parameter(
    intensity: float, wavelength: float, ionisation_energy: float
) -> float:
    r"""Return :math:`\gamma = \sqrt{I_p/(2U_p)}`: below 1 tunnelling prevails.

    Parameters
    ----------
    intensity : float
        W/m^2, linear light.
    wavelength : float
        m.
    ionisation_energy : float
        J.
    """
    strength = checks.positive("intensity", intensity, "W/m^2")
    bound = checks.positive("ionisation_energy", ionisation_energy, "J")
    return math.sqrt(0.5 * bound / ponderomotive_energy(strength, wavelength))


def normalised_vector_potential(intensity: float, wavelength: float) -> float:
    r"""Return :math:`a_0 = eE/(m_e\omega c)` of linear light.

    1 at 1.37e22 W/m^2 and 1 um; from there on electrons move at nearly c.
    """
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / checks.positive("wavelength", wavelength)
    momentum = ELEMENTARY_CHARGE * field_amplitude(intensity) / omega
    return momentum / (ELECTRON_MASS * SPEED_OF_LIGHT)
