import httpx
import pytest
from litestar import Litestar, post
from litestar._parsers import parse_url_encoded_form_data
from wtforms import DateField, EmailField, IntegerField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from events.core.forms import (
    LANGUAGE_FIELD,
    MAX_FIELDS,
    BaseForm,
    CheckboxesField,
    FormData,
    by_language,
    chosen,
    read_form,
    takes_mail,
)
from events.core.http import Language, add_headers
from events.core.i18n import by_column, in_language, language
from events.core.web import AnyRequest, answer_error


class Example(BaseForm):
    name = StringField(validators=[InputRequired()])
    email = EmailField()
    story = TextAreaField()
    places = IntegerField()


class Reached(BaseForm):
    email = EmailField(validators=[takes_mail])


class Worded(BaseForm):
    title_fi = StringField()
    title_sv = StringField()
    title_en = StringField()
    colours = CheckboxesField(choices=[SelectChoice(name) for name in ("red", "green", "blue")], validate_choice=False)


@post("/form", opt={"public": True})
async def take(request: AnyRequest) -> dict[str, object]:
    form = Example(await read_form(request))
    return {"valid": form.validate(), "errors": form.errors, "data": form.data, "language": language()}


@pytest.fixture
async def sender() -> httpx.AsyncClient:
    app = Litestar(
        [take], middleware=[Language()], before_send=[add_headers], exception_handlers={Exception: answer_error}
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")


def test_texts_are_cleaned_and_addresses_lowered() -> None:
    form = Example(FormData(name=["  Åsa\u200b  O "], email=[" ASA@X.Example "], story=["a\r\nb"], places=["3"]))
    assert form.validate()
    assert form.data == {"name": "Åsa O", "email": "asa@x.example", "story": "a\nb", "places": 3}


@pytest.mark.parametrize(
    ("address", "taken"), [("aino@yritys.example", True), ("aino@-yritys.example", False), ("aino", False), ("", False)]
)
def test_an_address_that_no_mail_can_be_sent_to_is_refused(address: str, taken: bool) -> None:
    assert Reached(FormData(email=[address])).validate() is taken


@pytest.mark.parametrize(("code", "said"), [("fi", "Pakollinen"), ("sv", "obligatoriskt"), ("en", "required")])
def test_messages_come_in_the_users_language(code: str, said: str) -> None:
    with in_language(code):
        form = Example(FormData(places=["1"]))
        assert not form.validate()
        assert said in form.errors["name"][0]


@pytest.mark.parametrize(
    ("code", "said"), [("fi", "Luvun on oltava 0–9999."), ("sv", "Talet måste vara 0–9999."), ("en", "between 0 and")]
)
def test_bounds_and_dates_are_said_as_the_language_does(code: str, said: str) -> None:
    class Bounded(BaseForm):
        amount = IntegerField(validators=[NumberRange(0, 9999)])
        day = DateField()

    with in_language(code):
        form = Bounded(FormData(amount=["10000"], day=["x"]))
        assert not form.validate()
        assert said in form.errors["amount"][0]
        assert "-arvo" not in form.errors["day"][0]


def test_what_a_use_case_refuses_stands_beside_its_field_or_above_the_form() -> None:
    form = Example(FormData(name=["Åsa"], places=["3"]))
    assert form.validate()
    form.show({"name": ["Too short.", "Taken."], "": ["Too late."], "shoe_size": ["Unknown."]})
    assert list(form["name"].errors) == ["Too short.", "Taken."]
    assert form.form_errors == ["Too late.", "Unknown."]


@pytest.mark.parametrize(("sent", "status"), [({}, 422), ({LANGUAGE_FIELD: ["sv"]}, 200)])
def test_a_form_that_only_changes_the_language_is_no_mistake(sent: dict[str, list[str]], status: int) -> None:
    assert Example(FormData(sent)).status == status


def test_a_text_in_each_language_goes_to_its_fields_and_comes_back() -> None:
    form = Worded(data=by_column("title", {"fi": "Päivä", "sv": "Dag"}))
    assert by_language(form, "title") == {"fi": "Päivä", "sv": "Dag", "en": ""}


def test_only_what_is_offered_is_chosen_in_the_order_of_the_offer() -> None:
    form = Worded(FormData(colours=["green", "pink", "red"]))
    assert chosen(form.colours) == ["red", "green"]


async def test_a_switch_of_language_keeps_what_was_typed_and_complains_about_nothing(sender: httpx.AsyncClient) -> None:
    answer = await sender.post("/form", data={"story": "half a", LANGUAGE_FIELD: "sv"})
    said = answer.json()
    assert (said["valid"], said["errors"], said["language"]) == (False, {}, "sv")
    assert said["data"]["story"] == "half a"
    assert answer.cookies["language"] == "sv"


@pytest.mark.parametrize(
    "body",
    [b"name=%00", b"name=%ED%A0%80", "&".join(f"f{n}=1" for n in range(MAX_FIELDS + 1)).encode(), b"name=%FF%FE"],
)
async def test_broken_and_endless_forms_are_refused_without_a_failure(sender: httpx.AsyncClient, body: bytes) -> None:
    answer = await sender.post("/form", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code in {201, 400}
    if answer.status_code == 201:
        assert "\x00" not in str(answer.json()["data"]["name"])


@pytest.mark.parametrize("number", ["\N{SUPERSCRIPT TWO}", "9" * 5000])
@pytest.mark.parametrize("kind", ["data", "files"])
async def test_an_entry_without_a_number_that_can_be_read_is_refused(
    sender: httpx.AsyncClient, number: str, kind: str
) -> None:
    name = f"options-{number}-label"
    body = {"data": {name: "x"}} if kind == "data" else {"files": {name: (None, "x")}}
    assert (await sender.post("/form", **body)).status_code == 400


@pytest.mark.parametrize("kind", ["data", "files"])
@pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 400)])
async def test_a_form_has_so_many_fields_and_not_one_more(
    sender: httpx.AsyncClient, kind: str, more: int, status: int
) -> None:
    names = [f"f{number}" for number in range(MAX_FIELDS + more)]
    body = {"data": dict.fromkeys(names, "1")} if kind == "data" else {"files": dict.fromkeys(names, (None, "1"))}
    request = sender.build_request("POST", "/form", **body)  # type: ignore[arg-type]
    assert ("multipart" in request.headers["content-type"]) == (kind == "files")
    assert (await sender.send(request)).status_code == status


