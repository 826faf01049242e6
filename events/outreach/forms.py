"""Forms of the accessibility feedback and of the privacy notice."""

from wtforms import EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from events.core.forms import BaseForm, by_language, takes_mail
from events.core.i18n import lazy_gettext as _
from events.outreach.rules import LONGEST_NOTICE, LONGEST_TEXT


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
            takes_mail,
        ],
        description=_("Only if you want an answer; it is used for nothing else."),
        render_kw={"autocomplete": "email"},
    )


class AnswerForm(BaseForm):
    """What staff answer."""

    answer = TextAreaField(_("Answer"), [DataRequired(), Length(max=LONGEST_TEXT)], render_kw={"rows": 8})


_NOTICE = {"validators": [DataRequired(), Length(max=LONGEST_NOTICE)], "render_kw": {"rows": 16}}


class NoticeForm(BaseForm):
    """A new version of the privacy notice; `after` is the version that its writer sees."""

    after = HiddenField()
    text_fi = TextAreaField(_("In Finnish"), **_NOTICE)
    text_sv = TextAreaField(_("In Swedish"), **_NOTICE)
    text_en = TextAreaField(_("In English"), **_NOTICE)

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by language."""
        return by_language(self, "text")
