"""Recognising organisations and persons, however they are spelled."""

import re
from uuid import UUID, uuid4

from msgspec import Struct
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus

from events.core import database
from events.core.text import fold

LEGAL_FORMS = frozenset(
    {
        "oy",
        "oyj",
        "ab",
        "abp",
        "ky",
        "kb",
        "ay",
        "osk",
        "ry",
        "rf",
        "sr",
        "tmi",
        "ltd",
        "gmbh",
        "as",
        "plc",
        "inc",
        "llc",
    }
)
"""What stands at the end of a company's name and is left out by half of those who type it."""

SHARED_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "hotmail.com", "hotmail.fi", "outlook.com", "live.com", "live.fi", "msn.com"),
        *("yahoo.com", "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.com", "gmx.de", "mail.com"),
        *("luukku.com", "suomi24.fi", "kolumbus.fi", "elisanet.fi", "saunalahti.fi", "pp.inet.fi", "inet.fi"),
        *("netti.fi", "welho.com", "dnainternet.net", "phnet.fi", "sci.fi", "nic.fi", "wippies.com", "mail.ax"),
    }
)
"""Domains at which anybody has an address: they say nothing of an organisation."""


class Match(Struct, frozen=True):
    """The organisation that was recognised, and by what: business_id, name, alias or domain."""

    id: UUID
    name: str
    by: str


def organisation_key(name: str) -> str:
    """Return the form by which organisations are compared: folded, without legal forms at the end.

    This is what `organisation.folded` and `organisation_alias.folded` hold.
    """
    words = fold(name).split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)[:200]


_SOLE_TRADER = re.compile(r"\b(t ?mi|toiminimi|f ?ma|enskild naringsidkare|elinkeinonharjoittaja)\b")


def is_sole_trader(name: str, *persons: str) -> bool:
    """Say whether a name is that of a sole trader: by its form of business, or because it is a person's own name.

    Such a name is personal data and is suggested to nobody (facts of the field: toiminimi, enskild näringsidkare).
    """
    folded = fold(name)
    return bool(_SOLE_TRADER.search(folded)) or sorted(folded.split()) in [sorted(fold(one).split()) for one in persons]


def person_key(given_name: str, family_name: str) -> str:
    """Return the form by which persons of one address are told apart: `person.folded`."""
    return fold(f"{given_name} {family_name}")[:220]


def telling_domain(email: str) -> str:
    """Return the domain of an address, or "" when anybody may have an address there."""
    domain = email.rpartition("@")[2].lower()
    return "" if domain in SHARED_DOMAINS or "." not in domain else domain[:100]


def business_id(text: str) -> str | None:
    """Return a Finnish business ID as it is written (1234567-1), or None when it is not one."""
    try:
        number: str = ytunnus.validate(text)
    except ValidationError:
        return None
    return str(ytunnus.format(number))


ALIKE = 0.75
"""From which likeness on two names of organisations may be one: one or two letters of a usual name."""

THREES = """SELECT DISTINCT substr('  ' || word || ' ', place, 3) AS three
    FROM string_to_table({name}, ' ') AS word, generate_series(1, length(word) + 1) AS place"""
"""The groups of three letters of a name, each word with two spaces before and one after it."""


def likeness(one: str, other: str) -> str:
    """Return SQL for how alike two folded names are, 0 to 1: the groups of three that both have (Dice)."""
    return f"""(SELECT 2.0 * count(*) FILTER (WHERE both_have = 2) / sum(both_have) FROM (
        SELECT count(*) AS both_have FROM (
            ({THREES.format(name=one)}) UNION ALL ({THREES.format(name=other)})
        ) AS threes GROUP BY three
    ) AS counted)"""


