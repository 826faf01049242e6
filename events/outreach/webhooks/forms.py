"""The form of an endpoint."""

from typing import Any

from wtforms import StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from events.core.forms import BaseForm, CheckboxesField
from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.messaging.webhooks import rules
from events.messaging.webhooks.tables import Happening
from events.outreach.webhooks.words import HAPPENINGS


class EndpointForm(BaseForm):
    """Where an endpoint is, and what it wants to know."""

    url = StringField(
        _("Address"),
        [DataRequired(_("Write the address that is told.")), Length(max=500)],
        description=_("It begins with https:// and can be reached from the public network."),
        render_kw={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"},
    )
    description = StringField(
        _("What is the endpoint for?"),
        [DataRequired(_("Write what the endpoint is for.")), Length(max=200)],
        description=_("For example the name of the system that is told."),
    )
    kinds = CheckboxesField(_("What is it told of?"), [DataRequired(_("Choose at least one."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = [SelectChoice(kind.value, f"{HAPPENINGS[kind]} ({kind.value})") for kind in rules.WANTED]

    def validate_url(self, field: StringField) -> None:
        """Refuse what nothing is ever sent to; names are looked up at each sending."""
        if not rules.is_possible(field.data or ""):
            raise ValidationError(
                gettext("Write a public address that begins with https://, without a user name or password in it.")
            )

    @property
    def wanted(self) -> list[Happening]:
        """The kinds that were chosen; only of a form that is valid."""
        return [Happening(kind) for kind in self.kinds.data]
