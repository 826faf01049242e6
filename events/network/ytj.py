"""Looking business IDs up in the public business register (YTJ, PRH's open data v3); never while someone waits.

Without `SIXNET_YTJ_URL` nothing is looked up. What comes back is a stranger's: it is read with a limit and a time-out,
kept beside what people entered, and fills in only what nobody knows.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import httpx
import msgspec
from msgspec import Struct

from events.accounts import audit
from events.core import database
from events.core.actor import SYSTEM
from events.core.database import transaction
from events.core.settings import get_settings
from events.core.text import clean_line
from events.network.look_ups import WAITS
from events.network.matching import is_sole_trader, organisation_key
from events.network.register_tables import LookUpState

TIMEOUT = 3.0
"""Seconds for a whole look-up."""

LARGEST = 1_000_000
"""Bytes of an answer; that of one company has a few thousand."""

LEASE = timedelta(minutes=10)
"""So long a look-up belongs to the job that began it, longer than a job may last; after a crash another begins."""

_COMPANY_NAME = "1"
_FINNISH = "1"

_log = logging.getLogger(__name__)


class Company(Struct, frozen=True):
    """What the register says of a business ID; "" for what it does not say."""

    name: str
    municipality: str
    form: str
    ended: bool

    @property
    def sole_trader(self) -> bool:
        """Whether the form of the company says that it is one person's."""
        return is_sole_trader(self.form)


class _Name(Struct):
    name: str
    type: str = _COMPANY_NAME
    endDate: str | None = None  # noqa: N815 - as the register writes it


class _Text(Struct):
    languageCode: str = ""  # noqa: N815
    description: str = ""


class _Form(Struct):
    descriptions: list[_Text] = []
    endDate: str | None = None  # noqa: N815


class _PostOffice(Struct):
    municipalityCode: str | None = None  # noqa: N815


class _Address(Struct):
    type: int = 1
    postOffices: list[_PostOffice] = []  # noqa: N815


class _Id(Struct):
    value: str


class _Company(Struct):
    businessId: _Id  # noqa: N815
    names: list[_Name] = []
    companyForms: list[_Form] = []  # noqa: N815
    addresses: list[_Address] = []
    endDate: str | None = None  # noqa: N815


class _Answer(Struct):
    companies: list[_Company]


def read(body: bytes, business_id: str) -> Company | None:
    """Return the company of an answer, None when the register does not know it; msgspec.DecodeError for garbage."""
    answer = msgspec.json.decode(body, type=_Answer)
    company = next((one for one in answer.companies if one.businessId.value == business_id), None)
    if company is None:
        return None
    names = [one.name for one in company.names if one.type == _COMPANY_NAME and not one.endDate]
    forms = [text for form in company.companyForms if not form.endDate for text in form.descriptions]
    forms.sort(key=lambda text: text.languageCode != _FINNISH)
    places = [place for address in sorted(company.addresses, key=_visiting_first) for place in address.postOffices]
    return Company(
        clean_line(names[0] if names else "")[:200],
        clean_line(next((place.municipalityCode for place in places if place.municipalityCode), ""))[:3],
        clean_line(forms[0].description if forms else "")[:100],
        bool(company.endDate),
    )


def _visiting_first(address: _Address) -> int:
    return address.type


async def fetch(client: httpx.AsyncClient, url: str, business_id: str) -> Company | None:
    """Ask the register; raises httpx.HTTPError, TimeoutError or ValueError when it does not answer as it should."""
    body = b""
    async with (
        asyncio.timeout(TIMEOUT),
        client.stream("GET", f"{url.rstrip('/')}/companies", params={"businessId": business_id}) as answer,
    ):
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > LARGEST:
                raise ValueError("the answer is too large")
    return read(body, business_id)


_UNKNOWN = """
INSERT INTO business_look_up (business_id)
SELECT business_id FROM organisation WHERE merged_into IS NULL AND business_id IS NOT NULL
ON CONFLICT (business_id) DO NOTHING
"""

_CLAIM = f"""
UPDATE business_look_up SET lease_until = $1::timestamptz + $2::interval, tries = tries + 1
WHERE business_id = (
    SELECT business_id FROM business_look_up
    WHERE {WAITS} AND (lease_until IS NULL OR lease_until <= $1)
    ORDER BY state DESC, business_id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING business_id
"""


async def look_up_all(now: datetime) -> int:
    """Look up every business ID of which nothing is known yet, one after the other; returns how many were answered.

    A register that does not answer is left alone until the next time.
    """
    url, answered = get_settings().ytj_url, 0
    if not url:
        return 0
    await database.execute(_UNKNOWN)
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
        while business_id := await database.fetchval(_CLAIM, now, LEASE):
            if not await _look_up(client, url, business_id, now):
                break
            answered += 1
    return answered


async def _look_up(client: httpx.AsyncClient, url: str, business_id: str, now: datetime) -> bool:
    try:
        company = await fetch(client, url, business_id)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError) as error:
        _log.warning("look-up failed", extra={"error": type(error).__name__})  # the ID may be a person's
        await database.execute(
            "UPDATE business_look_up SET state = $2, looked_up_at = $3, lease_until = NULL WHERE business_id = $1",
            *(business_id, LookUpState.FAILED.value, now),
        )
        return False
    await keep(business_id, company, now)
    return True


_KEEP = """
UPDATE business_look_up SET state = $2, name = $3, folded = $4, municipality = $5, form = $6, sole_trader = $7,
    ended = $8, tries = 0, looked_up_at = $9, lease_until = NULL
WHERE business_id = $1
"""

_FILL = """
UPDATE organisation SET municipality = coalesce(municipality, (SELECT code FROM municipality WHERE code = $2)),
    sole_trader = sole_trader OR $3
WHERE business_id = $1 AND merged_into IS NULL
    AND ((municipality IS NULL AND EXISTS (SELECT FROM municipality WHERE code = $2)) OR ($3 AND NOT sole_trader))
RETURNING id
"""

_ALIAS = """
INSERT INTO organisation_alias (id, organisation, name, folded)
SELECT gen_random_uuid(), id, $2, $3::varchar FROM organisation
WHERE business_id = $1 AND merged_into IS NULL AND $3::varchar <> ''
ON CONFLICT (folded) DO NOTHING RETURNING organisation
"""


async def keep(business_id: str, company: Company | None, now: datetime) -> None:
    """Keep what the register said and fill in what nobody knew: name, municipality, that it is a sole trader."""
    state = LookUpState.FOUND if company else LookUpState.NOT_FOUND
    said = company or Company("", "", "", ended=False)
    key = organisation_key(said.name)
    async with transaction():
        await database.execute(
            _KEEP,
            *(business_id, state.value, said.name, key, said.municipality, said.form),
            *(said.sole_trader, said.ended, now),
        )
        filled: Sequence[asyncpg.Record] = [
            *await database.fetch(_FILL, business_id, said.municipality, said.sole_trader),
            *await database.fetch(_ALIAS, business_id, said.name, key),
        ]
        for identity in {row[0] for row in filled}:
            await audit.record(SYSTEM, "organisation.looked_up", "organisation", identity, now)
