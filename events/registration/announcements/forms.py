"""The form of an announcement: what is written in each language, and when it goes out."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from wtforms import DateField, Field, HiddenField, StringField, TextAreaField, TimeField
from wtforms.validators import Length, Optional

from events.core.errors import BadRequest
from events.core.forms import BaseForm, add_error
from events.core.i18n import LANGUAGES, format_date
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.messaging.letter import OwnWords, own_words
from events.messaging.templates.words import amiss
from events.programme.rules import to_local, to_utc
from events.registration.announcements import rules
from events.registration.announcements.queries import AnnouncementView

LONGEST_SUBJECT, LONGEST_BODY = 150, 8000
"""Signs: longer subjects are cut by mail programs."""

# The language stands in the label too: a summary of errors shows the label alone.
_SUBJECTS = {"fi": _l("Subject in Finnish"), "sv": _l("Subject in Swedish"), "en": _l("Subject in English")}
_BODIES = {"fi": _l("Text in Finnish"), "sv": _l("Text in Swedish"), "en": _l("Text in English")}


class AnnouncementForm(BaseForm):
    """What is written; at least one language has both a subject and a text, and none has only one of them."""

    identity = HiddenField()
    seen = HiddenField()
    day = DateField(
        _l("Date"),
        [Optional()],
        format=["%Y-%m-%d", "%d.%m.%Y"],
        invalid_value_message=_l("There is no such date. Write it like 22.9.2026."),
    )
    clock = TimeField(
        _l("Time"),
        [Optional()],
        format=["%H:%M", "%H.%M", "%H:%M:%S"],
        invalid_value_message=_l("There is no such time. Write it like 9.00."),
    )

    placeholders: ClassVar[Mapping[str, object]] = rules.PLACEHOLDERS
    send_at: datetime | None = None

    def read(self, zone: str, now: datetime) -> bool:
        """Settle `send_at` (None: now); returns False, with errors beside the fields, when something does not hold."""
        ok = self.validate()
        if self.only_language_changes:
            return False
        ok = check_words(self, self.placeholders) and ok
        if ok and not any(self.texts.values()):
            add_error(self["subject_fi"], _("Write the mail in at least one language."))
            ok = False
        return self._read_time(zone, now) and ok

    def _read_time(self, zone: str, now: datetime) -> bool:
        if not self.day.data and not self.clock.data:
            return True
        if not (self.day.data and self.clock.data):
            add_error(self.clock if self.day.data else self.day, _("Give both the date and the time, or neither."))
            return False
        try:
            self.send_at = to_utc(self.day.data, self.clock.data, zone)
        except (ValueError, OverflowError):
            add_error(self.clock, _("This time does not exist: the clocks go forward then. Choose another."))
            return False
        if self.send_at <= now:
            add_error(self.clock, _("This time has passed. Leave both empty to send now."))
        elif self.send_at > now + rules.FURTHEST:
            last = format_date(now + rules.FURTHEST, zone, "short")
            add_error(self.day, _("Choose a date no later than %(date)s.", date=last))
        return not (self.day.errors or self.clock.errors)

    def begin_anew(self, refusal: str) -> None:
        """Say why it was not sent, and let it be another mail when it is sent once more."""
        self.identity.data = str(uuid4())
        self.form_errors.append(refusal)

    def look(self) -> None:
        """Take what is written, and when it goes out, as looked at: the page shows it."""
        self.seen.data = digest_of(self.texts, self.send_at)

    @property
    def is_seen(self) -> bool:
        """Whether what is written, and when it goes out, is what was looked at last."""
        return bool(self.seen.data == digest_of(self.texts, self.send_at))

    def identified(self) -> UUID:
        """Return what makes the same form sent twice one mail; raises BadRequest for a form that is not ours."""
        try:
            return UUID(self.identity.data or "")
        except ValueError as error:
            raise BadRequest from error

    @property
    def texts(self) -> dict[str, str]:
        """What is written, by column."""
        return words_of(self)

    @property
    def words(self) -> OwnWords:
        """What is written, by language."""
        return own_words(self.texts)


def digest_of(texts: Mapping[str, str], send_at: datetime | None = None) -> str:
    """Return what tells texts, by column, and when they go out (None: now) from any others."""
    written = sorted((name, text) for name, text in texts.items() if text)
    if send_at:
        written.append(("send_at", send_at.isoformat()))
    return hashlib.sha256(repr(written).encode()).hexdigest()[:32]


def begun(like: AnnouncementView | None, zone: str, now: datetime) -> dict[str, Any]:
    """Return what a new form holds: nothing, or the words of another mail and its time where that is to come."""
    data: dict[str, Any] = {"identity": str(uuid4())}
    if like and like.send_at > now:
        local = to_local(like.send_at, zone)
        data |= {"day": local.date(), "clock": local.time()}
    return data | (like.columns if like else {})


def word_fields() -> dict[str, Any]:
    """Return the fields in which a subject and a text are written in each language, by name."""
    found: dict[str, Any] = {}
    for code in LANGUAGES:
        found[f"subject_{code}"] = StringField(_SUBJECTS[code], [Length(max=LONGEST_SUBJECT)])
        found[f"body_{code}"] = TextAreaField(_BODIES[code], [Length(max=LONGEST_BODY)], render_kw={"rows": 8})
    return found


def words_of(form: BaseForm) -> dict[str, str]:
    """Return what is written in those fields, by name."""
    return {f"{part}_{code}": form[f"{part}_{code}"].data or "" for part in ("subject", "body") for code in LANGUAGES}


def check_words(form: BaseForm, known: Mapping[str, object]) -> bool:
    """Say beside those fields what does not hold of what is written; returns whether all does.

    A language has both a subject and a text or neither, no subject holds a private link, and words in braces are
    `known`.
    """
    found: list[tuple[Field, str]] = []
    for code in LANGUAGES:
        subject, body = form[f"subject_{code}"], form[f"body_{code}"]
        if bool(subject.data) != bool(body.data):
            empty = body if subject.data else subject
            found.append((empty, _("Write both the subject and the text in this language.")))
        if rules.holds_link(subject.data or ""):
            words = _("The private link goes into the text: subjects stand in lists that others read.")
            found.append((subject, words))
        for field in (subject, body):
            found += [(field, words) for words in amiss(field.data or "", known)]
    for field, words in found:
        add_error(field, words)
    return not found


for _name, _field in word_fields().items():
    setattr(AnnouncementForm, _name, _field)
