"""The form of a tag."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from events.core.forms import BaseForm
from events.core.i18n import lazy_gettext as _l
from events.surveys.tagging.rules import LONGEST_TAG


class TextTagForm(BaseForm):
    """A word for a free text."""

    tag = StringField(_l("Tag"), [InputRequired(), Length(max=LONGEST_TAG)])
