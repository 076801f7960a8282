"""The light that a case describes."""

from pathlib import Path

from qleap.laser.cases.sections import PulseSection
from qleap.laser.pulses.combined import PulseSum, delayed, train
from qleap.laser.pulses.elements import PolynomialPhase, through
from qleap.laser.pulses.frog_files import read_frog
from qleap.laser.pulses.light import Light
from qleap.laser.pulses.pulse import Pulse
from qleap.laser.pulses.spectrum_files import read_spectrum

__all__ = ["light_of", "sum_of"]

SHAPE_KEYS = (
    "shape", "wavelength", "fwhm", "peak_power", "energy", "gdd", "tod", "cep", "order",
    "ramp", "higher_orders",
)  # fmt: skip


def light_of(section: PulseSection, folder: Path) -> Light:
    """Return the light of one section; files are looked for in ``folder``."""
    light = _single(section, folder)
    if section.train is not None:
        light = train(
            light,
            section.train.n_pulses,
            section.train.spacing,
            cep_slip=section.train.cep_slip,
        )
    return light if section.delay == 0.0 else delayed(light, section.delay)


def sum_of(lights: list[Light]) -> Light:
    """Return the sum of several lights as fields, or the only one as it is."""
    return lights[0] if len(lights) == 1 else PulseSum(parts=tuple(lights))


def _single(section: PulseSection, folder: Path) -> Light:
    if section.spectrum is None and section.frog is None:
        given = {name: getattr(section, name) for name in SHAPE_KEYS}
        return Pulse(**{name: x for name, x in given.items() if x is not None})
    light = _measured(section, folder)
    derivatives = (section.gdd, section.tod, *section.higher_orders)
    if not any(derivatives):
        return light
    phase = PolynomialPhase(wavelength=light.wavelength, derivatives=derivatives)
    return through(light, phase)


def _measured(section: PulseSection, folder: Path) -> Light:
    assert section.energy is not None
    if section.frog is not None:
        return read_frog(
            folder / section.frog,
            section.energy,
            wavelength=section.wavelength,
            unit=section.unit,
            phase_sign=section.phase_sign,
            reverse_time=section.reverse_time,
        )
    assert section.spectrum is not None
    spectrum = read_spectrum(
        folder / section.spectrum,
        unit=section.unit,
        columns=section.columns,
        per=section.per,
        decibel=section.decibel,
        phase_file=None if section.phase is None else folder / section.phase,
        phase_sign=section.phase_sign,
        background=section.background,
    )
    return spectrum.pulse(section.energy, wavelength=section.wavelength)
