"""What is entered about a registration, by form, program or table, and how it is checked: the same way for all."""

import re
from collections.abc import Collection, Mapping
from uuid import UUID

from babel import Locale
from msgspec import Struct
from msgspec.structs import replace

from events.core.addresses import normal_address
from events.core.errors import Invalid
from events.core.i18n import LANGUAGES
from events.core.i18n import gettext as _
from events.core.text import clean_line, split_name
from events.network import matching
from events.network.tables import SizeClass
from events.registration.new_registration import NewRegistration
from events.registration.tables import ConsentKind

HOME = "FI"
LONGEST_NAME = 100
LONGEST_ORGANISATION = 200
ASKED_SIZES = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE, SizeClass.NONE)

_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
COUNTRIES = tuple(
    code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRIES
)
"""ISO 3166-1 codes of countries."""


class Entered(Struct, frozen=True, kw_only=True):
    """Texts as they came; `name` stands for both names where they were not asked apart."""

    name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    organisation: str = ""
    business_id: str = ""
    size: str = ""
    municipality: str = ""
    country: str = ""
    language: str = ""
    site: UUID | None = None
    notice_version: int = 0
    consents: Mapping[ConsentKind, str] = {}
    code: str = ""
    items: Collection[UUID] = ()


def read(entered: Entered, *, needs_email: bool = True) -> NewRegistration:
    """Check and clean what was entered; raises Invalid with the messages of every field that does not hold."""
    broken = {name for name in Entered.__struct_fields__ if "\x00" in str(getattr(entered, name))}
    if broken:
        raise Invalid({name: [_("There is a sign in it that is no text.")] for name in sorted(broken)})
    entered = _named(_cleaned(entered))
    checks = {
        "given_name": _check_name(entered.given_name, _("Write the given name.")),
        "family_name": [] if entered.name else _check_name(entered.family_name, _("Write the family name.")),
        "name": _check_length(entered.name, LONGEST_NAME),
        "organisation": _check_length(entered.organisation, LONGEST_ORGANISATION),
        "municipality": _check_municipality(entered.municipality),
        "country": _check_country(entered),
        "size": [] if entered.size in {"", *ASKED_SIZES} else [_("Choose one of the sizes.")],
        "language": [] if entered.language in {"", *LANGUAGES} else [_("Choose Finnish, Swedish or English.")],
    }
    errors = {field: messages for field, messages in checks.items() if messages}
    email = normal_address(entered.email)
    if email is None and (entered.email or needs_email):
        wrong = _("Write the address in the form name@organisation.fi.") if entered.email else _("Write the address.")
        errors["email"] = [wrong]
    number = matching.business_id(entered.business_id) if entered.business_id else None
    if entered.business_id and number is None:
        errors["business_id"] = [_("This is not a Finnish business ID. It looks like 1234567-1.")]
    if errors:
        raise Invalid(errors)
    return NewRegistration(
        given_name=entered.given_name,
        family_name=entered.family_name,
        email=email,
        organisation=entered.organisation,
        business_id=number,
        size=entered.size or None,
        municipality=entered.municipality or None,
        country=HOME if entered.municipality else entered.country or HOME,
        site=entered.site,
        language=entered.language or "fi",
        notice_version=entered.notice_version,
        consents=entered.consents,
        code=entered.code[:LONGEST_NAME],
        items=frozenset(entered.items),
    )


def _cleaned(entered: Entered) -> Entered:
    texts = {
        field: clean_line(value)
        for field in Entered.__struct_fields__
        if isinstance(value := getattr(entered, field), str)
    }
    return replace(entered, **{**texts, "country": texts["country"].upper()})


def _named(entered: Entered) -> Entered:
    """Split a name that came in one piece before its last word; the private link lets its owner mend it."""
    if not entered.name or entered.given_name or entered.family_name:
        return entered
    given, family = split_name(entered.name)
    return replace(entered, given_name=given, family_name=family)


def _check_name(name: str, missing: str) -> list[str]:
    if not any(sign.isalpha() for sign in name):
        return [missing]
    return _check_length(name, LONGEST_NAME)


def _check_length(text: str, longest: int) -> list[str]:
    return [_("At most %(n)s signs, please.", n=longest)] if len(text) > longest else []


def _check_municipality(code: str) -> list[str]:
    """Check the form of a code alone: whether there is such a municipality the database says."""
    return [] if re.fullmatch("([0-9]{3})?", code) else [_("There is no such municipality.")]


def _check_country(entered: Entered) -> list[str]:
    if entered.country and entered.country not in COUNTRIES:
        return [_("There is no such country.")]
    if entered.municipality and entered.country not in {"", HOME}:
        return [_("Choose either a municipality or another country.")]
    return []
