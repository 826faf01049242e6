"""The form of a reminder rule, of an event and of the network's defaults."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from events.core.forms import CheckboxesField, add_error, choices
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.text import fold
from events.network.words import KINDS
from events.programme.reminders import rules
from events.programme.reminders.actions import RuleValues
from events.programme.reminders.queries import RuleView
from events.programme.reminders.tables import Anchor
from events.programme.scopes import ScopeForm
from events.registration.announcements.forms import check_words, word_fields, words_of
from events.registration.announcements.rules import PLACEHOLDERS
from events.registration.tables import State
from events.registration.words import state_words

LONGEST_TAG = 40

_MINUTES = {"hours": 60, "minutes": 1}
Choices = Sequence[tuple[str, str]]


class RuleForm(ScopeForm):
    """When, to whom, and in what words; made with the sites and the items of the agenda that it may name."""

    version = HiddenField()
    tag_asked = HiddenField()
    active = BooleanField(_l("In use"), default=True)
    kinds = CheckboxesField(_l("For these kinds of events"), description=_l("None ticked: for all."))
    amount = IntegerField(
        _l("How much before or after"),
        [InputRequired(_l("Give a number.")), NumberRange(0, 9999)],
        render_kw={"class": "short"},
    )
    unit = SelectField(_l("Counted in"), default="days")
    direction = SelectField(_l("Before or after"), default="before")
    anchor = SelectField(_l("Counted from"), default=Anchor.START.value)
    local_time = TimeField(
        _l("At this time of the day"),
        [Optional()],
        format=["%H:%M", "%H.%M", "%H:%M:%S"],
        invalid_value_message=_l("There is no such time. Write it like 9.00."),
        description=_l("On the event’s clock, only with days. Empty: at the same time of the day as that."),
    )
    states = CheckboxesField(_l("Whose registration is"), description=_l("None ticked: who has a place."))
    site = SelectField(_l("Where they take part"), default="")
    tag = StringField(_l("With this tag"), [Length(max=LONGEST_TAG)])
    attended = RadioField(_l("Attendance"), default="any")
    answered = RadioField(_l("Survey"), default="any")

    stale = False

    def __init__(self, *args: Any, sites: Choices = (), items: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = choices([(kind, str(name)) for kind, name in KINDS.items()])
        self.unit.choices = choices([("days", _("days")), ("hours", _("hours")), ("minutes", _("minutes"))])
        self.direction.choices = choices([("before", _("before")), ("after", _("after"))])
        anchors = [("start", _("the start")), ("end", _("the end")), ("registration_closes", _("registration closes"))]
        self.anchor.choices = choices([*anchors, *items])
        self.states.choices = choices([(state.value, state_words(state)) for state in State])
        self.site.choices = choices([("", _("Everywhere")), *sites])
        any_ = ("any", _("Does not matter"))
        self.attended.choices = choices([any_, ("yes", _("Attended")), ("no", _("Did not attend"))])
        self.answered.choices = choices([any_, ("yes", _("Has answered")), ("no", _("Was asked, has not answered"))])

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        if self.only_language_changes:
            return False
        if self.local_time.data is not None and self.unit.data != "days":
            add_error(self.local_time, _("A time of the day goes with days only."))
        longest = rules.LONGEST_DAYS if self.unit.data == "days" else rules.LONGEST_MINUTES
        if ok and self.amount.data * _MINUTES.get(self.unit.data, 1) > longest:
            add_error(self.amount, _("That is too far away."))
        if self.answered.data != "any" and (self.site.data or self.tag.data):
            add_error(self.answered, _("Who has answered is not asked of single people: leave place and tag empty."))
        self._check_words()
        return not self.errors

    def overtaken(self, refusal: str, current: RuleView | None) -> None:
        """Say that somebody else was faster; what was typed stands when it is saved once more over the `current`."""
        self.form_errors.append(refusal)
        self.version.data = current.version if current else ""
        self.stale = True

    def removed(self) -> None:
        """Say that somebody else has removed the rule; what was typed is added as a new one when it is saved again."""
        self.form_errors.append(
            _("Someone else has removed this reminder since you opened the page. Save again to add yours as a new one.")
        )
        self.version.data = ""

    @property
    def folded_tag(self) -> str:
        """The tag as the registrations are searched for it."""
        return fold(self.tag.data or "")[:LONGEST_TAG]

    def asks_of_tag(self, known: Collection[str]) -> bool:
        """Say whether it is to be asked if a tag is meant that nobody has: once, for it may be given later."""
        asked, self.tag_asked.data = self.tag_asked.data, self.folded_tag
        return self.folded_tag not in {"", asked, *known}

    def _check_words(self) -> None:
        check_words(self, PLACEHOLDERS)
        if not self.errors and not any(words_of(self).values()) and self._needs_words():
            words = _("Write the mail: our words are for who has a place, before the start, or thank after the end.")
            add_error(self["subject_fi"], words)

    def _needs_words(self) -> bool:
        new = self.values()
        dated = {name: getattr(new, name) for name in ("anchor", "days", "minutes", "local_time")}
        before = rules.comes_before(**dated)
        return rules.needs_words(anchor=new.anchor, before=before, states=new.states, attended=new.attended)

    def values(self) -> RuleValues:
        """Return what a valid form asks for."""
        amount = (self.amount.data or 0) * (-1 if self.direction.data == "before" else 1)
        known = set(Anchor)
        return RuleValues(
            active=self.active.data,
            kinds=tuple(sorted(self.kinds.data or ())),
            anchor=self.anchor.data if self.anchor.data in known else Anchor.AGENDA_ITEM.value,
            agenda_item=None if self.anchor.data in known else UUID(self.anchor.data),
            days=amount if self.unit.data == "days" else 0,
            minutes=amount * _MINUTES.get(self.unit.data, 0),
            local_time=self.local_time.data,
            site=UUID(self.site.data) if self.site.data else None,
            states=tuple(sorted(self.states.data or ())),
            tag=self.folded_tag,
            attended=self.attended.data,
            answered=self.answered.data,
            words=words_of(self),
        )


def data_of(rule: RuleView) -> dict[str, Any]:
    """Return a rule as its form shows it."""
    names = ("version", "active", "kinds", "local_time", "states", "tag", "attended", "answered")
    data: dict[str, Any] = {name: getattr(rule, name) for name in names}
    total = rule.days * 24 * 60 + (0 if rule.local_time else rule.minutes)
    if rule.local_time is not None or not rule.minutes:
        data |= {"amount": abs(rule.days), "unit": "days"}
    elif total % 60 == 0:
        data |= {"amount": abs(total) // 60, "unit": "hours"}
    else:
        data |= {"amount": abs(total), "unit": "minutes"}
    data |= {"direction": "after" if total > 0 else "before", "anchor": str(rule.agenda_item or rule.anchor)}
    data |= {"site": str(rule.site or "")}
    return data | rule.words.columns


for _name, _field in word_fields().items():
    setattr(RuleForm, _name, _field)
