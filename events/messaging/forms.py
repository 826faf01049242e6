"""Filters of the mailbox page."""

from collections.abc import Mapping

from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from events.core.forms import BaseForm, FormData
from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.core.text import as_uuid
from events.messaging.queries import Wanted
from events.messaging.words import REASONS, STATES


class MailboxFilter(BaseForm):
    """Which messages to show."""

    state = SelectField(_("State"), [Optional()])
    reason = SelectField(_("Reason"), [Optional()])
    recipient = StringField(_("Recipient"), [Length(max=100)], render_kw={"autocomplete": "off"})
    letter = HiddenField()

    @property
    def wanted(self) -> Wanted:
        """The filters; only of a form that is valid."""
        state, reason, recipient = (field.data or "" for field in (self.state, self.reason, self.recipient))
        return Wanted(state, reason, recipient, as_uuid(self.letter.data or ""))


def mailbox_filter(values: Mapping[str, str], readable: list[str]) -> MailboxFilter:
    """Make the form of what stands in an address; `readable` are the reasons that can be chosen."""
    names = MailboxFilter()._fields
    form = MailboxFilter(FormData({name: [value] for name, value in values.items() if name in names}))
    everything = SelectChoice("", gettext("All"))
    form.state.choices = [
        everything,
        *(SelectChoice(state.value, str(word)) for state, (_tone, word) in STATES.items()),
    ]
    chosen = [(reason.value, str(word)) for reason, word in REASONS.items() if reason.value in readable]
    form.reason.choices = [everything, *(SelectChoice(*choice) for choice in chosen)]
    return form
