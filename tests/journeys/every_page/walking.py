"""Every page there is, with the demo programme in it: nothing for axe to find, nothing to scroll sideways.

The list is made of the application's routes, so a new page is looked at without anyone thinking of it. Three tests
share it, for it takes minutes and they can run side by side.
"""

import re
from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from litestar import Litestar

from events.accounts import links
from events.accounts.tables import LinkPurpose
from events.checkin.oneself.actions import poster_code
from events.checkin.settings.actions import choose
from events.checkin.settings.queries import chosen
from events.checkin.settings.tables import Poster
from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.core.documents.tables import DocumentState
from events.demo.load import load
from events.messaging.actions import refuse_themes, unsubscribe
from events.messaging.templates.shapes import Words
from events.messaging.webhooks.rules import WANTED
from events.messaging.webhooks.tables import DeliveryState
from events.outreach.audiences.actions import write
from events.outreach.audiences.letters import unsubscribe_path
from events.outreach.audiences.rules import read_audience
from events.outreach.templates import actions as templates
from events.outreach.templates.shapes import Scope
from events.programme import queries as programme
from events.programme.cards import CARDS
from events.registration.announcements.tables import AnnouncementState
from events.registration.own.hearing_again import hearing_path
from events.surveys.asked import Question
from events.surveys.building.actions import add_question
from events.surveys.rules import HAS_ANSWERED
from events.surveys.tables import QuestionKind
from events.wording import WORDING
from tests.factories import insert, mailed_link, make_event, make_staff
from tests.journeys.conftest import Launch
from tests.journeys.looking import AXE, looks_right
from tests.journeys.staff import sign_in_as

NO_PAGES = re.compile(
    r"^/(api/|assets/|livez|readyz|metrics)|/(live|count|people|body|emblem|suggest|progress|file)$|^/staff/guide/|^/(events|r)/.+/materials/|\.(ics|atom|csv|json|pdf|png|svg|xlsx|js|webmanifest)$"
)
"""Answers of another kind than pages: data, files, streams, parts of pages."""

SLUGS = """
(SELECT slug FROM event WHERE state = 'published' AND starts_at > now()
    ORDER BY EXISTS (SELECT FROM question WHERE question.event = event.id) DESC, starts_at LIMIT 1)
UNION ALL (SELECT slug FROM event WHERE reconciled_at IS NOT NULL ORDER BY ends_at DESC LIMIT 1)
"""
UNFINISHED = """
(SELECT slug FROM event WHERE state = 'draft' ORDER BY slug LIMIT 1)
UNION ALL (SELECT slug FROM event WHERE archived_at IS NOT NULL ORDER BY slug LIMIT 1)
"""
STATES = "SELECT DISTINCT ON (state) id FROM registration ORDER BY state, id"
CONFIRMED = "SELECT id FROM registration WHERE state = 'confirmed' ORDER BY id LIMIT 1"
INVITED = "SELECT DISTINCT ON (state) id FROM invitation ORDER BY state, id"
UNANSWERED = """
SELECT invitation.id FROM invitation JOIN event ON event.id = event WHERE invitation.state = 'sent'
ORDER BY theme_group NULLS FIRST LIMIT 1
"""
WHOM = "?about=digitalisation&1-region=06&1-region=01&2-part=attended&more=1"
EVERYBODY = "?everybody=1&about=digitalisation"
GROUP = "SELECT id FROM theme_group ORDER BY name_fi LIMIT 1"
SEEING = """
SELECT registration.id FROM registration JOIN event ON event.id = registration.event
WHERE registration.state = 'confirmed' AND event.state = 'published' AND event.starts_at > now()
ORDER BY registration.id LIMIT 1
"""
COMING = """
SELECT registration.id FROM registration JOIN event ON event.id = registration.event
WHERE registration.state = 'confirmed' AND event.state = 'published' AND starts_at > now() ORDER BY id LIMIT 1
"""
REGISTRATIONS = """
SELECT DISTINCT ON (registration.state) event.slug || '/registrations/' || registration.id
FROM registration JOIN event ON event.id = registration.event ORDER BY registration.state, registration.id
"""

