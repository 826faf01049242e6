"""Forms of staff about registrations: notes, tags, and what is done to many."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from events.core.forms import BaseForm
from events.core.i18n import lazy_gettext as _l
from events.core.text import fold
from events.registration.staff.bulk import Deed
from events.registration.staff.notes import LONGEST_TAG
from events.registration.tables import RegistrationRole
from events.registration.words import role_words

LONGEST_NOTE = 2_000
LONGEST_MESSAGE = 1_000


class NoteForm(BaseForm):
    """A note to write down."""

    text = TextAreaField(
        _l("New note"),
        [DataRequired(_l("Write the note.")), Length(max=LONGEST_NOTE)],
        description=_l("For colleagues. The person can read it when asking for what we hold about them."),
        render_kw={"rows": 3},
    )


class TagForm(BaseForm):
    """A tag to put on or take off."""

    tag = StringField(
        _l("Tag"),
        [DataRequired(_l("Write a tag.")), Length(max=LONGEST_TAG)],
        render_kw={"list": "tags", "autocomplete": "off", "maxlength": LONGEST_TAG},
    )

    def validate_tag(self, field: Any) -> None:
        """A tag is recognised by its letters and digits."""
        if not fold(field.data or ""):
            raise ValidationError(_l("Write a tag."))


class MessageForm(BaseForm):
    """What is written to people whose registration is approved, declined or cancelled."""

    message = TextAreaField(
        _l("Message"),
        [Length(max=LONGEST_MESSAGE)],
        description=_l("Optional. It stands in the mail about it, as you write it."),
        render_kw={"rows": 3},
    )


class RoleForm(BaseForm):
    """The role to set."""

    role = SelectField(_l("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [(role.value, role_words(role)) for role in RegistrationRole]


class SiteForm(BaseForm):
    """Where to move people."""

    site = SelectField(_l("Place"))


FORMS: dict[Deed, type[BaseForm]] = {
    Deed.APPROVE: MessageForm,
    Deed.DECLINE: MessageForm,
    Deed.CANCEL: MessageForm,
    Deed.ROLE: RoleForm,
    Deed.MOVE: SiteForm,
    Deed.TAG: TagForm,
    Deed.UNTAG: TagForm,
}
"""What is asked before a deed; nothing for the others."""
