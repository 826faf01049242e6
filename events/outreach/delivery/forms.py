"""Looking for an address among those that are not written to."""

from wtforms import StringField
from wtforms.validators import Length

from events.core.forms import BaseForm
from events.core.i18n import lazy_gettext as _


class AddressFilter(BaseForm):
    """Which addresses to show."""

    address = StringField(
        _("E-mail address or a part of it"), [Length(max=254)], render_kw={"autocomplete": "off", "type": "search"}
    )