QUESTIONS = """
SELECT DISTINCT ON (question.kind) event.slug || '/questions/' || question.id
FROM question JOIN event ON event.id = question.event ORDER BY question.kind, question.id
"""

OWN_SURVEY = """
SELECT slug || '/survey/' || survey.id FROM survey JOIN event ON event.id = survey.event WHERE survey.kind = 'own' LIMIT 1
"""

SURVEY_QUESTIONS = """
SELECT slug || '/survey/' || survey || '/questions/' || code FROM survey_question
JOIN survey ON survey.id = survey JOIN event ON event.id = survey.event WHERE survey.kind = 'own' ORDER BY position
"""

SPOKEN_ITEMS = """
SELECT DISTINCT ON (series IS NULL) slug || '/agenda/' || agenda_item.id FROM agenda_item
JOIN event ON event.id = event JOIN speaker ON speaker.item = agenda_item.id ORDER BY series IS NULL, agenda_item.id
"""

FUNDED = "SELECT id FROM funder_report ORDER BY starts_on LIMIT 1"
DEFAULTS = "SELECT id FROM reminder_rule WHERE event IS NULL ORDER BY days LIMIT 1"


async def examples() -> dict[str, list[str]]:
    """Where pages with parameters are found in the demo programme: the route's template → addresses."""
    slugs = await _column("{}", SLUGS)
    return {
        "/kiosk/{slug:str}/code": [f"/kiosk/{(await _running(Poster.ROTATING))[0]}/code"],
        "/here/{slug:str}/{secret:str}": ["/here/{}/{}".format(*await _running(Poster.FIXED))],
        "{slug:str}": slugs,
        "/staff/events/{slug:str}/edit/{card:str}": [f"/staff/events/{slugs[0]}/edit/{card}" for card in CARDS],
        "/staff/events/{slug:str}/registrations/{registration_id:uuid}": await _column(
            "/staff/events/{}", REGISTRATIONS
        ),
        "/staff/events/{slug:str}/registrations/{registration_id:uuid}/details": await _column(
            "/staff/events/{}/details",
            "SELECT slug || '/registrations/' || registration.id FROM registration JOIN event ON event.id = event"
            " WHERE registration.state = 'confirmed' LIMIT 1",
        ),
        "/door/pair/{secret:str}": [await _pairing()],
        "/staff/events/{slug:str}": [f"/staff/events/{slug}" for slug in [*slugs, *await _column("{}", UNFINISHED)]],
        "/staff/events/{slug:str}/publish": await _column(
            "/staff/events/{}/publish", "SELECT slug FROM event WHERE state = 'draft' LIMIT 1"
        ),
        "/staff/templates/{name:str}": ["/staff/templates/sign_in"],
        "/staff/events/{slug:str}/templates/{name:str}": [await _own_words(slugs[0])],
        "/staff/events/{slug:str}/preview": [
            f"/staff/events/{slugs[0]}/preview?show={show}&width={width}"
            for show, width in (("page", "wide"), ("form", "phone"), ("mail", "wide"))
        ],
        **{
            f"/staff/events/{{slug:str}}/questions/{{question_id:uuid}}{page}": await _column(
                f"/staff/events/{{}}{page}", QUESTIONS
            )
            for page in ("", "/remove")
        },
        "/staff/events/{slug:str}/questions/bank/{template_id:uuid}": await _column(
            f"/staff/events/{slugs[0]}/questions/bank/{{}}", "SELECT id FROM question_template LIMIT 1"
        ),
        **{
            f"/staff/events/{{slug:str}}/survey/{{which:str}}/{page}": await _column(
                f"/staff/events/{{}}/{page}", OWN_SURVEY
            )
            for page in ("questions", "questions/new", "preview", "settings", "remove")
        },
        **{
            f"/staff/events/{{slug:str}}/survey/{{which:str}}/questions/{{code:str}}{page}": await _column(
                f"/staff/events/{{}}{page}", SURVEY_QUESTIONS
            )
            for page in ("", "/remove")
        },
        "/staff/events/{slug:str}/survey/{which:str}/questions/{code:str}/newest": [await _newer_words()],
        "/staff/surveys/bank/{key:str}": await _column(
            "/staff/surveys/bank/{}", "SELECT key FROM survey_bank_question LIMIT 1"
        ),
        "/staff/groups/{identity:uuid}/members/{member:uuid}": await _column(
            "/staff/groups/{}",
            "SELECT theme_group || '/members/' || id FROM group_member WHERE ends_on IS NULL LIMIT 1",
        ),
        "/staff/events/{slug:str}/delete": await _column(
            "/staff/events/{}/delete", "SELECT slug FROM event WHERE state = 'draft' LIMIT 1"
        ),
        **{
            f"/staff/events/{{slug:str}}/agenda/{{item_id:uuid}}{page}": await _column(
                f"/staff/events/{{}}{page}", SPOKEN_ITEMS
            )
            for page in ("", "/speakers")
        },
        "/staff/events/{slug:str}/sites/{site_id:uuid}/arrival": await _column(
            "/staff/events/{}/arrival",
            "SELECT slug || '/sites/' || site.id FROM site JOIN arrival ON arrival.site = site.id JOIN event ON event.id = event LIMIT 2",
        ),
        "/staff/events/{slug:str}/sites/{site_id:uuid}/close": await _column(
            "/staff/events/{}/close",
            "SELECT DISTINCT ON (site.taken > 0) slug || '/sites/' || site.id FROM site JOIN event ON event.id = event"
            " WHERE event.starts_at > now() AND event.state = 'published'"
            " AND (SELECT count(*) FROM site AS other WHERE other.event = event.id) > 1",
        ),
        "/staff/events/{slug:str}/materials/{material_id:uuid}": await _column(
            "/staff/events/{}",
            "SELECT slug || '/materials/' || material.id FROM material JOIN event ON event.id = event LIMIT 1",
        ),
        "/staff/documents/{document_id:uuid}": await _documents(slugs[0]),
        "/r/{token:str}": [
            *await _secrets("/r/{}", "manage", STATES),
            *(mailed_link(UUID(identity)) for identity in await _column("{}", STATES)),
        ],
        "/staff/events/{slug:str}/registrations/chosen": [
            f"/staff/events/{slugs[0]}/registrations/chosen?do={deed}&all=1" for deed in ("cancel", "tag")
        ],
        "/r/{token:str}/participants": await _secrets("/r/{}/participants", "manage", SEEING),
        "/r/{token:str}/data": [mailed_link(UUID(identity)) + "/data" for identity in await _column("{}", STATES)],
        "/r/{token:str}/cancel": await _secrets("/r/{}/cancel", "manage", CONFIRMED),
        "/r/{token:str}/erase": await _secrets("/r/{}/erase", "manage", CONFIRMED),
        "/r/{token:str}/transfer": await _secrets("/r/{}/transfer", "manage", COMING),
        "/t/{ticket:str}": await _secrets("/t/{}", "ticket", CONFIRMED),
        "/s/{token:str}": await _secrets(
            "/s/{}",
            "survey",
            f"SELECT DISTINCT ON ({HAS_ANSWERED}, kind) asked.id FROM survey_invitation AS asked"
            f" JOIN survey ON survey.id = asked.survey ORDER BY {HAS_ANSWERED}, kind, asked.id",
        ),
        "/i/{token:str}": await _secrets("/i/{}", "invitation", INVITED),
        "/i/{token:str}/unsubscribe": await _secrets("/i/{}/unsubscribe", "invitation", UNANSWERED),
        **{
            f"/staff/groups/{{identity:uuid}}{part}": await _column(f"/staff/groups/{{}}{part}", GROUP)
            for part in ("", "/edit", "/members", "/meeting")
        },
        "/staff/sign-in/{secret:str}": [await _link(LinkPurpose.SIGN_IN)],
        "/staff/invitation/{secret:str}": [await _link(LinkPurpose.INVITATION)],
        "/staff/mailbox/{identity:uuid}": await _column(
            "/staff/mailbox/{}", "SELECT id FROM message ORDER BY id LIMIT 1"
        ),
        "/staff/reminders/{rule_id:uuid}": await _column("/staff/reminders/{}", DEFAULTS),
        **{
            f"/staff/events/{{slug:str}}/reminders/{{rule_id:uuid}}{page}": await _column(
                f"/staff/events/{slugs[0]}/reminders/{{}}{page}", DEFAULTS
            )
            for page in ("", "/letter", "/people")
        },
        "/staff/feedback/{case_id:uuid}": await _column("/staff/feedback/{}", "SELECT id FROM feedback LIMIT 2"),
        "/staff/organisations/{identity:uuid}": await _column(
            "/staff/organisations/{}", "SELECT id FROM organisation LIMIT 1"
        ),
        "/staff/events/{slug:str}/remove": await _column(
            "/staff/events/{}/remove", "SELECT slug FROM event WHERE series IS NOT NULL ORDER BY starts_at LIMIT 1"
        ),
        "/staff/series/{identity:uuid}": await _column("/staff/series/{}", "SELECT id FROM series"),
        "/staff/series/{identity:uuid}/publish": await _column("/staff/series/{}/publish", "SELECT id FROM series"),
        "/staff/clock/{identity:uuid}": await _column(
            "/staff/clock/{}", "SELECT id FROM planned_entry ORDER BY event NULLS LAST LIMIT 2"
        ),
        "/staff/clock/{identity:uuid}/event": await _column(
            "/staff/clock/{}/event", "SELECT id FROM planned_entry WHERE region IS NULL LIMIT 1"
        ),
        "/staff/organisations/duplicates/{of:str}": [
            f"/staff/organisations/duplicates/{of}" for of in ("organisations", "people")
        ],
        "/staff/people/{staff_id:uuid}": await _column("/staff/people/{}", "SELECT id FROM staff LIMIT 1"),
        "/staff/webhooks/{identity:uuid}": [await _webhooks(), await _webhooks(switched_off_at=clock.now(), gone=True)],
        "/unsubscribe/{message:uuid}/{token:str}": await _letters(),
        "/hear-again/{message:uuid}/{token:str}": [await _asked_again()],
        "/staff/letters/whom": [f"/staff/letters/whom{query}" for query in ("", WHOM, f"{EVERYBODY}&1-region=06")],
        "/staff/letters/new": [f"/staff/letters/new{WHOM}"],
        "/staff/letters/{identity:uuid}": await _column(
            "/staff/letters/{}", "SELECT id FROM announcement WHERE event IS NULL"
        ),
        "/staff/events/{slug:str}/announcements/{identity:uuid}": await _announcements(slugs[0]),
        **{
            f"/staff/reports/funder/{{report_id:uuid}}{page}": await _column(
                f"/staff/reports/funder/{{}}{page}", FUNDED
            )
            for page in ("", "/filing", "/texts/new")
        },
        "/staff/reports/funder/{report_id:uuid}/revisions/{revision:int}": await _column(
            "/staff/reports/funder/{}", "SELECT report || '/revisions/' || revision FROM frozen_report"
        ),
        **{
            f"/staff/reports/funder/{{report_id:uuid}}/texts/{{text_id:uuid}}{page}": await _column(
                f"/staff/reports/funder/{{}}{page}", "SELECT report || '/texts/' || id FROM funder_report_text LIMIT 1"
            )
            for page in ("", "/remove")
        },
        "/staff/reports/funder/{report_id:uuid}/values/{indicator_id:uuid}": await _column(
            "/staff/reports/funder/{}", "SELECT report || '/values/' || indicator FROM funder_report_value LIMIT 1"
        ),
        "/staff/reports/indicators/{project_id:uuid}": await _column(
            "/staff/reports/indicators/{}", "SELECT DISTINCT project FROM indicator"
        ),
        "/staff/reports/indicators/{project_id:uuid}/new": await _column(
            "/staff/reports/indicators/{}/new", "SELECT DISTINCT project FROM indicator"
        ),
        **{
            f"/staff/reports/indicators/{{project_id:uuid}}/{{indicator_id:uuid}}{page}": await _column(
                f"/staff/reports/indicators/{{}}{page}", "SELECT project || '/' || id FROM indicator LIMIT 1"
            )
            for page in ("", "/remove")
        },
        "/staff/projects/{identity:uuid}": await _column("/staff/projects/{}", "SELECT id FROM project LIMIT 1"),
    }


