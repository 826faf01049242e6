"""Pages that show every part of the look once, with made-up content: for the tests and for looking at.

`python -m tests.core.specimen FOLDER` writes them with their built files; open them by `python -m http.server`.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import qrcode
import qrcode.image.svg
from jinja2 import FileSystemLoader
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    FileField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from events.core.assets import asset_dir
from events.core.i18n import in_language
from events.core.paths import folder
from events.core.web import make_environment

PAGES = {
    "front": "/",
    "event": "/events/one",
    "form": "/events/one/register",
    "ticket": "/t/x",
    "door": "/door/",
    "staff": "/staff/reports/participation",
}
LANGUAGES = [("fi", "Suomi", "?lang=fi"), ("sv", "Svenska", "?lang=sv"), ("en", "English", "?lang=en")]
TICKET_URL = "https://sixnet.example/t/7K2MPX4Q"
EVENT_STATES = ["draft", "published", "held", "reconciled", "cancelled"]
STATES = [
    "cancelled",
    "awaiting_approval",
    "awaiting_address",
    "confirmed",
    "waitlisted",
    "offered",
    "declined",
    "attended",
    "no_show",
    "unknown",
    "due",
    "sent",
    "bounced",
    "failed",
    "dropped",
]
REGIONS = {
    "01": ("Uusimaa", 3),
    "02": ("Varsinais-Suomi", 0),
    "04": ("Satakunta", 1),
    "05": ("Kanta-Häme", 5),
    "06": ("Pirkanmaa", 12),
    "07": ("Päijät-Häme", 0),
    "08": ("Kymenlaakso", 0),
    "09": ("Etelä-Karjala", 0),
    "10": ("Etelä-Savo", 0),
    "11": ("Pohjois-Savo", 2),
    "12": ("Pohjois-Karjala", 0),
    "13": ("Keski-Suomi", 8),
    "14": ("Etelä-Pohjanmaa", 6),
    "15": ("Pohjanmaa", 0),
    "16": ("Keski-Pohjanmaa", 0),
    "17": ("Pohjois-Pohjanmaa", 9),
    "18": ("Kainuu", 0),
    "19": ("Lappi", 1),
    "21": ("Ahvenanmaa", 0),
}
START = datetime(2026, 9, 22, 6, tzinfo=UTC)
EVENTS = [
    (
        START + timedelta(days=0),
        "workshop",
        "SIXNET-roadshow: yhteiskehittämisen työpaja, Hämeenlinna",
        "Hämeenlinna ja verkko",
        12,
    ),
    (START + timedelta(days=1), "meeting", "Teollisuuden kansallinen pyöreä pöytä", "Tampere", 3),
    (START + timedelta(days=2), "experience_exchange", "Kokemustenvaihto: vähähiilinen konepaja", "Seinäjoki", 0),
    (START + timedelta(days=3), "meeting", "Teemaryhmä digitalisaatio, syyskokous", "Verkossa", None),
]
PEOPLE = [
    ("Aino Virtanen", "Konepaja Rautanen Oy", "Vahvistettu", "6"),
    ("Erik Ström", "Österbottens Metall Ab", "Jonossa", "0"),
    ("Mari Äijälä", "Hämeen ammattikorkeakoulu", "Vahvistettu", "4,5"),
]
BARS = (
    '<svg role="img" aria-label="Osallistumiset maakunnittain" viewBox="0 0 600 120" width="600" height="120">'
    '<g fill="var(--heat-3)"><rect y="5" width="560" height="30"/><rect y="45" width="220" height="30"/>'
    '<rect y="85" width="172" height="30"/></g></svg>'
)


class RegistrationForm(Form):
    given_name = StringField(
        "Etunimi", [InputRequired("Kirjoita etunimesi.")], render_kw={"autocomplete": "given-name"}
    )
    family_name = StringField("Sukunimi", [InputRequired("Kirjoita sukunimesi.")])
    email = EmailField(
        "Sähköposti",
        [InputRequired("Kirjoita sähköpostiosoitteesi."), Length(max=20, message="Osoite on liian pitkä.")],
        description="Vahvistus ja lippu lähetetään tähän osoitteeseen.",
    )
    organisation = StringField("Organisaatio", [InputRequired("Kirjoita organisaatiosi.")])
    municipality = SelectField("Työpaikan kunta", choices=["Tampere", "Vaasa"])
    postcode = StringField("Postinumero")
    size = RadioField(
        "Kuinka monta henkeä organisaatiossa on?",
        [InputRequired("Valitse koko.")],
        choices=["Alle 10", "Alle 50", "Alle 250", "250 tai enemmän", "Ei yritys"],
        description="Kysytään kerran organisaatiota kohti.",
        validate_choice=False,
    )
    site = RadioField("Miten osallistut?", choices=["Paikan päällä", "Verkossa"])
    themes = SelectMultipleField(
        "Mitkä teemat kiinnostavat?",
        choices=["Digitalisaatio", "Vähähiilisyys", "Älykkäät koneet"],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    start = DateTimeLocalField("Alkaa", [InputRequired("Anna alkamisaika.")])
    file = FileField("Liite")
    wishes = TextAreaField("Mitä odotat päivältä?")
    photos = BooleanField(
        "Minut saa kuvata tapahtumassa", description="Vapaaehtoinen. Voit perua suostumuksen koska tahansa."
    )
    token = HiddenField()


def _context(page: str, language: str) -> dict[str, object]:
    given = {"email": "aino.virtanen@rautanen.example", "site": "Paikan päällä", "municipality": "Tampere"}
    form = RegistrationForm(data=given)
    form.validate()
    qr = qrcode.make(TICKET_URL, image_factory=qrcode.image.svg.SvgPathImage)
    return {
        "locale": language,
        "path": PAGES[page],
        "staff": SimpleNamespace(name="Liisa Lahti") if page == "staff" else None,
        "language_links": LANGUAGES,
        "form": form,
        "qr": qr.to_string(encoding="unicode"),
        "bars": BARS,
        "events": EVENTS,
        "regions": [
            SimpleNamespace(code=code, name=name, count=count, url=f"/?region={code}")
            for code, (name, count) in REGIONS.items()
        ],
        "people": PEOPLE,
        "event_states": EVENT_STATES,
        "states": STATES,
    }


def render(page: str, language: str = "fi") -> str:
    """One specimen page as the browser gets it; a template's undefined name raises."""
    environment = make_environment()
    environment.loader = FileSystemLoader([folder("templates"), Path(__file__).parent])
    with in_language(language):
        return environment.get_template(f"{page}.html").render(_context(page, language))


def write(target: Path, language: str = "fi") -> Iterator[Path]:
    """Write every page and the built files below `target`, as they would be served."""
    shutil.copytree(asset_dir(), target / "assets", dirs_exist_ok=True)
    for page in PAGES:
        path = target / f"{page}.html"
        path.write_text(render(page, language), encoding="utf-8")
        yield path
