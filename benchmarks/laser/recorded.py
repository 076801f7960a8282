"""A pulse from a trace that others have recorded."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from qleap.bench import Accuracy, Measured, Skip
from qleap.laser.metrology import Retrieved, read_trace, retrieve

SOURCE = "Loracio, ultrafast-pulse-retrieval, tests/expResults: a fibre laser"
WAVELENGTH = 1550e-9
STARTS, STEPS, RESAMPLES = 2, 100, 20


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield how well a pulse explains a recorded trace, and how sure its length is."""
    del quick  # the trace has one size
    yield Accuracy(
        name="laser.recorded.frog_error",
        title="error of the trace of a fibre laser's pulse, SHG-FROG, 128 x 128",
        unit="1",
        evidence="recorded-lab-data",
        reference="the recorded trace",
        measure=lambda: Measured(value=_retrieved().error, file=_file()),
        citation=SOURCE,
    )
    yield Accuracy(
        name="laser.recorded.frog_duration",
        title="half of the 95 % interval of its duration, over the duration",
        unit="1",
        evidence="recorded-lab-data",
        reference="none: resampled rows of the trace",
        measure=_uncertainty,
        citation=SOURCE,
    )


@cache
def _file() -> Path:
    checkouts = (Path(__file__).parents[2], Path.cwd())
    folders = [one.parent / "shared" / "data" / "laser" for one in checkouts]
    files = [
        file
        for folder in folders
        for file in folder.glob("shg_frog_measured/compressed_pulse_900mA_trace.csv")
    ]
    if not files:
        raise Skip("the measured traces (../shared/data/laser) are not on this machine")
    return files[0]


@cache
def _retrieved() -> Retrieved:
    file = _file()
    trace = read_trace(
        file,
        axes=file.with_name("axis_compressed_pulse.csv"),
        units=("fs", "rad/fs"),
        wavelength=WAVELENGTH,
    )
    return retrieve(trace, starts=STARTS, steps=STEPS, resamples=RESAMPLES)


def _uncertainty() -> Measured:
    found = _retrieved()
    low, high = found.fwhm_interval
    return Measured(value=0.5 * (high - low) / found.fwhm, file=_file())
