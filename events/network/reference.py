"""Loads what every installation has: regions, municipalities, themes and the two projects."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files

from events.core import database

CLASSIFICATION_YEAR = 2026
"""Year of Statistics Finland's classification of municipalities that `data/` holds."""

THEMES = (
    ("digitalisation", "Teollisuuden digitalisaatio", "Industrins digitalisering", "Industrial digitalisation"),
    ("low-carbon", "Vähähiilisyys", "Koldioxidsnålhet", "Low carbon"),
    ("responsibility", "Vastuullisuus", "Ansvarsfullhet", "Responsibility"),
    ("smart-machines", "Älykkäät koneet", "Intelligenta maskiner", "Intelligent machines"),
)

_COUNTED_ROLES = ["participant", "speaker"]
_COUNTED_KINDS = ["meeting", "workshop", "experience_exchange"]

PROJECTS: tuple[Mapping[str, object], ...] = (
    {
        "code": "SIXNET",
        "name_fi": "SIXNET – alueiden teollisuusverkosto",
        "name_sv": "SIXNET – regionernas industrinätverk",
        "name_en": "SIXNET – the regions' industrial network",
        "funder": "Pirkanmaan liitto",
        "instrument": "AKKE",
        "starts_on": date(2022, 1, 1),
        "ends_on": date(2023, 12, 31),
        "target_regions": ["05", "06", "13", "14", "17"],
        "statement_fi": "Hanketta rahoittaa Pirkanmaan liitto (AKKE).",
        "statement_sv": "Projektet finansieras av Birkalands förbund (AKKE).",
        "statement_en": "The project is funded by the Council of Tampere Region (AKKE).",
    },
    {
        "code": "Smart Manufacturing Hub",
        "name_fi": "Smart Manufacturing Hub – Yhdessä kohti vahvaa ja vastuullista valmistusta Pirkanmaalla",
        "name_sv": "Smart Manufacturing Hub – Tillsammans mot stark och ansvarsfull tillverkning i Birkaland",
        "name_en": "Smart Manufacturing Hub – Together towards strong and responsible manufacturing in Pirkanmaa",
        "funder": "Pirkanmaan liitto",
        "instrument": "EAKR",
        "starts_on": date(2020, 1, 1),
        "ends_on": date(2022, 10, 31),
        "target_regions": ["06"],
        "statement_fi": "Euroopan unionin osarahoittama.",
        "statement_sv": "Medfinansieras av Europeiska unionen.",
        "statement_en": "Co-funded by the European Union.",
        "emblem": (files("events.network") / "data" / "eu.png").read_bytes(),
        "emblem_type": "image/png",
        "emblem_alt_fi": "Euroopan unionin tunnus",
        "emblem_alt_sv": "Europeiska unionens emblem",
        "emblem_alt_en": "Emblem of the European Union",
    },
)


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (files("events.network") / "data" / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


async def load_reference_data() -> None:
    """Insert what is missing and renew names and regions; loading again changes nothing else."""
    async with database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO region (code, nuts3, name_fi, name_sv, name_en, year) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (code) DO UPDATE SET nuts3 = excluded.nuts3, name_fi = excluded.name_fi,"
            " name_sv = excluded.name_sv, name_en = excluded.name_en, year = excluded.year",
            [
                (row["code"], row["nuts3_2024"], row["name_fi"], row["name_sv"], row["name_en"], CLASSIFICATION_YEAR)
                for row in _rows("regions.csv")
            ],
        )
        await connection.executemany(
            "INSERT INTO municipality (code, name_fi, name_sv, region, year) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (code) DO UPDATE SET name_fi = excluded.name_fi, name_sv = excluded.name_sv,"
            " region = excluded.region, year = excluded.year",
            [
                (row["code"], row["name_fi"], row["name_sv"], row["region_code"], CLASSIFICATION_YEAR)
                for row in _rows("municipalities.csv")
            ],
        )
        await connection.executemany(
            "INSERT INTO theme (code, name_fi, name_sv, name_en) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", THEMES
        )
        for project in PROJECTS:
            columns = {**project, "counted_roles": _COUNTED_ROLES, "counted_kinds": _COUNTED_KINDS}
            places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
            await connection.execute(
                f"INSERT INTO project ({', '.join(columns)}) VALUES ({places}) ON CONFLICT (code) DO NOTHING",
                *columns.values(),
            )
