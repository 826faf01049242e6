"""The use cases of the door and of closing an event."""

from events.checkin.actions.attendance import mark, mark_rest
from events.checkin.actions.closing import reconcile, reopen
from events.checkin.actions.redeem import redeem
from events.checkin.actions.upload import upload
from events.checkin.shapes import Answer, Batch, Scanned
from events.checkin.walk_in.actions import WalkIn, let_in

__all__ = [
    "Answer",
    "Batch",
    "Scanned",
    "WalkIn",
    "let_in",
    "mark",
    "mark_rest",
    "reconcile",
    "redeem",
    "reopen",
    "upload",
]
