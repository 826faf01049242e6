"""The columns of a table that is a programme: how they are known, what they say, and a sample of such a table.

The reading, the page that explains it and the sample are made from this list alone.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from events.core.i18n import lazy_gettext as _l
from events.programme.imports.rows import DRAFT, FORMATS, KINDS, PUBLISHED


class Column(Struct, frozen=True, kw_only=True):
    """A column by its `name` or one of `others`: what it says, the words it takes, and its cells in the sample."""

    name: str
    others: Sequence[str]
    means: object
    words: Sequence[str] = ()
    cells: Sequence[str] = ("", "")
    required: bool = False

    @property
    def examples(self) -> Sequence[str]:
        """The words it takes; where it takes any, those of the sample."""
        return self.words or [cell for cell in dict.fromkeys(self.cells) if cell]


_BEGINS = datetime(2027, 9, 16, 9, 0)  # noqa: DTZ001 - a local time, written in every way that is read
_MOMENTS = [_BEGINS.strftime(pattern) for pattern in FORMATS]

COLUMNS = (
    Column(
        name="kind",
        others=("laji", "tapahtuman laji", "typ"),
        means=_l("What kind of event it is"),
        words=[word for words in KINDS.values() for word in words],
        cells=("workshop", "meeting"),
        required=True,
    ),
    Column(
        name="title_fi",
        others=("otsikko", "nimi", "otsikko suomeksi", "title"),
        means=_l("Title in Finnish"),
        cells=("Energiatehokas tuotanto", "Verkoston kokous"),
        required=True,
    ),
    Column(
        name="title_sv",
        others=("otsikko ruotsiksi", "rubrik"),
        means=_l("Title in Swedish"),
        cells=("Energieffektiv produktion", "Nätverkets möte"),
    ),
    Column(
        name="title_en",
        others=("otsikko englanniksi",),
        means=_l("Title in English"),
        cells=("Energy-efficient production", "Meeting of the network"),
    ),
    Column(
        name="starts",
        others=("alkaa", "börjar", "start"),
        means=_l("When it starts, in Finnish time"),
        words=_MOMENTS,
        cells=(_MOMENTS[0], "2027-10-05 13:00"),
        required=True,
    ),
    Column(
        name="ends",
        others=("päättyy", "slutar", "end"),
        means=_l("When it ends, in Finnish time"),
        cells=("2027-09-16 15:00", "2027-10-05 14:30"),
        required=True,
    ),
    Column(
        name="region",
        others=("maakunta", "landskap"),
        means=_l("The region that hosts it: code or name"),
        cells=("06", "06"),
        required=True,
    ),
    Column(
        name="venue",
        others=("paikka", "plats"),
        means=_l("Where it is held; the name of a municipality is also taken as the municipality"),
        cells=("Tampere", ""),
    ),
    Column(
        name="capacity",
        others=("paikkoja", "platser"),
        means=_l("How many places there are at the venue; empty: nobody comes to a venue"),
        cells=("40", ""),
    ),
    Column(
        name="online_capacity",
        others=("verkkopaikkoja", "etäpaikkoja", "platser online"),
        means=_l("How many places there are online; empty: nobody attends online"),
        cells=("100", "200"),
    ),
    Column(
        name="project",
        others=("hanke", "hankkeet", "projekt", "projects"),
        means=_l("The projects under which it is held: codes or names, with semicolons between them"),
        cells=("SIXNET", "SIXNET"),
    ),
    Column(
        name="themes",
        others=("teemat", "teema", "teman", "theme"),
        means=_l("Its themes: codes or names, with semicolons between them"),
        cells=("digitalisation;low-carbon", ""),
    ),
    Column(
        name="status",
        others=("tila", "status"),
        means=_l("Whether it is published; empty: a draft"),
        words=[word for word in (*PUBLISHED, *DRAFT) if word],
        cells=("draft", "draft"),
    ),
)

HEADINGS: Mapping[str, Sequence[str]] = {column.name: column.others for column in COLUMNS}
"""The columns, and by which other headings they are known."""

REQUIRED = tuple(column.name for column in COLUMNS if column.required)


def sample(region: str = "") -> bytes:
    """Return a table of two drafts as CSV, with semicolons as Finnish and Swedish spreadsheets want it.

    `region` is that of who asks for it: into others they may not import.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(HEADINGS)
    cells = [(region, region) if region and column.name == "region" else column.cells for column in COLUMNS]
    writer.writerows(zip(*cells, strict=True))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
