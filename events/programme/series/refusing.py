"""What one event of a series refuses, said with its day: who changes several must know which it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from events.core.errors import Conflict, Invalid
from events.core.i18n import format_date
from events.core.i18n import gettext as _
from events.programme.queries import EventView


@contextmanager
def saying_the_day(event: EventView) -> Iterator[None]:
    """Turn what a change of `event` raises into Invalid ("") with its day; ValueError is an hour the clocks skip."""
    try:
        yield
    except Invalid as error:
        messages = [message for field in error.errors.values() for message in field]
    except Conflict as error:
        messages = [error.message]
    except (ValueError, OverflowError):
        messages = [_("This time does not exist: the clocks go forward then. Choose another.")]
    else:
        return
    day = format_date(event.starts_at, event.zone)
    raise Invalid({"": [f"{day}: {message}" for message in messages]})
