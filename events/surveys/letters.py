"""The letter after an event: thanks, materials and the link to the survey."""

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


async def compose_survey(owed: Owed) -> Letter | None:
    """Write the letter to someone who attended; None when the survey has closed or an answer has been given."""
    asked = await queries.by_registration(owed.subject_id)
    if asked is None or asked.invitation is None or asked.has_answered or asked.closed(clock.now()):
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
    return Letter(
        subject=_("Thank you for coming: %(title)s", title=title),
        text=render("mail/survey.txt", **context),
        html=render("mail/survey.html", **context),
        pictures=tuple(emblems.values()),
        reply_to=asked.contact_email,
    )


async def _emblems(projects: list[ProjectView]) -> dict[str, Picture]:
    emblems = {}
    for number, project in enumerate(projects):
        found = await network.emblem(project.code) if project.emblem_hash else None
        if found:
            emblems[project.code] = Picture(f"emblem{number}", *found, alt=project.emblem_alt)
    return emblems


COMPOSERS: Mapping[Reason, Compose] = {Reason.SURVEY: compose_survey}
