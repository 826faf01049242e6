"""Until when a place is held for someone who has to say yes: SQL, as it is set where the place is given.

Each function returns an expression; `now` is an expression of the moment, and `event` names a row of the event.
"""


def offered_until(event: str, now: str) -> str:
    """Say until when an offer holds: the event's hours, but near the start half of what is left, at least an hour."""
    hours = f"{now} + make_interval(hours => {event}.offer_hours)"
    near = f"greatest({now} + ({event}.starts_at - {now}) / 2, {now} + interval '1 hour')"
    return f"least({hours}, {near}, {event}.starts_at)"


def address_until(event: str, now: str) -> str:
    """Say until when an address can be confirmed: the event's hours, but not past its start; an hour at least."""
    hours = f"{now} + make_interval(hours => {event}.address_hours)"
    return f"least({hours}, greatest({event}.starts_at, {now} + interval '1 hour'))"
