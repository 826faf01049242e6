"""What people say of themselves when they check in by themselves."""

from wtforms import EmailField, HiddenField, StringField
from wtforms.validators import Length, ValidationError

from events.checkin.oneself.actions import Said
from events.checkin.oneself.rules import FEWEST_LETTERS
from events.core.forms import BaseForm
from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.core.text import fold

LONGEST_CODE = 2000
"""Signs: a scanned address, or the addresses of all tickets that a phone keeps."""


class OneselfForm(BaseForm):
    """A ticket, or else an address and how the name begins."""

    tickets = HiddenField(validators=[Length(max=LONGEST_CODE)])
    code = StringField(
        _("Ticket code"),
        [Length(max=500)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    letters = StringField(
        _("First letters of your name"), [Length(max=100)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    email = EmailField(_("E-mail address you registered with"), [Length(max=254)], render_kw={"autocomplete": "off"})

    def validate_letters(self, field: StringField) -> None:
        """Ask for letters where no ticket is given."""
        if not self.said.tickets and len(fold(field.data or "")) < FEWEST_LETTERS:
            raise ValidationError(gettext("Write at least two letters."))

    def validate_email(self, field: EmailField) -> None:
        """Ask for an address where no ticket is given."""
        if not self.said.tickets and "@" not in (field.data or ""):
            raise ValidationError(gettext("Write the address in the form name@organisation.fi."))

    @property
    def said(self) -> Said:
        """What was said."""
        found = [self.code.data or "", *(self.tickets.data or "").split()]
        return Said(tuple(filter(None, found)), self.email.data or "", self.letters.data or "")