async def _documents(slug: str) -> list[str]:
    """A document, and work on many rows that is not done, in each state, of nobody yet."""
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    found = []
    work = [("registrations.bulk", state) for state in DocumentState if state is not DocumentState.READY]
    for kind, state in [*(("papers.badges", state) for state in DocumentState), *work]:
        document = await insert(
            "document",
            staff=uuid4(),
            kind=kind,
            subject_kind="event",
            subject_id=event,
            language="fi",
            title="Nimilaput",
            back=f"/staff/events/{slug}/papers",
            state=state.value,
            done=12,
            total=40,
            size=40_000,
            words="Kenelläkään valituista ei ole enää paikkaa.",
            expires_at=clock.now() + timedelta(hours=1),
        )
        found.append(f"/staff/documents/{document}")
    return found


async def _webhooks(**columns: object) -> str:
    """An endpoint with a delivery in each state, and with words that are long."""
    address = f"https://vastaanottaja.konepaja.example/{'webhooks' * 20}"
    endpoint = await insert(
        "webhook_endpoint", url=address, description="Asiakasrekisteri", kinds=list(WANTED), **columns
    )
    for state, kind in zip(DeliveryState, WANTED, strict=True):
        tried = {
            "tries": 3,
            "status": 503,
            "words": f"Palvelu ei vastaa juuri nyt {'x' * 80}",
            "data": '{"event": {"slug": "paja"}}',
        }
        await insert("webhook_delivery", endpoint=endpoint, kind=kind, state=state, finished_at=clock.now(), **tried)
    return f"/staff/webhooks/{endpoint}"


