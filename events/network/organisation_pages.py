"""Staff pages of the organisation register."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Invalid, NotFound
from events.core.forms import FormData, read_form
from events.core.text import clean_line
from events.core.web import AnyRequest, page, page_number, see_other
from events.network import look_ups, organisations, queries
from events.network.forms import OrganisationForm, lines
from events.network.matching import business_id
from events.network.organisations import OrganisationValues, OrganisationView
from events.network.words import SIZES, TYPES

PATH = "/staff/organisations"
GUARDS = [Requires(Action.EDIT_NETWORK)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def organisations_page(request: AnyRequest) -> Template:
    """The register, by name."""
    query = request.query_params
    words = clean_line(query.get("q", ""))[:100]
    number = page_number(request)
    found, total = await organisations.search(words, page=number)
    return page(
        request,
        "network/organisations.html",
        organisations=found,
        total=total,
        words=words,
        number=number,
        pages=-(-total // organisations.PAGE_SIZE),
        towns=await queries.municipality_names(organisation.municipality for organisation in found),
        types={code: str(name) for code, name in TYPES.items()},
        sizes={code: str(name) for code, name in SIZES.items()},
        saved="saved" in query,
    )


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_organisation_page(request: AnyRequest) -> Template:
    """A new organisation."""
    return await _page(request, await _form(None, None), None)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def make_organisation(request: AnyRequest) -> Template | Redirect:
    """Make an organisation."""
    return await _save(request, None)


@get(f"{PATH}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def organisation_page(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """One organisation; a merged one leads to the one that stayed."""
    if stays := await organisations.merged_into(identity):
        return see_other(f"{PATH}/{stays}")
    known = await _known(identity)
    return await _page(request, await _form(None, known), known)


@post(f"{PATH}/{{identity:uuid}}/look-up", guards=GUARDS, include_in_schema=False)
async def look_organisation_up(request: AnyRequest, identity: FromPath[UUID]) -> Redirect:
    """Ask the business register about an organisation; a worker does."""
    await look_ups.ask(identity, actor=actor_of(request), now=clock.now())
    return see_other(f"{PATH}/{identity}#register")


@post(f"{PATH}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def change_organisation(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Change an organisation."""
    return await _save(request, await _known(identity))


async def _save(request: AnyRequest, known: OrganisationView | None) -> Template | Redirect:
    form = await _form(await read_form(request), known)
    if form.validate():
        try:
            identity = known.id if known else None
            await organisations.save(identity, _values(form), actor=actor_of(request), now=clock.now())
        except Invalid as error:
            form.show(error.errors)
        else:
            return see_other(f"{PATH}?saved=1")
    return await _page(request, form, known, status=form.status)


async def _page(
    request: AnyRequest, form: OrganisationForm, known: OrganisationView | None, *, status: int = 200
) -> Template:
    register = await look_ups.look_up_of(known, now=clock.now()) if known else None
    return page(request, "network/organisation.html", status=status, form=form, organisation=known, register=register)


async def _known(identity: UUID) -> OrganisationView:
    known = await organisations.by_id(identity)
    if known is None:
        raise NotFound
    return known


async def _form(sent: FormData | None, known: OrganisationView | None) -> OrganisationForm:
    data = {}
    if known:
        names = ("name", "business_id", "sole_trader", "type", "size_class", "municipality")
        data = {name: getattr(known, name) for name in names}
        data |= {"domains": "\n".join(known.domains), "aliases": "\n".join(known.aliases)}
    else:
        data = {"type": "unknown", "size_class": "unknown"}
    towns = [(town.code, town.name) for town in await queries.municipalities()]
    return OrganisationForm(sent, data=data, municipalities=towns)


def _values(form: OrganisationForm) -> OrganisationValues:
    return OrganisationValues(
        name=form.name.data,
        business_id=business_id(form.business_id.data) if form.business_id.data else None,
        sole_trader=form.sole_trader.data,
        type=form.type.data,
        size_class=form.size_class.data,
        municipality=form.municipality.data or None,
        domains=lines(form.domains.data, lower=True),
        aliases=lines(form.aliases.data),
    )


ROUTES: list[ControllerRouterHandler] = [
    *(organisations_page, new_organisation_page, make_organisation, organisation_page, change_organisation),
    look_organisation_up,
]
