"""How the fit of a pixel ended."""

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """One for each pixel; only converged ones are to be used."""

    CONVERGED = 0
    AT_LIMIT = 1
    """A line left the range of the frequencies, or is too narrow or too wide."""
    NO_SIGNAL = 2
    """No line stands out of the noise."""
    NOT_CONVERGED = 3
    MASKED = 4
    NOT_FINITE = 5
    """Too many points of the spectrum are missing, infinite or saturated."""
    LINE_MISSING = 6
    """Some lines stand out of the noise and others do not: they are absent here, or
    two have merged."""
