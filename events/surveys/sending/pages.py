"""Choosing when a survey goes out, and letting one go whose time has passed."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import Conflict, Invalid
from events.core.forms import read_form
from events.core.web import AnyRequest, see_other
from events.programme.scopes import told_of
from events.surveys.building.alike import Asking, carried
from events.surveys.building.pages import GUARDS
from events.surveys.building.reach import ONE, path_of, present, survey_for, version_in
from events.surveys.building.series import asking_page, meant
from events.surveys.building.survey_pages import settings_view
from events.surveys.sending import actions, queries
from events.surveys.sending.forms import sending_form


@post(f"{ONE}/sending", guards=GUARDS, include_in_schema=False)
async def change_sending(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Choose when and to whom (all fields), or send one now whose time has passed (`late`)."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    version, actor, now, told = version_in(sent), actor_of(request), clock.now(), ""
    form = sending_form(await queries.sending_of(event.id, which), survey.kind, None if "late" in sent else sent)
    try:
        if "late" in sent:
            await actions.send_late(event.id, which, version=version, actor=actor, now=now)
        elif form.validate():
            async with carried(event, which, **meant(request, sent), sending=True) as alike:
                await actions.set_sending(event.id, which, form.new(), version=version, actor=actor, now=now)
            told = told_of(alike)
        else:
            return await settings_view(request, event, survey, sending=form, status=form.status)
    except Asking as asking:
        return await asking_page(request, event, sent, asking)
    except (Invalid, Conflict) as error:
        form.form_errors.append(error.message)
        return await settings_view(request, event, await present(event.id, which), sending=form, status=error.status)
    return see_other(f"{path_of(event, survey)}/settings?saved=1{told}#sending")


ROUTES: list[ControllerRouterHandler] = [change_sending]
