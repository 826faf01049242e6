"""Errors that reach a user: a status, a stable code and a message in the user's language (design.md §5.8)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from events.core.i18n import gettext as _


class ServiceError(Exception):
    """Something that the user should be told; `message` is already in the user's language."""

    status: ClassVar[int] = 500
    code: str = "error"

    def __init__(self, message: str | None = None, *, code: str | None = None) -> None:
        self.message = message or self.default_message()
        self.code = code or type(self).code
        super().__init__(self.message)

    def default_message(self) -> str:
        """Say what happened when the raiser has nothing more precise to say."""
        return _("Something went wrong. It has been recorded and will be looked at.")


class BadRequest(ServiceError):
    """The request cannot be read at all."""

    status = 400
    code = "bad_request"

    def default_message(self) -> str:
        return _("The request could not be understood.")


class Unauthenticated(ServiceError):
    """Nobody is signed in, or the token is not known."""

    status = 401
    code = "unauthenticated"

    def default_message(self) -> str:
        return _("Please sign in first.")


class NotAllowed(ServiceError):
    """The person is known and the object may be seen, but this action is refused."""

    status = 403
    code = "not_allowed"

    def default_message(self) -> str:
        return _("You do not have the right to do this.")


class NotFound(ServiceError):
    """There is no such thing, or not for this person."""

    status = 404
    code = "not_found"

    def default_message(self) -> str:
        return _("The page was not found.")


class Conflict(ServiceError):
    """The request was understood, but the present state refuses it; `code` says why."""

    status = 409
    code = "conflict"

    def default_message(self) -> str:
        return _("This is no longer possible.")


class Gone(ServiceError):
    """What stood behind a link was deleted when its time was over, and does not come back."""

    status = 410
    code = "gone"

    def default_message(self) -> str:
        return _("The data of this event have been deleted, for their time is over. This link shows nothing any more.")


class Invalid(ServiceError):
    """Fields that do not hold; `errors` maps a field's name to its messages."""

    status = 422
    code = "invalid"

    def __init__(self, errors: Mapping[str, Sequence[str]], message: str | None = None) -> None:
        super().__init__(message)
        self.errors = {field: list(messages) for field, messages in errors.items()}

    def default_message(self) -> str:
        return _("Please check the fields that are marked.")


class TooMany(ServiceError):
    """Too many tries; `retry_after` is in seconds."""

    status = 429
    code = "too_many"

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def default_message(self) -> str:
        return _("Too many tries. Please wait a moment.")


class Unavailable(ServiceError):
    """The database or another part does not answer at the moment."""

    status = 503
    code = "unavailable"
    retry_after = 2

    def default_message(self) -> str:
        return _("The service is busy. Please try again in a moment.")


def require(*, allowed: bool, message: str | None = None) -> None:
    """Raise NotAllowed unless `allowed`."""
    if not allowed:
        raise NotAllowed(message)
