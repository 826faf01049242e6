"""The forms of a survey as a whole: its name, by name or not, its open link."""

from wtforms import BooleanField, DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from events.core.forms import BaseForm, by_language
from events.core.i18n import lazy_gettext as _l
from events.programme.scopes import ScopeForm


class SurveyForm(ScopeForm):
    """What a survey is called, and whether answers are kept by name."""

    version = HiddenField()
    name_fi = StringField(_l("Name in Finnish"), [Length(max=100)])
    name_sv = StringField(_l("Name in Swedish"), [Length(max=100)])
    name_en = StringField(_l("Name in English"), [Length(max=100)])
    named = BooleanField(
        _l("Keep the answers with the name of who answers"),
        description=_l("Everybody is told so before the first question. Fixed once the first have been asked."),
    )

    @property
    def names(self) -> dict[str, str]:
        """The name by language."""
        return by_language(self, "name")


class LinkForm(BaseForm):
    """Until which day the open link of a survey takes answers."""

    version = HiddenField()
    closes_on = DateField(
        _l("Takes answers until the end of"),
        [InputRequired(_l("Choose a day to come."))],
        invalid_value_message=_l("There is no such date. Write it like 22.9.2026."),
        format=["%Y-%m-%d", "%d.%m.%Y"],
        render_kw={"class": "medium"},
    )
