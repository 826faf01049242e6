"""What Litestar does unasked, over all our routes."""

from inspect import signature
from typing import get_args, get_type_hints

import httpx
import pytest
from litestar import Litestar
from piccolo.table import Table
from wtforms import SelectMultipleField
from wtforms.validators import InputRequired

from events.accounts.authentication import session_cookie, session_cookie_name
from events.core import settings
from events.core.forms import BaseForm, FormData, choices
from events.reports import api as reports
from events.surveys.comparing import api as comparing
from tests import factories
from tests.factories import make_staff
from tests.routes import handlers


def mentioned(annotation: object) -> set[object]:
    """A type and all that stand in its brackets."""
    return {annotation}.union(*(mentioned(part) for part in get_args(annotation)))


def test_no_handler_returns_a_table(app: Litestar) -> None:
    returned = {
        path: mentioned(get_type_hints(handler.fn).get("return"))
        for _method, path, handler in handlers(app)
        if handler.fn.__module__.startswith("events.")
    }
    assert len(returned) > 30
    tables = {
        path for path, types in returned.items() if any(isinstance(t, type) and issubclass(t, Table) for t in types)
    }
    assert tables == set()


def test_no_handler_has_dependencies_that_may_hold_a_transaction(app: Litestar) -> None:
    """A transaction in one breaks as soon as there is a second."""
    reads_only = {reports.asked, comparing.asked}  # what stands in the address, which opens no transaction
    with_some = {
        path: sorted(handler.resolve_dependencies())
        for _method, path, handler in handlers(app)
        if {provide.dependency for provide in handler.resolve_dependencies().values()} - reads_only
    }
    assert with_some == {}


def test_pages_read_their_forms_themselves(app: Litestar) -> None:
    """What Litestar reads into `data` fails before the handler, so that no form could be shown again with its errors."""
    taking = {path for _method, path, handler in handlers(app) if "data" in signature(handler.fn).parameters}
    assert taking
    assert {path for path in taking if not path.startswith("/api/")} == set()


@pytest.mark.parametrize(("url", "secure"), [("https://sixnet.example", True), ("http://sixnet.example", False)])
def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    url: str, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIXNET_PUBLIC_URL", url)
    settings.get_settings.cache_clear()
    try:
        cookie = session_cookie("secret")
        assert (cookie.httponly, cookie.secure, cookie.path, cookie.domain) == (True, secure, "/", None)
        assert cookie.samesite in {"lax", "strict"}
        assert session_cookie_name().startswith("__Host-") == secure
    finally:
        monkeypatch.undo()
        settings.get_settings.cache_clear()


class Choice(BaseForm):
    themes = SelectMultipleField(choices=choices([("a", "A"), ("b", "B")]), validators=[InputRequired()])


@pytest.mark.parametrize("ticked", [["a"], ["a", "b"]])
def test_one_ticked_box_is_a_list_as_two_are(ticked: list[str]) -> None:
    form = Choice(FormData(themes=ticked))
    assert form.validate()
    assert form.themes.data == ticked


async def test_a_form_with_ticked_boxes_is_shown_again_with_its_errors(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    sent = {"email": "no address", "name": "Aino", "role": "organiser", "regions": ["06", "02"], "language": "sv"}
    for regions in (["06"], ["06", "02"]):
        answer = await client.post("/staff/people/new", data={**sent, "regions": regions})
        assert answer.status_code == 422
        assert "name@organisation.fi" in answer.text
        shown = [box for box in answer.text.split("<input")[1:] if 'name="regions"' in box.split(">")[0]]
        assert len(shown) == 19
        ticked = {box.split('value="')[1].split('"')[0] for box in shown if "checked" in box.split(">")[0]}
        assert ticked == set(regions)


async def test_the_description_of_the_api_is_the_only_page_of_it(client: httpx.AsyncClient) -> None:
    """Litestar's own pages about an API load their scripts from other hosts."""
    assert (await client.get("/api/v1/openapi.json")).status_code == 200
    for page in ("swagger", "redoc", "elements", "rapidoc"):
        assert (await client.get(f"/api/v1/openapi/{page}")).status_code == 404, page
