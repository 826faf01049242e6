"""The letters after an event: thanks or a question, materials and the link to the survey."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from babel.support import LazyProxy

from events.core import clock, secrets
from events.core.i18n import by_column, format_date, language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.text import called
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import hello, put_together
from events.network import letters as network_letters
from events.network import queries as network
from events.programme.queries import EventView
from events.surveys import queries, rules
from events.surveys.queries import Invited
from events.surveys.sending.actions import REMINDER
from events.surveys.tables import Audience, SurveyKind


def _asking(name: str, title: LazyProxy, subject: Callable[[], str], more: tuple[str, ...] = ()) -> Template:
    """Make one that leads to a survey, and says how much it asks; `more` are fields that others do not have."""
    fields = ("greeting", "given_name", "name", "event", "when", "link", *more)
    blocks = ("effort", "button", "closes", "materials")
    return Template(name, title, subject, fields, blocks, required=(("button", "link"), ("effort",)))


SURVEY = _asking(
    "survey",
    _l("Survey after an event"),
    lambda: _("Thank you for coming: %(title)s", title="{event}"),
)
IMPACT = _asking(
    "survey_impact",
    _l("Survey months after an event"),
    lambda: _("What has come of it? %(title)s", title="{event}"),
)
TO_OTHERS = _asking(
    "survey_to_others",
    _l("Survey to others than those who came"),
    lambda: _("A few questions: %(title)s", title="{event}"),
)
OWN = _asking(
    "survey_own",
    _l("Survey of an event’s own"),
    lambda: "{survey}: {event}",
    more=("survey",),
)


async def compose_survey(owed: Owed) -> Letter | None:
    """Write the letter that asks, or reminds; None when the survey has closed, or asking once an answer was given.

    A reminder goes also to who answered since it was owed: its absence must not tell when.
    """
    asked, reminds = await queries.by_message(owed.subject_id, owed.occurrence), owed.occurrence.endswith(REMINDER)
    if asked is None or asked.invitation is None or asked.closed(clock.now()):
        return None
    if asked.has_answered and not reminds:
        return None
    token = secrets.derive("survey", asked.invitation)
    return await write(asked, owed.recipient_name, absolute(f"/s/{token}"), reminds=reminds)


async def write(asked: Invited, name: str, link: str, words: Words | None = None, *, reminds: bool = False) -> Letter:
    """Write to someone who was asked, with the `link` to the survey; `words` are tried instead of those in force."""
    title, title_language = asked.title
    values = {
        "greeting": hello(asked.given_name or called(name)),
        "given_name": asked.given_name or called(name),
        "name": name,
        "event": title,
        "when": format_date(asked.starts_at, asked.zone),
        "link": link,
        "survey": asked.name[0],
    }
    questions = await queries.questions_of(asked.survey, asked.kind)
    context = {
        "asked": asked,
        "number": rules.answered_of(questions),
        "minutes": rules.minutes(questions),
        "button": _("Answer the survey"),
        "button_url": link,
    }
    template = _template(asked)
    made = put_together(template, words or await in_force(template, asked.event), values, context)
    projects = await network.projects(asked.projects)
    emblems = await network_letters.emblems(projects)
    frame = {
        "event": asked,
        "reminds": reminds,
        "projects": [(project, emblems.get(project.code)) for project in projects],
    }
    return Letter(
        subject=_("Reminder: %(subject)s", subject=made.subject) if reminds else made.subject,
        text=render("mail/survey.txt", body=made.text, **frame),
        html=render("mail/survey.html", body=made.html, title=title, title_language=title_language, **frame),
        pictures=tuple(emblems.values()),
        reply_to=asked.contact_email,
    )


def _template(asked: Invited) -> Template:
    if asked.kind in {SurveyKind.IMPACT_3, SurveyKind.IMPACT_6}:
        return IMPACT
    if asked.kind is SurveyKind.OWN:
        return OWN
    return SURVEY if asked.audience is Audience.ATTENDED else TO_OTHERS


async def sample(event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up who attended."""
    return await _sample(event, words, SurveyKind.FEEDBACK, Audience.ATTENDED)


async def sample_impact(event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up who attended months ago."""
    return await _sample(event, words, SurveyKind.IMPACT_3, Audience.ATTENDED)


async def sample_to_others(event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up who was registered."""
    return await _sample(event, words, SurveyKind.FEEDBACK, Audience.ALL)


async def sample_own(event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up whom a survey of the event's own asks."""
    return await _sample(event, words, SurveyKind.OWN, Audience.ALL, _("A few questions"))


async def _sample(
    event: EventView, words: Words | None, kind: SurveyKind, audience: Audience, name: str = ""
) -> Letter:
    asked = Invited(
        invitation=UUID(int=0),
        survey=UUID(int=0),
        kind=kind,
        audience=audience,
        named=False,
        event=event.id,
        has_answered=False,
        language=language(),
        closes_at=event.ends_at + timedelta(days=14),
        slug=event.slug,
        title_fi=event.titles.get("fi", ""),
        title_sv=event.titles.get("sv", ""),
        title_en=event.titles.get("en", ""),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.zone,
        materials=event.materials,
        contact_name=event.contact_name,
        contact_email=event.contact_email,
        projects=event.projects,
        **by_column("name", {language(): name}),
    )
    return await write(asked, "Maija Meikäläinen", absolute("/s/esimerkki"), words)


COMPOSERS: Mapping[Reason, Compose] = {Reason.SURVEY: compose_survey}
