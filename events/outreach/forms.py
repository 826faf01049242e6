"""Forms of the accessibility feedback."""

from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from events.core.forms import BaseForm
from events.core.i18n import lazy_gettext as _
from events.outreach.rules import LONGEST_TEXT

_ADDRESS = r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+$"


class FeedbackForm(BaseForm):
    """What someone tells us about the accessibility of the service."""

    text = TextAreaField(
        _("What does not work for you, or what do you need in another form?"),
        [DataRequired(), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 6},
    )
    page = StringField(
        _("Page"), [Optional(), Length(max=300)], description=_("Its address or name, if it is about one page.")
    )
    email = EmailField(
        _("E-mail address"),
        [
            Optional(),
            Length(max=254),
            Regexp(_ADDRESS, message=_("Write the address in the form name@organisation.fi.")),
        ],
        description=_("Only if you want an answer; it is used for nothing else."),
        render_kw={"autocomplete": "email"},
    )


class AnswerForm(BaseForm):
    """What staff answer."""

    answer = TextAreaField(_("Answer"), [DataRequired(), Length(max=LONGEST_TEXT)], render_kw={"rows": 8})