async def test_a_torn_multipart_body_is_a_bad_request(sender: httpx.AsyncClient) -> None:
    answer = await sender.post(
        "/form", content=b"--x\r\nnonsense", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in {201, 400}


async def test_a_body_is_not_kept_in_memory_after_it_was_read(sender: httpx.AsyncClient) -> None:
    """Litestar's own reading keeps the last thousand bodies, passwords included."""
    parse_url_encoded_form_data.cache_clear()
    assert (await sender.post("/form", data={"name": "secret"})).status_code == 201
    assert parse_url_encoded_form_data.cache_info().currsize == 0


async def test_a_file_in_a_text_field_counts_as_nothing(sender: httpx.AsyncClient) -> None:
    answer = await sender.post("/form", files={"name": ("x.txt", b"x"), LANGUAGE_FIELD: ("x.txt", b"x")})
    assert answer.status_code == 201
    answer = await sender.post("/form", files={"name": ("x.txt", b"x")}, data={"places": "1"})
    assert "required" in str(answer.json()["errors"]["name"]) or answer.json()["errors"]["name"]


async def test_a_charset_that_nobody_knows_is_a_bad_request(sender: httpx.AsyncClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=no-such\r\n\r\n1\r\n--x--\r\n'
    answer = await sender.post("/form", content=part, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400


async def test_another_encoding_than_utf8_is_a_bad_request_and_no_wrong_letter(sender: httpx.AsyncClient) -> None:
    answer = await sender.post(
        "/form", content=b"name=%C5ke", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400
