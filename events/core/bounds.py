"""From which to which number an answer may lie: the same in what registration asks and in what surveys ask."""

from decimal import Decimal

from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from events.core.i18n import format_number
from events.core.i18n import gettext as _

FARTHEST = 10**9
"""What people count or pay; a larger limit is a slip."""

USUAL = 0
"""The smallest number of most questions, for they count something or say what it cost; a new one begins with it."""


def refusal(number: Decimal | float, least: int | None, most: int | None) -> str:
    """Say why a number is not taken; "" when it lies within, None being no limit."""
    if (least is None or number >= least) and (most is None or number <= most):
        return ""
    if least is None or most is None:
        return in_words(least, most)
    return _("Write a number from %(least)s to %(most)s.", least=format_number(least), most=format_number(most))


def in_words(least: int | None, most: int | None) -> str:
    """Say which numbers are taken; "" for any."""
    lowest, highest = (None if limit is None else format_number(limit) for limit in (least, most))
    if highest is None:
        return "" if lowest is None else _("At least %(least)s.", least=lowest)
    if lowest is None:
        return _("At most %(most)s.", most=highest)
    return _("From %(least)s to %(most)s.", least=lowest, most=highest)


def hint(least: int | None, most: int | None) -> str:
    """Say beside a field which numbers are taken, where that is not just the usual."""
    return in_words(least, most) if least != USUAL or most is not None else ""


def unsound(least: int | None, most: int | None) -> str:
    """Say what is wrong with limits that no number can keep; "" for others."""
    if least is not None and most is not None and least > most:
        return _("The largest number is below the smallest one.")
    return ""


def limit_field(label: object) -> IntegerField:
    """Return a field of a builder's form for a limit; empty is none."""
    attributes = {"inputmode": "numeric", "class": "short"}
    return IntegerField(label, [Optional(), NumberRange(-FARTHEST, FARTHEST)], render_kw=attributes)
