"""The form of when a survey goes out, and to whom."""

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectChoice, TimeField
from wtforms.validators import InputRequired, NumberRange

from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme.scopes import ScopeForm
from events.surveys.sending.queries import Plan
from events.surveys.sending.rules import LONGEST_OPEN, MOST_DAYS, MOST_MONTHS, Sending
from events.surveys.tables import Audience, SurveyKind


def _number(label: object, least: int, most: int, **more: Any) -> IntegerField:
    checks = [InputRequired(_l("Give a number.")), NumberRange(least, most)]
    return IntegerField(label, checks, render_kw={"inputmode": "numeric", "class": "short"}, **more)


class SendingForm(ScopeForm):
    """When a survey goes out after the end of the event, to whom, whether it reminds, when it closes."""

    version = HiddenField()
    sends = BooleanField(_l("Send it by itself"))
    months = _number(_l("Months after the end"), 0, MOST_MONTHS)
    days = _number(_l("Days after that"), 0, MOST_DAYS)
    local_time = TimeField(
        _l("At this time of the day"),
        [InputRequired(_l("There is no such time. Write it like 9.00."))],
        format=["%H:%M", "%H.%M", "%H:%M:%S"],
        invalid_value_message=_l("There is no such time. Write it like 9.00."),
        description=_l("On the event’s clock."),
    )
    audience = RadioField(_l("To whom"))
    remind_after = _number(
        _l("Remind after days"),
        0,
        MOST_DAYS,
        description=_l("Once, who has not answered by then. 0: no reminder."),
    )
    open_for = _number(_l("Closes after days"), 1, LONGEST_OPEN)

    def __init__(self, *args: Any, kind: SurveyKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.audience.choices = [SelectChoice(one.value, audience_words(one)) for one in Audience]
        if kind is SurveyKind.FEEDBACK:
            del self.sends

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each number, and that the reminder comes while the survey is open."""
        if not super().validate(extra_validators):
            return False
        if self.remind_after.data >= self.open_for.data:
            self.remind_after.errors = [_("The reminder must come before the survey closes.")]
            return False
        return True

    def new(self) -> Sending:
        """Return what a valid form says."""
        names = [name for name in Sending.__struct_fields__ if name not in {"sends", "audience"}]
        sends = "sends" not in self or self.sends.data
        return Sending(sends=sends, audience=Audience(self.audience.data), **{name: self[name].data for name in names})


def audience_words(audience: Audience) -> str:
    """Say whom a survey is sent to."""
    return {
        Audience.ATTENDED: _("Who attended"),
        Audience.NO_SHOW: _("Who did not attend"),
        Audience.ALL: _("Everybody who had a place"),
    }[audience]


def sending_form(plan: Plan, kind: SurveyKind, sent: Any = None) -> SendingForm:
    """Return the form, filled in with how the survey is sent or with what was sent."""
    data = {name: getattr(plan.sending, name) for name in Sending.__struct_fields__}
    return SendingForm(sent, kind=kind, data=data)