async def _asked_again() -> str:
    message = await insert(
        "message",
        recipient="aino@yritys.example",
        reason="hear_again",
        subject_kind="registration",
        subject_id=uuid4(),
        message_id=f"<{uuid4().hex}@sixnet>",
    )
    return hearing_path(message)


async def _letters() -> list[str]:
    """A letter to a group that is going out, and links by which one gets no more: of who has left, or wants to."""
    texts = {"subject_fi": "Kevään tapahtumat", "body_fi": "Hei {given_name}!"}
    audience = read_audience(parse_qsl(EVERYBODY[1:]))
    await write(uuid4(), audience, texts, send_at=clock.now(), actor=SYSTEM, now=clock.now())
    rows = await database.fetch("SELECT id, recipient FROM message WHERE reason = 'news' ORDER BY id LIMIT 3")
    await unsubscribe(rows[1]["recipient"], now=clock.now())
    await refuse_themes(rows[2]["recipient"], ["digitalisation"], now=clock.now())
    return [unsubscribe_path(row["id"]) for row in rows]


async def _announcements(slug: str) -> list[str]:
    """A mail of organisers in each state."""
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    words = {
        "subject_fi": "Muutos: {event}",
        "body_fi": "Hei {given_name}!",
        "subject_en": "A change",
        "body_en": "Hi!",
    }
    return [
        f"/staff/events/{slug}/announcements/"
        f"{await insert('announcement', event=event, state=state.value, send_at=clock.now(), people=2, **words)}"
        for state in AnnouncementState
        if state is not AnnouncementState.TEST
    ]