def _spelled(typed: str, known: str) -> str:
    """Return SQL for whether a folded name is another spelling of a known one: alike, run together, or shortened.

    Shortened: each of its words begins one of the known name ("Konepaja Esim."). What says more names something else.
    """
    short = f"""length({typed}) > 2 AND NOT EXISTS (
        SELECT FROM string_to_table({typed}, ' ') AS word
        WHERE NOT EXISTS (SELECT FROM string_to_table({known}, ' ') AS whole WHERE starts_with(whole, word)))"""
    together = f"replace({known}, ' ', '') = replace({typed}, ' ', '')"
    words = f"cardinality(string_to_array({typed}, ' ')) <= cardinality(string_to_array({known}, ' '))"
    return f"({together} OR ({words} AND {likeness(known, typed)} >= {ALIKE}) OR ({short}))"


MATCH_ORGANISATION = f"""
coalesce(
    (SELECT id FROM organisation WHERE {{business_id}} IS NOT NULL AND business_id = {{business_id}}),
    (SELECT id FROM organisation WHERE folded = {{organisation_key}} AND folded <> '' ORDER BY created_at, id LIMIT 1),
    (SELECT organisation FROM organisation_alias WHERE folded = {{organisation_key}}),
    (SELECT id FROM organisation WHERE domains @> ARRAY[{{domain}}::varchar] AND {{organisation_key}} <> ''
     AND {_spelled("{organisation_key}", "folded")}
     ORDER BY created_at, id LIMIT 1)
)
"""
"""The organisation by business ID, name, alias or domain of the address, in this order; for other statements too.

The domain decides only for another spelling of the name: who names something else knows better where they work, and
that both may be one is for the queue of doubles to ask.
"""

_MATCH = f"""
SELECT found.id, found.name, CASE WHEN direct.business_id = $1 THEN 'business_id' WHEN direct.folded = $2 THEN 'name'
    WHEN $3 = ANY (direct.domains) AND NOT EXISTS (SELECT FROM organisation_alias WHERE folded = $2) THEN 'domain'
    ELSE 'alias' END AS by
FROM organisation AS direct JOIN organisation AS found ON found.id = coalesce(direct.merged_into, direct.id)
WHERE direct.id = {MATCH_ORGANISATION.format(business_id="$1", organisation_key="$2::varchar", domain="$3")}
"""


async def match_organisation(name: str, *, email: str = "", business_id: str | None = None) -> Match | None:
    """Recognise an organisation by a valid business ID, its name or alias, or the domain of an address.

    A merged organisation gives the one it was merged into. The domain decides only for another spelling of its name.
    """
    row = await database.fetchrow(_MATCH, business_id, organisation_key(name), telling_domain(email))
    return Match(row["id"], row["name"], row["by"]) if row else None


_FOUND = """
WITH named AS (
    INSERT INTO organisation_alias (id, organisation, name, folded) VALUES ($1, $2, $3, $4)
    ON CONFLICT (folded) DO UPDATE SET folded = excluded.folded RETURNING organisation AS id
),
founded AS (
    INSERT INTO organisation (id, name, folded, business_id, municipality, country, domains, sole_trader)
    SELECT id, $3, $4, $5, $6, $7, $8, $9 FROM named WHERE id = $2
)
SELECT id FROM named
"""


async def recognise_organisation(
    name: str,
    *,
    email: str = "",
    business_id: str | None = None,
    municipality: str | None = None,
    country: str = "FI",
    person: str = "",
    vouched: bool = False,
) -> UUID | None:
    """Return the organisation that `person` means, founding it when it is not known; None without a name to go by.

    Its domain is learnt from an address that someone vouches for alone: anybody can type one.
    """
    known = await match_organisation(name, email=email, business_id=business_id)
    if known or not organisation_key(name):
        return known.id if known else None
    domain = telling_domain(email)
    founded: UUID = await database.fetchval(
        _FOUND,
        uuid4(),
        uuid4(),
        name,
        organisation_key(name),
        business_id,
        municipality,
        country,
        [domain] if domain and vouched else [],
        is_sole_trader(name, person),
    )
    return founded


async def match_person(email: str, given_name: str, family_name: str) -> UUID | None:
    """Recognise a person by address and folded name together; a merged one gives the one merged into."""
    found: UUID | None = await database.fetchval(
        "SELECT coalesce(merged_into, id) FROM person WHERE email = $1 AND folded = $2",
        email.lower(),
        person_key(given_name, family_name),
    )
    return found
