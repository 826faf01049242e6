"""The forms of people who register; what they hold is checked by `entered.read`, as for programs and tables."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)

from events.core.errors import Invalid
from events.core.forms import BaseForm
from events.core.i18n import babel_locale, language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.text import sort_key
from events.network import queries as network
from events.network.tables import SizeClass
from events.registration import entered
from events.registration.consents import consent_texts
from events.registration.entered import ASKED_SIZES, COUNTRIES, Entered
from events.registration.new_registration import NewRegistration
from events.registration.tables import ConsentKind

ABROAD = "abroad"
"""The choice among the municipalities that says: outside Finland."""

ASKED_CONSENTS = (ConsentKind.NEWS, ConsentKind.PHOTOS, ConsentKind.PARTICIPANT_LIST)


class Marked:
    """Marks a field as one that must be filled in; whether it is, `entered.read` says with all the rest."""

    field_flags = {"required": True}

    def __call__(self, _form: object, _field: object) -> None:
        """Leave it to `entered.read`."""


class PlaceChoice(Struct, frozen=True):
    """A site in the form: its id, its name with the places left, whether one can choose it."""

    id: UUID
    words: str
    open: bool


class PersonForm(BaseForm):
    """Who takes part and where they come from."""

    given_name = StringField(_l("Given name"), [Marked()], render_kw={"autocomplete": "given-name"})
    family_name = StringField(_l("Family name"), [Marked()], render_kw={"autocomplete": "family-name"})
    email = EmailField(
        _l("E-mail"), [Marked()], description=_l("The confirmation goes here."), render_kw={"autocomplete": "email"}
    )
    organisation = StringField(
        _l("Organisation"),
        description=_l("Leave this empty if you come for yourself."),
        render_kw={"autocomplete": "organization", "list": "organisations", "data-organisation": ""},
    )
    municipality = SelectField(
        _l("Municipality of the workplace"), [Marked()], validate_choice=False, render_kw={"data-municipality": ""}
    )
    country = SelectField(_l("Country, if outside Finland"), validate_choice=False, render_kw={"data-country": ""})

    async def offer_choices(self) -> None:
        """Fill in what can be chosen, in the present language."""
        towns = await network.municipalities()
        self.municipality.choices = _choices(
            [("", _("Choose")), (ABROAD, _("Outside Finland")), *((town.code, town.name) for town in towns)]
        )
        names = babel_locale().territories
        countries = sorted(((code, names.get(code, code)) for code in COUNTRIES if code != "FI"), key=_by_name)
        self.country.choices = _choices([("", _("Choose")), *countries])

    def entered(self) -> Entered:
        """Return the texts as they were typed."""
        abroad = self.municipality.data == ABROAD
        return Entered(
            given_name=self.given_name.data or "",
            family_name=self.family_name.data or "",
            email=self.email.data or "",
            organisation=self.organisation.data or "",
            municipality="" if abroad else self.municipality.data or "",
            country=(self.country.data or "") if abroad else "",
            language=language(),
        )

    def read(self) -> NewRegistration | None:
        """Return what was entered, checked and clean; None when something does not hold, said beside its field."""
        if not self.validate():
            return None
        errors: dict[str, list[str]] = {}
        new = None
        try:
            new = entered.read(self.entered())
        except Invalid as invalid:
            errors.update(invalid.errors)
        if not self.municipality.data:
            errors.setdefault("municipality", [_("Choose the municipality, or “Outside Finland”.")])
        elif self.municipality.data == ABROAD and not self.country.data:
            errors.setdefault("country", [_("Choose the country.")])
        self.show(errors)
        return None if errors else new

    def show(self, errors: dict[str, list[str]]) -> None:
        """Set messages beside their fields, those of no field above the form."""
        for name, messages in errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, *messages]
            else:
                self.form_errors.extend(messages)


class RegistrationForm(PersonForm):
    """The one screen of a registration."""

    size = SelectField(
        _l("How many work in the organisation?"),
        validate_choice=False,
        description=_l("Asked once for each organisation, for the statistics. You need not know."),
    )
    business_id = StringField(_l("Business ID"), description=_l("If you know it: 1234567-1"))
    site = RadioField(_l("How do you take part?"), validate_choice=False)
    news = BooleanField()
    photos = BooleanField()
    participant_list = BooleanField()
    notice_version = HiddenField()
    form_id = HiddenField()
    invitation = HiddenField()
    leave_empty = StringField(
        _l("Leave this field empty"),
        render_kw={"autocomplete": "off", "tabindex": "-1", "data-1p-ignore": "true", "data-lpignore": "true"},
    )

    def offer_sites(self, places: Iterable[PlaceChoice]) -> None:
        """Offer the sites; one alone needs no choice."""
        offered = list(places)
        self.site.choices = [
            SelectChoice(str(place.id), place.words, render_kw={} if place.open else {"disabled": True})
            for place in offered
        ]
        if not self.site.data:
            self.site.data = next((str(place.id) for place in offered if place.open), None)
        self.size.choices = _choices(
            [("", _("I do not know")), *((size.value, size_words(size)) for size in ASKED_SIZES)]
        )
        for kind, text in consent_texts(language()).items():
            if kind in ASKED_CONSENTS:
                self[kind.value].label.text = text

    def entered(self) -> Entered:
        texts = consent_texts(language())
        base = super().entered()
        return Entered(
            **{field: getattr(base, field) for field in ("given_name", "family_name", "email", "organisation")},
            municipality=base.municipality,
            country=base.country,
            language=base.language,
            business_id=self.business_id.data or "",
            size=self.size.data or "",
            site=_uuid(self.site),
            notice_version=int(self.notice_version.data) if (self.notice_version.data or "").isdecimal() else 0,
            consents={kind: texts[kind] for kind in ASKED_CONSENTS if self[kind.value].data},
        )


class AddressForm(BaseForm):
    """A mended address."""

    email = EmailField(_l("E-mail"), [Marked()], render_kw={"autocomplete": "email"})


def size_words(size: SizeClass) -> str:
    """Name a size class by headcount, which alone is asked (2003/361/EC also knows turnover and balance)."""
    return {
        SizeClass.MICRO: _("1–9 people"),
        SizeClass.SMALL: _("10–49 people"),
        SizeClass.MEDIUM: _("50–249 people"),
        SizeClass.LARGE: _("250 people or more"),
        SizeClass.NONE: _("It is not a company"),
    }[size]


def _uuid(field: Field) -> UUID | None:
    try:
        return UUID(field.data or "")
    except ValueError:
        return None


def _choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in pairs]


def _by_name(pair: tuple[str, Any]) -> tuple[int, ...]:
    return sort_key(str(pair[1]))
