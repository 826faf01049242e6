"""The cards of an event's page: for each its form, what the form shows of the event, and what it changes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from events.accounts.rules import Action, reach
from events.core.actor import Actor
from events.core.errors import BadRequest
from events.core.forms import FormData, add_error, by_language
from events.core.i18n import lazy_gettext as _l
from events.network import queries as network
from events.network.queries import Named
from events.programme import rules
from events.programme.access_form import access_changes, access_form
from events.programme.editing import EventChanges
from events.programme.forms import ContactForm, FollowUpForm, RegistrationForm, SubjectForm, TextsForm, sites_form
from events.programme.queries import EventView
from events.programme.sites import NewSite
from events.programme.time_forms import TimesForm


@dataclass(frozen=True, slots=True)
class EditContext:
    """What a form is made from; `sent` is None when the page is opened."""

    event: EventView
    sent: FormData | None
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class EditCard:
    """A card: its heading, how its form is made, and which changes a valid form asks for."""

    title: object
    make: Callable[[EditContext], Awaitable[Any]]
    changes: Callable[[Any], EventChanges]


async def allowed_regions(actor: Actor, now: datetime) -> list[Named]:
    """Return the regions in which `actor` may make events."""
    everywhere, codes, _events = reach(actor, Action.EDIT_EVENTS, now=now)
    return [region for region in await network.regions() if everywhere or region.code in codes]


def attach(form: Any, errors: Mapping[str, list[str]]) -> None:
    """Put the errors of a use case beside the fields they are about, or above the form."""
    beside = {"ends_at": "ends", "titles": "title_fi", "registration_closes_at": "closes_day", "host_region": "region"}
    for name, messages in errors.items():
        parts = name.split("-")
        if parts[0] == "sites" and len(parts) == 3:  # noqa: PLR2004 - sites-0-capacity
            field = form.sites[form.wanted_entries[int(parts[1])]].form[parts[2]]
        else:
            field = form._fields.get(beside.get(name, name))
        for message in messages:
            if field is None or name == "sites":
                form.form_errors.append(message)
            else:
                add_error(field, message)


async def _texts(context: EditContext) -> TextsForm:
    event = context.event
    titles = {f"title_{code}": text for code, text in event.titles.items()}
    return TextsForm(
        context.sent, data=titles | {f"description_{code}": text for code, text in event.descriptions.items()}
    )


def _text_changes(form: TextsForm) -> EventChanges:
    return EventChanges(
        titles=by_language(form, "title"),
        descriptions=by_language(form, "description"),
    )


async def _times(context: EditContext) -> TimesForm:
    event = context.event
    start, end = rules.to_local(event.starts_at, event.zone), rules.to_local(event.ends_at, event.zone)
    return TimesForm(
        context.sent,
        data={
            "day": start.date(),
            "starts": start.time(),
            "ends": end.time(),
            "last_day": end.date() if end.date() != start.date() else None,
            "zone": event.zone,
        },
    )


async def _sites(context: EditContext) -> Any:
    towns = [(town.code, town.name) for town in await network.municipalities()]
    names = ("id", "mode", "name", "address", "municipality", "join_url", "capacity")
    sites = [{name: getattr(site, name) for name in names} for site in context.event.sites]
    form = sites_form(towns)(context.sent, data={"sites": sites})
    if context.sent is None:
        form.sites.append_entry()
    return form


def _site_changes(form: Any) -> EventChanges:
    sites = []
    form.wanted_entries = []
    for number, entry in enumerate(form.sites):
        values = entry.data
        if values["remove"] or not values["mode"]:
            continue
        form.wanted_entries.append(number)
        online = values["mode"] == "online"
        sites.append(
            NewSite(
                id=_uuid(values["id"]),
                mode=values["mode"],
                name=values["name"] or "",
                address="" if online else values["address"] or "",
                municipality=None if online else values["municipality"] or None,
                join_url=values["join_url"] or "",
                capacity=values["capacity"],
            )
        )
    return EventChanges(sites=sites)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise BadRequest from error


async def _registration(context: EditContext) -> RegistrationForm:
    event = context.event
    same = ("waiting_list", "offer_hours", "needs_approval", "address_hours")
    data: dict[str, Any] = {name: getattr(event, name) for name in same}
    for name, moment in (("opens", event.registration_opens_at), ("closes", event.registration_closes_at)):
        local = rules.to_local(moment, event.zone) if moment else None
        data |= {f"{name}_day": local.date() if local else None, f"{name}_time": local.time() if local else None}
    return RegistrationForm(context.sent, data=data, zone=event.zone)


async def _subject(context: EditContext) -> SubjectForm:
    event = context.event
    regions = await allowed_regions(context.actor, context.now)
    if event.host_region not in {region.code for region in regions}:
        regions += [region for region in await network.regions() if region.code == event.host_region]
    return SubjectForm(
        context.sent,
        data={
            "kind": event.kind,
            "region": event.host_region,
            "projects": event.projects,
            "themes": event.themes,
            "company_specific": event.company_specific,
            "aid_value": event.aid_value,
        },
        regions=[(region.code, region.name) for region in regions],
        projects=[(project.code, project.name) for project in await network.projects()],
        themes=[(theme.code, theme.name) for theme in await network.themes()],
    )


async def _contact(context: EditContext) -> ContactForm:
    event = context.event
    names = ("languages", "contact_name", "contact_email")
    return ContactForm(context.sent, data={name: getattr(event, name) for name in names})


async def _follow_up(context: EditContext) -> FollowUpForm:
    event = context.event
    return FollowUpForm(
        context.sent,
        data={
            "invitation_reminders": event.invitation_reminders,
            "survey_enabled": event.survey_enabled,
            "materials": event.materials,
        },
    )


CARDS: Mapping[str, EditCard] = {
    "texts": EditCard(_l("Title and description"), _texts, _text_changes),
    "times": EditCard(
        _l("Time"),
        _times,
        lambda form: EventChanges(starts_at=form.starts_at, ends_at=form.ends_at, zone=form.zone.data),
    ),
    "sites": EditCard(_l("Sites and places"), _sites, _site_changes),
    "registration": EditCard(
        _l("Registration"),
        _registration,
        lambda form: EventChanges(
            registration_opens_at=form.opens_at,
            registration_closes_at=form.closes_at,
            waiting_list=form.waiting_list.data,
            offer_hours=form.offer_hours.data or rules.OFFER_HOURS,
            needs_approval=form.needs_approval.data,
            address_hours=form.address_hours.data,
        ),
    ),
    "access": EditCard(
        _l("Who may register"), lambda context: access_form(context.event, context.sent), access_changes
    ),
    "subject": EditCard(
        _l("Projects and themes"),
        _subject,
        lambda form: EventChanges(
            kind=form.kind.data,
            host_region=form.region.data,
            projects=sorted(form.projects.data),
            themes=sorted(form.themes.data),
            company_specific=form.company_specific.data,
            aid_value=form.aid_value.data if form.company_specific.data else None,
        ),
    ),
    "contact": EditCard(
        _l("Languages and contact"),
        _contact,
        lambda form: EventChanges(
            languages=form.languages.data,
            contact_name=form.contact_name.data or "",
            contact_email=form.contact_email.data or "",
        ),
    ),
    "follow-up": EditCard(
        _l("Reminders and what comes afterwards"),
        _follow_up,
        lambda form: EventChanges(
            invitation_reminders=sorted(form.invitation_reminders.data, reverse=True),
            survey_enabled=form.survey_enabled.data,
            materials=form.materials.data or "",
        ),
    ),
}
"""By the last part of the address of the page that edits it."""
