"""The use cases of the door and of closing an event."""

from events.checkin.actions.attendance import mark, mark_rest, undo
from events.checkin.actions.closing import reconcile, reopen
from events.checkin.actions.redeem import redeem
from events.checkin.actions.unregistered import invited_came, member_came
from events.checkin.actions.upload import upload
from events.checkin.shapes import Answer, Batch, Scanned
from events.checkin.walk_in.actions import WalkIn, let_in

__all__ = [
    "Answer",
    "Batch",
    "Scanned",
    "WalkIn",
    "invited_came",
    "let_in",
    "mark",
    "mark_rest",
    "member_came",
    "reconcile",
    "redeem",
    "reopen",
    "undo",
    "upload",
]
