"""What can be chosen of the papers of an event."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError

from events.checkin.papers.formats import BADGES, SIGNS
from events.checkin.papers.lists import MOST_EMPTY, AttendanceWanted
from events.checkin.papers.queries import Choice
from events.core.forms import BaseForm, FormData
from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.registration.tables import RegistrationRole
from events.registration.words import role_words

_WHO = (
    SelectChoice("all", _("Everybody who has a place")),
    SelectChoice("arrived", _("Who has come")),
    SelectChoice("expected", _("Who has not come yet")),
)
_ORDERS = (SelectChoice("name", _("By family name")), SelectChoice("organisation", _("By organisation")))
_BACKS = (
    SelectChoice("", _("Nothing")),
    SelectChoice("name", _("The name and organisation again")),
    SelectChoice("event", _("Event, time, place and contact")),
)
_LARGE = (
    SelectChoice("person", _("The name, with the organisation")),
    SelectChoice("organisation", _("The organisation alone")),
)


def _offer(field: SelectField, options: Iterable[tuple[object, str]], *, everything: bool = False) -> None:
    first = [SelectChoice("", gettext("All"))] if everything else []
    field.choices = [*first, *(SelectChoice(str(value), name) for value, name in options)]


class ChoiceForm(BaseForm):
    """Whose papers, and in which order."""

    site = SelectField(_("Place"), default="")
    role = SelectField(_("Role"), default="")
    who = SelectField(_("Who"), choices=_WHO, default="all")
    order = SelectField(_("Order"), choices=_ORDERS, default="name")
    registration = HiddenField()

    def __init__(self, data: FormData | None, sites: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        _offer(self.site, sites.items(), everything=True)
        _offer(self.role, ((role.value, role_words(role)) for role in RegistrationRole), everything=True)

    @property
    def choice(self) -> Choice:
        """What a valid form has chosen."""
        return Choice(
            site=UUID(self.site.data) if self.site.data else None,
            role=self.role.data,
            who=self.who.data,
            order=self.order.data,
            fresh="fresh" in self and self.fresh.data,
            registration=one(self.registration.data),
        )


class BadgeForm(ChoiceForm):
    """Name badges."""

    format = SelectField(_("Size"), default=next(iter(BADGES)), render_kw={"data-badge-format": ""})
    back = SelectField(
        _("On the back"), choices=_BACKS, default="", description=_("Print on both sides, turning the long edge.")
    )
    fresh = BooleanField(_("Only those who are new or changed since their badge was made"))
    cut = BooleanField(_("Marks where to cut"), default=True)

    def __init__(self, data: FormData | None, sites: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(data, sites, prefix="badges-", **kwargs)
        _offer(self.format, ((code, form.words) for code, form in BADGES.items()))

    def validate_back(self, field: SelectField) -> None:
        """Refuse a back where only one side is printed."""
        form = BADGES.get(self.format.data)
        if field.data and form and form.is_label:
            raise ValidationError(gettext("A label has no back. Choose a sheet, or nothing for the back."))


class SignForm(ChoiceForm):
    """Table signs."""

    format = SelectField(_("Size"), default=next(iter(SIGNS)))
    large = SelectField(_("Large on the sign"), choices=_LARGE, default="person")

    def __init__(self, data: FormData | None, sites: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(data, sites, prefix="signs-", **kwargs)
        _offer(self.format, ((code, form.words) for code, form in SIGNS.items()))


class AttendanceForm(BaseForm):
    """The list to be signed."""

    site = SelectField(_("Place"), default="")
    empty = IntegerField(
        _("Empty rows for who comes without registering"),
        [Optional(), NumberRange(0, MOST_EMPTY)],
        default=10,
        render_kw={"class": "short"},
    )

    def __init__(self, data: FormData | None, venues: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(data, prefix="list-", **kwargs)
        _offer(self.site, venues.items(), everything=True)

    @property
    def wanted(self) -> AttendanceWanted:
        """What a valid form asks for."""
        site = UUID(self.site.data) if self.site.data else None
        return AttendanceWanted(site=site, empty=10 if self.empty.data is None else self.empty.data)


def one(text: str | None) -> UUID | None:
    """Read whose badge alone is wanted; what is no id is nobody's."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)