async def _pairing() -> str:
    """A code that pairs a phone."""
    event = await database.fetchval("SELECT id FROM event WHERE state = 'published' LIMIT 1")
    until = clock.now() + timedelta(days=1)
    await insert(
        "pairing",
        name="Pääovi",
        kind="door",
        events=[event],
        token_hash=secrets.digest("a-code"),
        until=until,
        expires_at=until,
    )
    return "/door/pair/a-code"


async def _running(poster: Poster) -> tuple[str, str]:
    """An event under way whose poster checks people in, and the poster's code."""
    now, slug = clock.now(), f"poster-{poster.value}"
    event = await make_event(slug=slug, starts_at=now, ends_at=now + timedelta(hours=2))
    await choose(event, exits=True, poster=poster, actor=SYSTEM, now=now)
    return slug, poster_code(event, await chosen(event), now)


async def _own_words(slug: str) -> str:
    """A letter of an event with words of its own, below which the built-in ones have changed since."""
    scope, template = Scope(await programme.by_slug(slug)), WORDING.templates["confirmation"]
    words = Words("{event}", "Tervetuloa!\n\n{ticket}\n\n{manage}")
    await templates.write(scope, template, "en", words, after=0, actor=SYSTEM, now=clock.now())
    await database.execute("UPDATE message_template SET basis = ''")
    return f"/staff/events/{slug}/templates/confirmation?language=en"


