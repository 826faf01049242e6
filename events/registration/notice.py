"""The privacy notice that is shown at registration; its versions are kept (information, no box to tick)."""

from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, pick

FIRST_NOTICE = {
    "fi": """Käytämme antamiasi tietoja tapahtuman järjestämiseen: vahvistukseen, muistutuksiin, sisäänkirjautumiseen \
ja osallistujamäärien raportointiin rahoittajalle. Rekisterinpitäjä on tapahtuman järjestäjä. \
Raporteissa ei ole nimiä. Voit tarkistaa, korjata, ladata ja poistaa tietosi vahvistusviestin linkistä.""",
    "sv": """Vi använder uppgifterna för att ordna evenemanget: bekräftelse, påminnelser, incheckning och rapportering \
av antalet deltagare till finansiären. Personuppgiftsansvarig är arrangören. I rapporterna syns inga namn. Du kan \
kontrollera, rätta, ladda ner och radera dina uppgifter via länken i bekräftelsen.""",
    "en": """We use what you enter to run the event: the confirmation, reminders, check-in and reporting the number of \
participants to the funder. The controller is the organiser. Reports show no names. You can see, correct, export and \
erase your data by the link in the confirmation.""",
}


async def publish_first_notice() -> None:
    """Make sure that there is a notice to show; later versions are published by staff."""
    await database.execute(
        "INSERT INTO notice (version, text_fi, text_sv, text_en) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
        *FIRST_NOTICE.values(),
    )


class NoticeView(Struct, frozen=True):
    """The notice that is shown now; `text` is a text and its language."""

    version: int
    text: tuple[str, str]


async def current() -> NoticeView:
    """Return the latest version of the privacy notice in the present language."""
    row = await database.fetchrow("SELECT version, text_fi, text_sv, text_en FROM notice ORDER BY version DESC LIMIT 1")
    if row is None:
        raise RuntimeError("there is no privacy notice: run `sixnet migrate`")
    return NoticeView(row["version"], pick({code: row[f"text_{code}"] for code in LANGUAGES}))
