"""The privacy notice that is shown at registration; its versions are kept (information, no box to tick)."""

from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, pick
from events.core.settings import get_settings

NOTICE = {
    "fi": """Rekisterinpitäjä on %(controller)s. Käytämme antamiasi tietoja tapahtuman järjestämiseen: vahvistukseen, \
muistutuksiin, sisäänkirjautumiseen ja osallistujamäärien raportointiin rahoittajalle. Raporteissa ei ole nimiä. \
Voit tarkistaa, korjata, ladata ja poistaa tietosi vahvistusviestin linkistä.

Käsittelyn peruste on yleistä etua koskeva tehtävä: tapahtuman järjestäminen ja sen rahoituksesta tilittäminen \
(tietosuoja-asetus, 6 artiklan 1 kohdan e alakohta). Se, mihin suostut erikseen, perustuu suostumukseesi, jonka voit \
perua samasta linkistä.

Tietosi näkevät tapahtuman järjestäjät ja hanketta tarkastaessaan sen rahoittaja. Jos suostut siihen, tapahtuman muut \
osallistujat näkevät nimesi, organisaatiosi ja maakuntasi. Palvelimen ja sähköpostin tarjoajat \
käsittelevät tietoja puolestamme. Voit myös pyytää rajoittamaan tietojesi käyttöä tai vastustaa sitä. Kysy lisää: \
%(contact)s. Jos tietojasi mielestäsi käsitellään väärin, voit valittaa tietosuojavaltuutetulle (tietosuoja.fi).""",
    "sv": """Personuppgiftsansvarig är %(controller)s. Vi använder uppgifterna för att ordna evenemanget: bekräftelse, \
påminnelser, incheckning och rapportering av antalet deltagare till finansiären. I rapporterna syns inga namn. Du kan \
kontrollera, rätta, ladda ner och radera dina uppgifter via länken i bekräftelsen.

Den rättsliga grunden är en uppgift av allmänt intresse: att ordna evenemanget och redovisa dess finansiering \
(dataskyddsförordningen, artikel 6.1 e). Det du samtycker till separat grundar sig på ditt samtycke, som du kan \
återkalla via samma länk.

Dina uppgifter ses av evenemangets arrangörer och, när projektet granskas, av dess finansiär. Om du \
samtycker till det ser evenemangets övriga deltagare ditt namn, din organisation och ditt landskap. De som \
tillhandahåller server och e-post behandlar uppgifterna för vår räkning. Du kan också be oss begränsa användningen \
av dina uppgifter eller invända mot den. Frågor: %(contact)s. Om du anser att dina uppgifter behandlas fel kan du \
klaga hos dataombudsmannen (tietosuoja.fi).""",
    "en": """The controller is %(controller)s. We use what you enter to run the event: the confirmation, \
reminders, check-in and reporting the number of participants to the funder. Reports show no names. You can see, \
correct, export and erase your data by the link in the confirmation.

The legal basis is a task in the public interest: holding the event and accounting for its funding (GDPR, Article \
6(1)(e)). What you agree to separately rests on your consent, which you can withdraw by the same link.

Your data are seen by those who organise the event and, when it inspects the project, by its funder. If you \
agree to it, the other participants of the event see your name, organisation and region. The providers of the \
server and of mail handle them on our behalf. You can also ask us to restrict the use of your data, or object to \
it. Questions: %(contact)s. If you think that your data are handled wrongly, you can complain to the Finnish Data \
Protection Ombudsman (tietosuoja.fi).""",
}
"""What GDPR, Article 13 asks for; the first paragraph is shown at registration, the rest stands on /privacy."""

_UNSET = {
    "fi": {"controller": "tapahtuman järjestäjä", "contact": "tapahtuman sivulla nimetty yhteyshenkilö"},
    "sv": {"controller": "arrangören", "contact": "kontaktpersonen på evenemangets sida"},
    "en": {"controller": "the organiser of the event", "contact": "the contact person named on the page of the event"},
}


async def publish_notice() -> None:
    """Make the notice above, with the provider as it is set, the one in force.

    When it is already, nothing changes; nor when staff have published one of their own, which is theirs to follow up.
    """
    settings = get_settings()
    given = {"controller": settings.provider_name, "contact": settings.provider_contact}
    known = {name: text for name, text in given.items() if text}
    texts = tuple(NOTICE[code] % (_UNSET[code] | known) for code in ("fi", "sv", "en"))
    last = await database.fetchrow(
        "SELECT version, text_fi, text_sv, text_en FROM notice ORDER BY version DESC LIMIT 1"
    )
    if await database.fetchval("SELECT EXISTS (SELECT FROM notice WHERE published_by IS NOT NULL)"):
        return
    if last is None or tuple(last)[1:] != texts:
        version = last["version"] + 1 if last else 1
        await database.execute(
            "INSERT INTO notice (version, text_fi, text_sv, text_en) VALUES ($1, $2, $3, $4)", version, *texts
        )


class NoticeView(Struct, frozen=True):
    """The notice that is shown now; `text` is a text and its language."""

    version: int
    text: tuple[str, str]

    @property
    def beginning(self) -> str:
        """The first paragraph that is no heading, as Markdown."""
        paragraphs = self.text[0].split("\n\n")
        return next((each for each in paragraphs if not each.startswith("#")), "")


async def current() -> NoticeView:
    """Return the latest version of the privacy notice in the present language."""
    row = await database.fetchrow("SELECT version, text_fi, text_sv, text_en FROM notice ORDER BY version DESC LIMIT 1")
    if row is None:
        raise RuntimeError("there is no privacy notice: run `sixnet migrate`")
    return NoticeView(row["version"], pick({code: row[f"text_{code}"] for code in LANGUAGES}))
