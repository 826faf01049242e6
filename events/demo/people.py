"""The demo's organisations and people; all made up, with addresses that cannot exist."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from faker import Faker
from msgspec import Struct

from events.core.text import fold
from events.network.matching import organisation_key

TOWNS: Sequence[tuple[str, str, int]] = (
    *(("837", "06", 16), ("536", "06", 5), ("980", "06", 4), ("908", "06", 3), ("211", "06", 3)),
    *(("109", "05", 9), ("694", "05", 4), ("061", "05", 2), ("179", "13", 11), ("992", "13", 3), ("410", "13", 2)),
    *(("564", "17", 11), ("678", "17", 4), ("743", "14", 8), ("301", "14", 3), ("408", "14", 3)),
    *(("905", "15", 6), ("598", "15", 4), ("272", "16", 3), ("398", "07", 5), ("853", "02", 5), ("734", "02", 2)),
    *(("609", "04", 3), ("091", "01", 5), ("297", "11", 4), ("405", "09", 3), ("153", "09", 1), ("286", "08", 2)),
    *(("491", "10", 2), ("167", "12", 2), ("205", "18", 2), ("698", "19", 2), ("478", "21", 1)),
)
"""Municipality, its region, and how many organisations come from there, as weights; the target regions lead."""

_FIRST = (
    *("Kuukivi", "Tuulenpesä", "Rautakorento", "Revonsilta", "Hopeavasara", "Sinikallio"),
    *("Tähtivasama", "Jäälilja", "Kuparilehto", "Salamatammi", "Merirauta", "Valkohanka"),
    *("Harmaapaju", "Teräskataja", "Suopursu", "Pilvimylly", "Kultavirpi", "Metsolan"),
    *("Hiidenvirta", "Karhunkello", "Lumiruusu", "Vaskivuori", "Käpytikka", "Routakivi"),
    *("Myrskylintu", "Hallavaara", "Kaarnavene", "Ruostesilta", "Ahjotuli", "Männynkerkkä"),
)
_SWEDISH = ("Stjärnsmedja", "Nordankulla", "Silverhamn", "Järnbjörk", "Åskmoln", "Havstistel")
_TRADES = ("Konepaja", "Automaatio", "Metalli", "Robotiikka", "Valimo", "Hydrauliikka", "Mekatroniikka", "Laser")
_SWEDISH_TRADES = ("Mekaniska", "Automation", "Svets")
_SIZES = ("micro", "small", "medium", "large", "unknown")
_SIZE_WEIGHTS = (30, 34, 22, 9, 5)

OTHERS: Sequence[tuple[str, str, str]] = (
    ("Mallilan kaupunki", "municipality", "837"),
    ("Esimerkkilän kunta", "municipality", "743"),
    ("Kuvitelman kaupunki", "municipality", "109"),
    ("Exempelby stad", "municipality", "905"),
    ("Esimerkkimaan liitto", "regional_council", "837"),
    ("Mallimaakunnan liitto", "regional_council", "179"),
    ("Esimerkkiyliopisto", "university", "837"),
    ("Pohjoinen malliyliopisto", "university", "564"),
    ("Malli-ammattikorkeakoulu", "university", "743"),
    ("Högskolan Exempel", "university", "905"),
    ("Tutkimuslaitos Havainto", "research", "837"),
    ("Tutkimuskeskus Mittaus", "research", "179"),
    ("Ammattiopisto Esimerkki", "education", "109"),
    ("Koulutuskuntayhtymä Malli", "education", "564"),
    ("Kehitysyhtiö Ponnin Oy", "development", "837"),
    ("Seutukehitys Ratas Oy", "development", "109"),
    ("Yrityskehitys Vipu Oy", "development", "179"),
    ("Utveckling Kugg Ab", "development", "598"),
    ("Kehitysyhtiö Akseli Oy", "development", "743"),
    ("Esimerkkivirasto", "state", "564"),
    ("Konepajayrittäjät Esimerkki ry", "association", "837"),
    ("Mallin Insinöörit ry", "association", "091"),
)


class Organisation(Struct, frozen=True):
    """An organisation of the demo."""

    id: UUID
    name: str
    type: str
    size_class: str
    municipality: str
    region: str
    domain: str
    weight: int


class Person(Struct, frozen=True):
    """Someone of the demo; `eagerness` is how often they turn up."""

    id: UUID
    given_name: str
    family_name: str
    email: str | None
    language: str
    organisation: Organisation
    eagerness: float


def organisations(chance: random.Random) -> list[Organisation]:
    """Make up 130 organisations of all types, sizes and regions."""
    regions = {code: region for code, region, _weight in TOWNS}
    found = [
        Organisation(uuid4(), name, kind, "none", town, regions[town], _domain(name), 5) for name, kind, town in OTHERS
    ]
    names = [f"{first} {trade} Oy" for trade in _TRADES for first in _FIRST]
    swedish = [f"{first} {trade} Ab" for trade in _SWEDISH_TRADES for first in _SWEDISH]
    for name in [*chance.sample(names, 96), *chance.sample(swedish, 12)]:
        wanted = [town for town in TOWNS if town[1] in {"15", "16", "01", "21"} or not name.endswith("Ab")]
        town, region, _weight = chance.choices(wanted, [weight for *_rest, weight in wanted])[0]
        size = chance.choices(_SIZES, _SIZE_WEIGHTS)[0]
        weight = {"micro": 1, "small": 2, "medium": 4, "large": 7}.get(size, 1)
        found.append(Organisation(uuid4(), name, "company", size, town, region, _domain(name), weight))
    return found


def people(chance: random.Random, known: Sequence[Organisation], count: int = 420) -> list[Person]:
    """Make up people of these organisations; a few have no address, a few share their organisation's."""
    finnish, swedish = Faker("fi_FI"), Faker("sv_SE")
    finnish.seed_instance(chance.random())
    swedish.seed_instance(chance.random())
    found: list[Person] = []
    taken: set[str] = set()
    for organisation in chance.choices(known, [one.weight for one in known], k=count):
        speaks_swedish = organisation.name.endswith(("Ab", "stad", "Exempel")) or chance.random() < 0.06  # noqa: PLR2004
        faker = swedish if speaks_swedish else finnish
        given, family = faker.first_name(), faker.last_name()
        address = f"{fold(given)}.{fold(family)}".replace(" ", "") + f"@{organisation.domain}"
        if address in taken:
            continue
        taken.add(address)
        draw = chance.random()
        email = None if draw < 0.02 else f"info@{organisation.domain}" if draw < 0.05 else address  # noqa: PLR2004
        language = "sv" if speaks_swedish else "en" if chance.random() < 0.05 else "fi"  # noqa: PLR2004
        found.append(Person(uuid4(), given, family, email, language, organisation, chance.paretovariate(1.6)))
    return found


def organisation_rows(known: Sequence[Organisation], now: datetime) -> list[dict[str, Any]]:
    """Rows of the table organisation."""
    return [
        {
            **{name: getattr(one, name) for name in ("id", "name", "type", "size_class", "municipality")},
            "folded": organisation_key(one.name),
            "domains": [one.domain],
            "created_at": now,
        }
        for one in known
    ]


def alias_rows(known: Sequence[Organisation]) -> list[dict[str, Any]]:
    """Rows of the table organisation_alias: an organisation is known by its own name too."""
    return [
        {"id": uuid4(), "organisation": one.id, "name": one.name, "folded": organisation_key(one.name)} for one in known
    ]


def person_rows(known: Sequence[Person], now: datetime) -> list[dict[str, Any]]:
    """Rows of the table person."""
    return [
        {
            **{name: getattr(one, name) for name in ("id", "given_name", "family_name", "email", "language")},
            "folded": fold(f"{one.given_name} {one.family_name}"),
            "organisation": one.organisation.id,
            "created_at": now,
        }
        for one in known
    ]


def _domain(name: str) -> str:
    words = [word for word in fold(name).split() if word not in {"oy", "ab", "ry"}]
    return f"{'-'.join(words)}.example"