async def _newer_words() -> str:
    """A question that a survey of a draft took from the bank, where it is worded anew since."""
    event, now = await make_event(slug="bank-words", state="draft"), clock.now()
    await add_question(
        event,
        "feedback",
        Question(kind=QuestionKind.TEXT, labels={"en": "More"}),
        version=None,
        actor=SYSTEM,
        now=now,
    )
    await database.execute(
        "UPDATE survey_question SET label_fi = '', label_en = 'Old words' FROM survey"
        " WHERE survey.id = survey AND event = $1 AND code = 'usefulness'",
        event,
    )
    return "/staff/events/bank-words/survey/feedback/questions/usefulness/newest"


async def _column(address: str, sql: str) -> list[str]:
    found = [address.format(row[0]) for row in await database.fetch(sql)]
    assert found, sql
    return found


async def _secrets(address: str, purpose: str, sql: str) -> list[str]:
    return [address.format(secrets.derive(purpose, identity)) for identity in await _column("{}", sql)]


async def _link(purpose: LinkPurpose) -> str:
    return links.path_of(await links.make(await make_staff("viewer"), purpose, now=clock.now()), purpose)


def pages(app: Litestar, known: dict[str, list[str]]) -> list[list[str]]:
    """Every page's addresses; a page with parameters of which there is no example is a KeyError."""
    found = []
    for route in app.routes:
        methods = {method for handler in route.route_handlers for method in getattr(handler, "http_methods", ())}
        if "GET" not in methods or NO_PAGES.search(route.path):
            continue
        if route.path in known:
            found.append(known[route.path])
        elif route.path.count("{") == route.path.count("{slug:str}"):
            found.append(sorted({route.path.replace("{slug:str}", slug) for slug in known["{slug:str}"]}))
        else:
            found.append(known[route.path])
    return found


async def walk(third: int, server_url: str, chromium: Launch, app: Litestar) -> None:
    """Look at every third page, beginning with the first (0), the second (1) or the third (2)."""
    assert await load(clock.now())
    addresses = pages(app, await examples())
    assert len(addresses) > 150
    context = await (await chromium()).new_context(locale="fi-FI", reduced_motion="reduce")
    await context.add_init_script(AXE)  # so the browser keeps what it has made of it from page to page
    await sign_in_as(context, server_url, "admin")
    await database.execute("UPDATE document SET staff = (SELECT staff FROM session LIMIT 1)")
    page = await context.new_page()
    wrong, refused = [], []
    for number, path in [each for examples_of_one in addresses[third::3] for each in enumerate(examples_of_one)]:
        answer = await page.goto(server_url + path)
        seen = {200, 410} if path.startswith("/s/") else {200}  # a survey that has closed says so
        if answer is None or answer.status not in seen:
            refused.append(f"{path}: {answer.status if answer else None}")
        wrong += await looks_right(page, path, by_night=number == 0)  # a page's examples have the same colours
    assert wrong == []
    assert refused == []
