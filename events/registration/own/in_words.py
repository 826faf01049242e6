"""One's own data in words: what the export holds (`export.py`), labelled and in the present language."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.support import LazyProxy
from msgspec import Struct

from events.core.i18n import LANGUAGE_NAMES, babel_locale, format_date, format_moment, format_number, pick
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.messaging.words import REASONS, STATES
from events.network.words import SIZES, TYPES
from events.programme.tables import SiteMode
from events.registration.own.mail_in_words import mail_lines
from events.registration.questions.asked import Asked, in_words
from events.registration.words import answer_words, attendance_words, role_words, source_words, state_words

Field = tuple[LazyProxy, Callable[[Mapping[str, Any]], object]]
"""A label and how to read what stands beside it."""

Line = tuple[LazyProxy, list[str]]
"""A label and what stands beside it."""


class Places(Struct, frozen=True):
    """The names of municipalities and regions by code."""

    municipalities: Mapping[str, str]
    regions: Mapping[str, str]


class Shown(Struct, frozen=True):
    """One registration: the event's title with its language, its address, when it was, and all that is known."""

    title: tuple[str, str]
    slug: str
    starts_at: datetime
    lines: list[Line]


def registration(held: Mapping[str, Any], questions: Sequence[Asked], places: Places) -> Shown:
    """Return a registration of the export in words."""
    asked = {question.code: question for question in questions}
    fields: Sequence[Field] = (
        *_REGISTRATION,
        (_l("Municipality of the workplace"), lambda one: places.municipalities.get(one["municipality"] or "", "")),
        (_l("Counted in reports"), lambda one: _counted(one["counted_in_reports"], places)),
        (_l("Your answers"), lambda one: [_answered(each, asked) for each in one["answers"]]),
        (
            _l("Diet and accessibility needs"),
            lambda one: [f"{_answered(each, asked)} ({each['consent']})" for each in one["health"]],
        ),
    )
    return Shown(pick(held["title"]), held["event"], _moment_of(held["starts_at"]), _lines(fields, held))


def person(held: Mapping[str, Any]) -> list[Line]:
    """Return what the export says of the person in words."""
    return _lines(_PERSON, held)


def beside(held: Mapping[str, Any]) -> list[Line]:
    """Return what the export holds beside person and registrations, in words: groups, invitations, feed, messages."""
    return _lines(_BESIDE, held)


def _lines(fields: Sequence[Field], held: Mapping[str, Any]) -> list[Line]:
    """Return the lines of what there is; who came without a letter has no groups or invitations to see."""
    found = []
    for label, read in fields:
        words = read(held)
        if words:
            found.append((label, [str(each) for each in words] if isinstance(words, list) else [str(words)]))
    return found


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _when(text: str | None) -> str:
    return format_moment(_moment_of(text)) if text else ""


def _day(text: str | None) -> str:
    return format_date(date.fromisoformat(text), style="short") if text else ""


def _joined(*parts: object) -> str:
    """Return the parts in a row; whole sentences of people keep no full stop before the comma."""
    written = [str(part) for part in parts if part]
    return ", ".join([*(part.rstrip(".") for part in written[:-1]), *written[-1:]])


def _country(code: str) -> str:
    return str(babel_locale().territories.get(code, code))


def _site(one: Mapping[str, Any]) -> str:
    return _joined(one["site"], _("Online") if one["mode"] == SiteMode.ONLINE else "")


def _answered(each: Mapping[str, Any], asked: Mapping[str, Asked]) -> str:
    question = asked[each["question"]]
    return f"{question.label[0]}: {in_words(question, each['answer'])}"


def _attendance(known: Mapping[str, Any] | None) -> str:
    if known is None:
        return ""
    sources = {
        "scan": _("at the door"),
        "desk": _("marked by hand"),
        "meeting_report": _("report of the online meeting"),
    }
    source = sources.get(known["source"]) or source_words(known["source"])
    return _joined(attendance_words(known["state"]), source, _when(known["first_entry_at"]))


def _counted(row: Mapping[str, Any] | None, places: Places) -> list[str]:
    if row is None:
        return []
    kind = _joined(TYPES.get(row["organisation_type"]), SIZES.get(row["size_class"]))
    where = _joined(places.municipalities.get(row["municipality"]), places.regions.get(row["region"]))
    return [
        _joined(_day(row["held_on"]), role_words(row["role"]), _minutes(row["minutes"])),
        *filter(None, (_joined(row["organisation"], kind), _joined(where, _country(row["country"])))),
    ]


def _minutes(minutes: float) -> str:
    return _("%(n)s min", n=format_number(round(minutes)))


def _reading(each: Mapping[str, Any]) -> str:
    kinds = {"entry": _("came in"), "exit": _("went out"), "undo": _("taken back")}
    results = {
        "ok": _("let through"),
        "duplicate": _("read before"),
        "conflict": _("read at two doors"),
        "rejected": _("turned away"),
    }
    return _joined(_when(each["at"]), kinds[each["type"]], results[each["result"]])


