"""The letters after an event: thanks or a question, materials and the link to the survey."""

from collections.abc import Mapping

from events.core import clock, secrets
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed, Picture
from events.messaging.tables import Reason
from events.network import queries as network
from events.network.queries import ProjectView
from events.surveys import queries, rules
from events.surveys.queries import Invited
from events.surveys.sending.actions import REMINDER
from events.surveys.tables import Audience, SurveyKind


async def compose_survey(owed: Owed) -> Letter | None:
    """Write the letter that asks, or reminds; None when the survey has closed, or asking once an answer was given.

    A reminder goes also to who answered since it was owed: its absence must not tell when.
    """
    asked, reminds = await queries.by_message(owed.subject_id, owed.occurrence), owed.occurrence.endswith(REMINDER)
    if asked is None or asked.invitation is None or asked.closed(clock.now()):
        return None
    if asked.has_answered and not reminds:
        return None
    title, title_language = asked.title
    token = secrets.derive("survey", asked.invitation)
    projects = await network.projects(asked.projects)
    emblems = await _emblems(projects)
    questions = await queries.questions_of(asked.survey, asked.kind)
    context = {
        "name": owed.recipient_name,
        "asked": asked,
        "number": rules.answered_of(questions),
        "minutes": rules.minutes(questions),
        "title": title,
        "title_language": title_language,
        "projects": [(project, emblems.get(project.code)) for project in projects],
        "link": absolute(f"/s/{token}"),
    }
    opening, question, subject = _said(asked)
    context |= {"opening": opening, "question": question, "reminds": reminds}
    subject = _("Reminder: %(subject)s", subject=subject) if reminds else subject
    return Letter(
        subject=subject,
        text=render("mail/survey.txt", **context),
        html=render("mail/survey.html", **context),
        pictures=tuple(emblems.values()),
        reply_to=asked.contact_email,
    )


def _said(asked: Invited) -> tuple[str, str, str]:
    """Return what comes before the event's title, what is asked, and the subject line."""
    title = asked.title[0]
    if asked.kind in {SurveyKind.IMPACT_3, SurveyKind.IMPACT_6}:
        subject = _("What has come of it? %(title)s", title=title)
        return _("some months ago you took part:"), _("What has come of it?"), subject
    if asked.audience is not Audience.ATTENDED:
        return _("you had registered:"), _("Tell us what you think."), _("A few questions: %(title)s", title=title)
    return _("thank you for taking part:"), _("How was it?"), _("Thank you for coming: %(title)s", title=title)


async def _emblems(projects: list[ProjectView]) -> dict[str, Picture]:
    emblems = {}
    for number, project in enumerate(projects):
        found = await network.emblem(project.code) if project.emblem_hash else None
        if found:
            emblems[project.code] = Picture(f"emblem{number}", *found, alt=project.emblem_alt)
    return emblems


COMPOSERS: Mapping[Reason, Compose] = {Reason.SURVEY: compose_survey}
