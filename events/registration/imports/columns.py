"""Which column of a table of participants is what, and what the words in it mean: pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from events.core.text import fold
from events.registration.tables import RegistrationRole


class Field(StrEnum):
    """What a column may tell of a participant."""

    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    NAME = "name"
    EMAIL = "email"
    ORGANISATION = "organisation"
    BUSINESS_ID = "business_id"
    MUNICIPALITY = "municipality"
    ATTENDS = "attends"
    ATTENDED = "attended"
    ROLE = "role"
    LANGUAGE = "language"


class Dropped(StrEnum):
    """Why a column is not read."""

    HEALTH = "health"
    FREE_TEXT = "free_text"
    TWICE = "twice"
    UNKNOWN = "unknown"


class Answer(StrEnum):
    """What a word says of attending."""

    VENUE = "venue"
    ONLINE = "online"
    YES = "yes"
    NO = "no"
    NOTHING = "nothing"


HEADINGS: Mapping[Field, Mapping[str, Sequence[str]]] = {
    Field.FAMILY_NAME: {
        "fi": ("sukunimi",),
        "sv": ("efternamn", "släktnamn"),
        "en": ("family name", "last name", "surname"),
    },
    Field.GIVEN_NAME: {
        "fi": ("etunimi", "etunimet", "kutsumanimi"),
        "sv": ("förnamn", "tilltalsnamn"),
        "en": ("given name", "first name"),
    },
    Field.NAME: {
        "fi": ("nimi", "osallistuja", "osallistujan nimi"),
        "sv": ("namn", "deltagare"),
        "en": ("name", "full name", "participant"),
    },
    Field.EMAIL: {
        "fi": ("sähköposti", "sähköpostiosoite", "s-posti"),
        "sv": ("e-post", "epost", "e-postadress"),
        "en": ("e-mail", "email", "e-mail address", "email address"),
    },
    Field.ORGANISATION: {
        "fi": ("organisaatio", "yritys", "työpaikka", "työnantaja"),
        "sv": ("organisation", "företag", "arbetsplats", "arbetsgivare"),
        "en": ("organisation", "organization", "company", "employer"),
    },
    Field.BUSINESS_ID: {
        "fi": ("y-tunnus", "ytunnus"),
        "sv": ("fo-nummer", "fo nr", "företagsnummer"),
        "en": ("business id", "business identity code"),
    },
    Field.MUNICIPALITY: {
        "fi": ("kunta", "kotikunta", "työpaikan kunta", "paikkakunta"),
        "sv": ("kommun", "hemkommun", "arbetsplatsens kommun", "ort"),
        "en": ("municipality", "home municipality", "municipality of the workplace"),
    },
    Field.ATTENDS: {
        "fi": ("osallistuu", "osallistuminen", "osallistumistapa", "ilmoittautuu"),
        "sv": ("deltar", "deltagande", "deltagandesätt"),
        "en": ("attends", "attending", "attendance", "participates", "participation"),
    },
    Field.ATTENDED: {
        "fi": ("osallistui", "läsnä", "oli paikalla", "saapui"),
        "sv": ("deltog", "närvarande", "närvaro"),
        "en": ("attended", "present", "participated", "was present"),
    },
    Field.ROLE: {"fi": ("rooli",), "sv": ("roll",), "en": ("role",)},
    Field.LANGUAGE: {"fi": ("kieli", "asiointikieli"), "sv": ("språk",), "en": ("language",)},
}
"""By which headings each column is known, in Finnish, Swedish and English."""

_HEALTH = (
    *("ruoka", "dieet", "allerg", "esteett", "apuvali", "terveys", "rajoit", "gluteen", "laktoos", "invalid"),
    *("kost", "diet", "matpreferens", "tillganglig", "hjalpmedel", "halso", "halsa", "funktions"),
    *("accessib", "health", "disabil", "special need", "food", "meal"),
)
_FREE_TEXT = (
    *("lisatie", "huom", "kommen", "viesti", "muuta", "toive", "tarkenn", "ovrig", "tillagg", "anmarkning", "meddel"),
    *("comment", "note", "message", "remark", "additional", "further", "info"),
)

_VENUE = "paikalla|paikan paalla|lasna|lahi|lahiosallistuminen|livena|pa plats|on site|onsite|in person|at the venue"
_ONLINE = (
    "etayhteydella|etayhteys|etana|eta|etaosallistuminen|verkossa|online|teams|teamsilla|zoom|virtuaalisesti"
    "|pa distans|distans|via teams|pa natet|remote|remotely|virtual|virtually"
)
_YES = "yes|y|x|xx|kylla|k|joo|on|true|1|ok|osallistuu|osallistui|ja|j|deltar|deltog|attends|attended|tulee|kommer"
_NO = (
    "no|n|ei|e|nej|false|0|ei osallistu|ei osallistunut|ei paase|ei tule|perunut|perui|peruttu|estynyt|poissa"
    "|deltar inte|deltar ej|deltog inte|deltog ej|avbokat|avbokad|forhindrad|franvarande"
    "|absent|cancelled|canceled|not attending|did not attend|no show"
)
_TICKS = frozenset("✓✔☑✅☒🗸")

ANSWERS: Mapping[str, Answer] = {
    **dict.fromkeys(_VENUE.split("|"), Answer.VENUE),
    **dict.fromkeys(_ONLINE.split("|"), Answer.ONLINE),
    **dict.fromkeys(_YES.split("|"), Answer.YES),
    **dict.fromkeys(_NO.split("|"), Answer.NO),
}
"""Folded words → what they say."""

ROLES: Mapping[str, RegistrationRole] = {
    word: role
    for role, words in {
        RegistrationRole.PARTICIPANT: "participant|osallistuja|deltagare",
        RegistrationRole.SPEAKER: "speaker|puhuja|alustaja|esiintyja|talare|forelasare",
        RegistrationRole.HOST: "host|isanta|emanta|jarjestaja|vard|arrangor|organiser|organizer",
        RegistrationRole.STAFF: "project staff|hanketoimija|hankehenkilo|hankehenkilosto|projektpersonal|staff",
        RegistrationRole.PARTNER: "project partner|hankekumppani|kumppani|projektpartner|partner",
    }.items()
    for word in words.split("|")
}
LANGUAGE_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("fi", "fin", "suomi", "finska", "finnish"), "fi"),
    **dict.fromkeys(("sv", "swe", "se", "ruotsi", "svenska", "swedish"), "sv"),
    **dict.fromkeys(("en", "eng", "englanti", "engelska", "english"), "en"),
}


class Columns(Struct, frozen=True):
    """What was found in the headings: `by_field` is read, `dropped` is not; `language` is that of most headings."""

    by_field: Mapping[Field, str]
    dropped: Mapping[str, Dropped]
    language: str


def read_columns(headers: Sequence[str]) -> Columns:
    """Recognise columns by their headings; of two for the same thing the first is read."""
    by_field: dict[Field, str] = {}
    dropped: dict[str, Dropped] = {}
    languages: dict[str, int] = {}
    for header in headers:
        known = _KNOWN.get(fold(header), {})
        field = next(iter(known.values()), None)
        if field is None:
            dropped[header] = _why_dropped(fold(header))
        elif field in by_field:
            dropped[header] = Dropped.TWICE
        else:
            by_field[field] = header
            for language in known:
                languages[language] = languages.get(language, 0) + 1
    return Columns(by_field, dropped, max(languages, key=languages.__getitem__, default="fi"))


def _why_dropped(heading: str) -> Dropped:
    # Health first: "Lisätietoja allergioista" is no harmless text.
    if any(part in heading for part in _HEALTH):
        return Dropped.HEALTH
    return Dropped.FREE_TEXT if any(part in heading for part in _FREE_TEXT) else Dropped.UNKNOWN


def read_answer(text: str) -> Answer | None:
    """Return what a word says of attending, or None when it is not known."""
    if not text:
        return Answer.NOTHING
    if set(text) <= _TICKS:
        return Answer.YES
    return ANSWERS.get(fold(text))


def _known_headings() -> dict[str, dict[str, Field]]:
    known: dict[str, dict[str, Field]] = {}
    for field, by_language in HEADINGS.items():
        for language, names in by_language.items():
            for name in names:
                known.setdefault(fold(name), {})[language] = field
    return known


_KNOWN = _known_headings()
