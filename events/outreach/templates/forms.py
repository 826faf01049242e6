"""The form of a letter's words: a subject and Markdown with fields in braces, of which some must stay."""

from babel.lists import format_list
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from events.core.forms import BaseForm
from events.core.i18n import babel_locale
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.messaging.templates import rules
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.words import amiss

LONGEST_SUBJECT, LONGEST_BODY = 150, 8000
"""Signs: longer subjects are cut by mail programs."""

_LONGEST_NUMBER = 9


class WordsForm(BaseForm):
    """What is written; `after` is the version that it was begun from."""

    after = HiddenField()
    subject = StringField(_l("Subject"), [DataRequired(), Length(max=LONGEST_SUBJECT)])
    body = TextAreaField(_l("Text"), [DataRequired(), Length(max=LONGEST_BODY)], render_kw={"rows": 22})

    def read(self, template: Template) -> bool:
        """Check the fields in braces too; returns False, with errors beside the fields, when something is wrong."""
        held = self.validate()
        found = [
            *((self.subject, words) for words in amiss(self.subject.data or "", template.in_subject)),
            *((self.body, words) for words in amiss(self.body.data or "", template.fields)),
            *(
                (self.body, _("{%(word)s} stands alone on a line, and once.", word=word))
                for word in self._misplaced(template)
            ),
            *(
                (self.body, _("This letter cannot go without %(fields)s.", fields=either))
                for either in self._missing(template)
            ),
        ]
        if self.only_language_changes:
            return False
        for field, message in found:
            field.errors = [*field.errors, message]
        return held and not found

    def _misplaced(self, template: Template) -> list[str]:
        return rules.misplaced(self.body.data or "", template.blocks)

    def _missing(self, template: Template) -> list[str]:
        groups = rules.missing(self.body.data or "", template.required) if self.body.data else []
        listed = ([f"{{{name}}}" for name in group] for group in groups)
        return [format_list(each, style="or", locale=babel_locale()) for each in listed]

    @property
    def words(self) -> Words:
        """What was written."""
        return Words(self.subject.data or "", self.body.data or "")

    @property
    def begun_from(self) -> int:
        """The number of the version that it was begun from; -1, which none has, for what is no number."""
        number = self.after.data or ""
        return int(number) if number.isdecimal() and len(number) <= _LONGEST_NUMBER else -1
