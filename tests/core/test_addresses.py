import pytest

from events.core.addresses import normal_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Aino.Esimerkki@YRITYS.example ", "aino.esimerkki@yritys.example"),
        ("o'connor+sixnet@yritys.example", "o'connor+sixnet@yritys.example"),
        ("a@järvi.example", "a@xn--jrvi-loa.example"),
    ],
)
def test_an_address_is_taken_in_its_normal_form(text: str, address: str) -> None:
    assert normal_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ei-sahkopostia",
        "a@b",
        "@yritys.example",
        "a@",
        "a..b@yritys.example",
        ".a@yritys.example",
        "a b@yritys.example",
        "a@yritys..example",
        "a@-yritys.example",
        "a@yritys.example\nBcc: b@yritys.example",
        "a@b@yritys.example",
        "äiti@yritys.example",
        "a@10.0.0.1",
        f"{'a' * 65}@yritys.example",
        f"a@{'b.' * 130}example",
        "<a@yritys.example>",
    ],
)
def test_what_no_mail_can_be_sent_to_is_refused(text: str) -> None:
    assert normal_address(text) is None
