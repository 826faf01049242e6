"""What the door's pages send."""

from uuid import UUID

from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from events.checkin.tables import ScanType
from events.core.forms import BaseForm, takes_mail
from events.core.i18n import lazy_gettext as _


class ScanForm(BaseForm):
    """One reading: the code as typed or scanned, and the door it was read at."""

    secret = StringField(_("Ticket code"), [InputRequired(), Length(max=500)])
    nonce = HiddenField(validators=[InputRequired(), Length(max=100)])
    door = StringField(_("Name of this door"), [Length(max=60)])
    kind = SelectField(choices=[kind.value for kind in ScanType], default=ScanType.ENTRY.value)
    force = HiddenField(default="")


class WalkInForm(BaseForm):
    """Someone who came without registering."""

    name = StringField(
        _("Name"), [InputRequired(), Length(max=100)], render_kw={"autocomplete": "off", "data-focus": ""}
    )
    organisation = StringField(_("Organisation"), [Length(max=200)], render_kw={"autocomplete": "off"})
    email = EmailField(
        _("E-mail address"),
        [
            Optional(),
            Length(max=254),
            takes_mail,
        ],
        description=_("Without an address the person cannot be recognised at another event."),
        render_kw={"autocomplete": "off"},
    )
    site = RadioField(_("Site"))

    def offer(self, sites: list[tuple[UUID, str]]) -> None:
        """Let one of these sites be chosen, the first unless said otherwise; with one there is nothing to ask."""
        if len(sites) < 2:  # noqa: PLR2004 - said above
            del self.site
            return
        self.site.choices = [SelectChoice(str(identity), name) for identity, name in sites]
        if self.site.data is None:
            self.site.data = str(sites[0][0])
