"""The versions of the privacy notice, and publishing a new one."""

from litestar import get, post
from litestar.response import Redirect, Template

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other
from events.outreach import actions, queries
from events.outreach.forms import NoticeForm

NOTICE = "/staff/privacy"
_GUARDS = [Requires(Action.PUBLISH_NOTICE)]
_LONGEST_NUMBER = 9


@get(NOTICE, guards=_GUARDS, include_in_schema=False)
async def notice_page(request: AnyRequest) -> Template:
    """All versions, and a form that begins with the one in force."""
    last = (await queries.notices())[0]
    texts = {f"text_{code}": text for code, text in last.texts.items()}
    return await _page(request, NoticeForm(data={"after": str(last.version), **texts}))


@post(NOTICE, guards=_GUARDS, include_in_schema=False)
async def publish_page(request: AnyRequest) -> Template | Redirect:
    """Show what was written as it will look; publish it when that is asked for."""
    sent = await read_form(request)
    form = NoticeForm(sent)
    if not form.validate():
        return await _page(request, form, form.status)
    if not sent.text("publish"):
        return await _page(request, form, preview=True)
    after = form.after.data or ""
    try:
        await actions.publish_notice(
            form.texts,
            after=int(after) if after.isdecimal() and len(after) <= _LONGEST_NUMBER else 0,
            actor=actor_of(request),
            now=clock.now(),
        )
    except actions.NoticeOvertaken as error:
        form.after.data = str((await queries.notices())[0].version)
        form.form_errors.append(error.message)
        return await _page(request, form, 409, preview=True)
    except Conflict as error:
        form.form_errors.append(error.message)
        return await _page(request, form, 409)
    return see_other(f"{NOTICE}?saved=published")


async def _page(request: AnyRequest, form: NoticeForm, status: int = 200, *, preview: bool = False) -> Template:
    return page(
        request,
        "outreach/notice.html",
        status=status,
        notices=await queries.notices(),
        form=form,
        preview=preview,
        may_publish=may(actor_of(request), Action.PUBLISH_NOTICE, now=clock.now()),
        saved=request.query_params.get("saved", ""),
    )


ROUTES = [notice_page, publish_page]
