"""Refusals: what a client did that cannot be, with the HTTP status that says so."""

from datetime import UTC, datetime

__all__ = ["Refused", "clean_text", "utc"]


class Refused(Exception):
    """A request that is refused; the text is the client's to read.

    Parameters
    ----------
    status : int
        HTTP status, 400 to 499.
    message : str
        Name, rule, unit, what came; the way out.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def clean_text(name: str, text: str | None, longest: int) -> str:
    """Return a text that every database and every client can hold.

    Raises
    ------
    Refused
        For one that is too long, has a NUL character, or half a surrogate pair.
    """
    if text is None:
        return ""
    if len(text) > longest:
        raise Refused(
            400, f"{name} must have at most {longest} characters, got {len(text)}."
        )
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused(400, f"{name} must be plain Unicode text without NUL characters.")
    return text


def utc(name: str, moment: datetime | None) -> datetime | None:
    """Return a moment in UTC, which one without a zone is taken to be in."""
    if moment is None:
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except OverflowError as error:
        raise Refused(400, f"{name} must be a date of our time.") from error
