"""The form of a person: who they are and where they come from; used on every page that asks it."""

from collections.abc import Iterable
from typing import Any, ClassVar

from wtforms import EmailField, SelectChoice, SelectField, StringField

from events.core.errors import Invalid
from events.core.forms import BaseForm, Marked
from events.core.i18n import babel_locale, language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.text import sort_key
from events.network import queries as network
from events.registration import entered
from events.registration.details import Details
from events.registration.entered import COUNTRIES, Entered
from events.registration.new_registration import NewRegistration
from events.registration.queries import RegistrationView

ABROAD = "abroad"
"""The choice among the municipalities that says: outside Finland."""


class PersonForm(BaseForm):
    """Who takes part and where they come from."""

    needs_email: ClassVar[bool] = True

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
        self.municipality.choices = named_choices(
            [("", _("Choose")), (ABROAD, _("Outside Finland")), *((town.code, town.name) for town in towns)]
        )
        names = babel_locale().territories
        countries = sorted(((code, names.get(code, code)) for code in COUNTRIES if code != "FI"), key=_by_name)
        self.country.choices = named_choices([("", _("Choose")), *countries])

    def need_organisation(self) -> None:
        """Mark the organisation as needed: where an event has so many places for each, nobody comes without one."""
        self.organisation.flags.required = True
        self.organisation.description = _("It is needed: only so many of each organisation may come.")

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
            new = entered.read(self.entered(), needs_email=self.needs_email)
        except Invalid as invalid:
            errors.update(invalid.errors)
        if not self.municipality.data:
            errors.setdefault("municipality", [_("Choose the municipality, or “Outside Finland”.")])
        elif self.municipality.data == ABROAD and not self.country.data:
            errors.setdefault("country", [_("Choose the country.")])
        self.show(errors)
        return None if errors else new


def present(registration: RegistrationView) -> dict[str, str]:
    """Return the details of a registration as the data of such a form."""
    abroad = registration.municipality is None and registration.country != "FI"
    return {
        "given_name": registration.given_name,
        "family_name": registration.family_name,
        "email": registration.email or "",
        "organisation": registration.organisation,
        "municipality": ABROAD if abroad else registration.municipality or "",
        "country": registration.country if abroad else "",
    }


def details_in(new: NewRegistration, *, language: str) -> Details:
    """Return what such a form says of someone who is registered already."""
    return Details(
        given_name=new.given_name,
        family_name=new.family_name,
        email=new.email,
        organisation=new.organisation,
        municipality=new.municipality,
        country=new.country,
        language=language,
    )


class AddressForm(BaseForm):
    """A mended address."""

    email = EmailField(_l("E-mail"), [Marked()], render_kw={"autocomplete": "email"})


def named_choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return (value, words) pairs as WTForms takes them."""
    return [SelectChoice(value, words) for value, words in pairs]


def _by_name(pair: tuple[str, Any]) -> tuple[int, ...]:
    return sort_key(str(pair[1]))
