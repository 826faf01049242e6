"""Staff pages on which a funder's report is edited: its texts, and values entered by hand."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.i18n import by_column
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other
from events.reports.funder import actions, queries
from events.reports.funder.forms import TextForm, ValueForm
from events.reports.funder.pages import EDITS, ONE, PATH, known
from events.reports.funder.queries import ReportHead, TextView
from events.reports.funder.tables import Rule


@get(f"{ONE}/texts/new", guards=EDITS, include_in_schema=False)
async def new_text_page(request: AnyRequest, report_id: FromPath[UUID]) -> Template:
    """A new section in words."""
    return await _text(request, report_id, TextForm(), None)


@post(f"{ONE}/texts/new", guards=EDITS, include_in_schema=False)
async def add_text(request: AnyRequest, report_id: FromPath[UUID]) -> Template | Redirect:
    """Add a section in words."""
    return await _save_text(request, report_id, None)


@get(f"{ONE}/texts/{{text_id:uuid}}", guards=EDITS, include_in_schema=False)
async def text_page(request: AnyRequest, report_id: FromPath[UUID], text_id: FromPath[UUID]) -> Template:
    """One section in words."""
    section = await _section(report_id, text_id)
    data = by_column("heading", section.headings)
    data |= by_column("body", section.bodies) | {"version": section.version}
    return await _text(request, report_id, TextForm(None, data=data), text_id)


@post(f"{ONE}/texts/{{text_id:uuid}}", guards=EDITS, include_in_schema=False)
async def change_text(request: AnyRequest, report_id: FromPath[UUID], text_id: FromPath[UUID]) -> Template | Redirect:
    """Change a section in words."""
    return await _save_text(request, report_id, text_id)


@get(f"{ONE}/texts/{{text_id:uuid}}/remove", guards=EDITS, include_in_schema=False)
async def text_removal_page(request: AnyRequest, report_id: FromPath[UUID], text_id: FromPath[UUID]) -> Template:
    """Ask whether a section in words shall go."""
    head, section = await _edited(request, report_id), await _section(report_id, text_id)
    return page(request, "reports/funder/text_remove.html", head=head, section=section)


@post(f"{ONE}/texts/{{text_id:uuid}}/remove", guards=EDITS, include_in_schema=False)
async def remove_text(request: AnyRequest, report_id: FromPath[UUID], text_id: FromPath[UUID]) -> Redirect:
    """Remove a section in words."""
    await actions.remove_text(report_id, text_id, actor=actor_of(request), now=clock.now())
    return see_other(f"{PATH}/{report_id}?saved=removed#texts")


@get(f"{ONE}/values/{{indicator_id:uuid}}", guards=EDITS, include_in_schema=False)
async def value_page(request: AnyRequest, report_id: FromPath[UUID], indicator_id: FromPath[UUID]) -> Template:
    """The value of an indicator, to be entered by hand."""
    value = (await queries.hand_values(report_id)).get(indicator_id)
    data = {"value": value.value, "source": value.source, "version": value.version} if value else {}
    return await _value(request, report_id, indicator_id, ValueForm(None, data=data))


@post(f"{ONE}/values/{{indicator_id:uuid}}", guards=EDITS, include_in_schema=False)
async def enter_value(
    request: AnyRequest, report_id: FromPath[UUID], indicator_id: FromPath[UUID]
) -> Template | Redirect:
    """Enter a value by hand."""
    form = ValueForm(await read_form(request))
    if form.validate():
        try:
            await actions.enter_value(
                *(report_id, indicator_id, form.value.data, form.source.data or ""),
                actor=actor_of(request),
                now=clock.now(),
                version=form.version.data or "",
            )
        except actions.Stale as error:
            form.form_errors.append(error.message)
            return await _value(request, report_id, indicator_id, form, 409)
        except Invalid as error:
            form.show(error.errors)
        else:
            return see_other(f"{PATH}/{report_id}?saved=value#indicators")
    return await _value(request, report_id, indicator_id, form, form.status)


async def _edited(request: AnyRequest, report_id: UUID) -> ReportHead:
    """Return a report of which the actor may read the draft: a right in one region is none."""
    head = await known(request, report_id)
    if not actions.may_edit(actor_of(request), clock.now()):
        raise NotFound
    return head


async def _section(report_id: UUID, text_id: UUID) -> TextView:
    section = next((each for each in await queries.texts(report_id) if each.id == text_id), None)
    if section is None:
        raise NotFound
    return section


async def _text(
    request: AnyRequest, report_id: UUID, form: TextForm, text_id: UUID | None, status: int = 200
) -> Template:
    head = await _edited(request, report_id)
    current = await _section(report_id, text_id) if text_id and status == actions.Stale.status else None
    if current:
        form.version.data = current.version
    return page(
        request, "reports/funder/text.html", status=status, head=head, form=form, text_id=text_id, current=current
    )


async def _save_text(request: AnyRequest, report_id: UUID, text_id: UUID | None) -> Template | Redirect:
    form = TextForm(await read_form(request))
    if text_id is not None and all(each.id != text_id for each in await queries.texts(report_id)):
        form.form_errors.append(
            _("Someone else has removed this text since you opened the page. Save again to add yours as a new one.")
        )
        return await _text(request, report_id, form, None, 409)
    if form.validate():
        seen = form.version.data or "" if text_id else None
        try:
            await actions.save_text(
                report_id, text_id, form.values, actor=actor_of(request), now=clock.now(), version=seen
            )
        except actions.Stale as error:
            form.form_errors.append(error.message)
            return await _text(request, report_id, form, text_id, 409)
        except Conflict as error:
            form.form_errors.append(error.message)
        else:
            return see_other(f"{PATH}/{report_id}?saved=text#texts")
    return await _text(request, report_id, form, text_id, form.status)


async def _value(
    request: AnyRequest, report_id: UUID, indicator_id: UUID, form: ValueForm, status: int = 200
) -> Template:
    head = await known(request, report_id)
    indicator = await queries.indicator(head.project, indicator_id)
    if indicator is None or indicator.rule is not Rule.BY_HAND or not actions.may_edit(actor_of(request), clock.now()):
        raise NotFound
    current = (await queries.hand_values(report_id)).get(indicator_id) if status == actions.Stale.status else None
    if status == actions.Stale.status:
        form.version.data = current.version if current else ""
    return page(
        request,
        "reports/funder/value.html",
        status=status,
        head=head,
        indicator=indicator,
        form=form,
        overtaken=status == actions.Stale.status,
        current=current,
    )


ROUTES: list[ControllerRouterHandler] = [
    *(new_text_page, add_text, text_page, change_text, text_removal_page, remove_text, value_page, enter_value),
]
