"""A number with its standard error."""

from dataclasses import dataclass

from qleap.core import checks

__all__ = ["Estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its standard error in the same unit."""

    value: float
    standard_error: float

    def __post_init__(self) -> None:
        checks.finite("value", self.value)
        checks.non_negative("standard_error", self.standard_error)

    def to_dict(self) -> dict[str, float]:
        """Return both as plain numbers."""
        return {"value": self.value, "standard_error": self.standard_error}