def _met(each: Mapping[str, Any]) -> str:
    return _joined(
        each["name"], each["address"], _when(each["joined_at"]), _when(each["left_at"]), _minutes(each["seconds"] / 60)
    )


def _consent(each: Mapping[str, Any]) -> str:
    withdrawn = _("withdrawn %(when)s", when=_when(each["withdrawn_at"])) if each["withdrawn_at"] else ""
    return _joined(each["text"], _("given %(when)s", when=_when(each["given_at"])), withdrawn)


def _invitation(each: Mapping[str, Any]) -> str:
    return _joined(
        *(each["event"], each["name"], each["to"], _when(each["invited_at"]), answer_words(each["answer"])),
        _when(each["answered_at"]),
    )


def _message(each: Mapping[str, Any]) -> str:
    return _joined(_when(each["at"]), each["subject"] or REASONS[each["reason"]], each["to"], STATES[each["state"]][1])


def _member(each: Mapping[str, Any]) -> str:
    return _joined(each["group"], _("chair") if each["chair"] else "", f"{_day(each['from'])}–{_day(each['to'])}")


_PERSON: Sequence[Field] = (
    (_l("Name"), lambda one: f"{one['given_name']} {one['family_name']}".strip()),
    (_l("E-mail"), lambda one: one["email"]),
    (_l("Language"), lambda one: LANGUAGE_NAMES.get(one.get("language", ""))),
    (_l("Organisation"), lambda one: one.get("organisation")),
    (_l("Known since"), lambda one: _when(one.get("since"))),
)

_REGISTRATION: Sequence[Field] = (
    (_l("Place"), _site),
    (_l("Status"), lambda one: state_words(one["state"])),
    (_l("Role"), lambda one: role_words(one["role"])),
    (_l("Organisation"), lambda one: one["organisation"]),
    (_l("Country"), lambda one: _country(one["country"])),
    (_l("Language"), lambda one: LANGUAGE_NAMES.get(one["language"])),
    (_l("Registered on"), lambda one: _joined(_when(one["registered_at"]), source_words(one["source"]))),
    (_l("Registered by"), lambda one: one["registered_by"]),
    (_l("Privacy notice shown"), lambda one: _("Version %(version)s", version=one["notice_version"])),
    (_l("Your attendance"), lambda one: _attendance(one["attendance"])),
    (_l("Read at the door"), lambda one: [_reading(each) for each in one["readings_at_the_door"]]),
    (_l("Went to the online meeting"), lambda one: _when(one["join_pressed_at"])),
    (_l("In reports of the online meeting"), lambda one: [_met(each) for each in one["online_meetings"]]),
    (_l("Surveys"), lambda one: [words for each in one["surveys"] for words in _survey(each)]),
    (
        _l("Signed up for"),
        lambda one: [_joined(each["title"], _when(each["starts_at"])) for each in one["signed_up_for"]],
    ),
    (_l("You speak"), lambda one: one["speaks_in"]),
    (_l("What you agree to"), lambda one: [_consent(each) for each in one["consents"]]),
    (_l("Your reason for cancelling"), lambda one: one["reason_for_cancelling"]),
    (
        _l("Message of the organiser"),
        lambda one: list(filter(None, (one["message_on_approval"], one["message_of_staff"]))),
    ),
    (
        _l("Notes of the organisers"),
        lambda one: [_joined(each["text"], _when(each["written_at"])) for each in one["notes_of_staff"]],
    ),
    (_l("Tags of the organisers"), lambda one: one["tags_of_staff"]),
)


def _survey(asked: Mapping[str, Any]) -> list[str]:
    if not asked["answered"]:
        return [_("Asked, not answered")]
    by_name = [_joined(pick(each["question"])[0], _plain(each)) for each in asked["by_name"]]
    return by_name or [_("Answered; nothing joins the answer to you")]


def _plain(given: Mapping[str, Any]) -> str:
    """Return an answer to a survey as it was chosen, of several options or rows one after the other."""
    labels = {choice["code"]: pick(choice["labels"])[0] for choice in given["choices"]}
    answer = given["answer"]
    if isinstance(answer, dict):
        return ", ".join(f"{labels.get(row, row)}: {labels.get(code, code)}" for row, code in answer.items())
    codes = answer if isinstance(answer, list) else [str(answer)]
    return ", ".join(labels.get(code, code) for code in codes)


_BESIDE: Sequence[Field] = (
    (_l("Theme groups"), lambda held: [_member(each) for each in held.get("theme_groups", ())]),
    (_l("Invitations"), lambda held: [_invitation(each) for each in held.get("invitations", ())]),
    (_l("Calendar feed since"), lambda held: _when(held.get("calendar_feed_since"))),
    (_l("Mail to your address"), lambda held: mail_lines(held["mail"]) if held.get("mail") else []),
    (_l("Messages to you"), lambda held: [_message(each) for each in held["messages"]]),
)
