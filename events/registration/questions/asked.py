"""A question as it is asked, with its options, and the values that answers have."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from events.core.i18n import gettext as _
from events.core.i18n import pick
from events.registration.questions.tables import QuestionKind

Value = str | int | float | list[str] | dict[str, str]
"""An answer as it is stored: a text, "yes" or "no", a date, an option's code; a number; codes; a consent's words."""

CHOICES = frozenset({QuestionKind.ONE, QuestionKind.MANY})
YES, NO = "yes", "no"


class Option(Struct, frozen=True, kw_only=True):
    """One of the answers to choose from; `labels` by language, `capacity` None has no limit."""

    id: UUID
    code: str
    labels: Mapping[str, str]
    capacity: int | None = None
    taken: int = 0

    @property
    def left(self) -> int | None:
        """How many more may choose it; None without a limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def label(self) -> tuple[str, str]:
        """Its text and the language of that, as near to the present one as there is."""
        return pick(self.labels)


class Asked(Struct, frozen=True, kw_only=True):
    """A question of an event with its options; `shown_if` as in the table, `shown_at` the sites where it is asked."""

    id: UUID
    code: str
    kind: QuestionKind
    required: bool = False
    health: bool = False
    kitchen: bool = False
    least: int | None = None
    most: int | None = None
    labels: Mapping[str, str]
    helps: Mapping[str, str] = {}
    shown_if: Sequence[str] = ()
    shown_at: Sequence[UUID] = ()
    options: Sequence[Option] = ()

    @property
    def field(self) -> str:
        """The name of its field in forms and of its errors in answers to programs."""
        return f"answers.{self.code}"

    @property
    def agreed_field(self) -> str:
        """The name of the box that agrees to keeping what is said of health."""
        return f"agreed.{self.code}"

    @property
    def label(self) -> tuple[str, str]:
        """Its text and the language of that."""
        return pick(self.labels)

    @property
    def help(self) -> tuple[str, str]:
        """What helps to answer, and its language."""
        return pick(self.helps)

    @property
    def personal(self) -> bool:
        """Whether its person alone can answer: nobody agrees to something for another, nor speaks of their health."""
        return self.health or self.kind is QuestionKind.CONSENT

    @property
    def limited(self) -> bool:
        """Whether some option has places of its own."""
        return any(option.capacity is not None for option in self.options)


def values_of(value: Value | None) -> list[str]:
    """Return what conditions can ask of an answer: the chosen codes, yes or no."""
    if isinstance(value, dict):
        return [YES]
    if isinstance(value, list):
        return value
    return [] if value is None else [str(value)]


def in_words(question: Asked, value: Value) -> str:
    """Return an answer as people read it, in the present language."""
    if isinstance(value, dict):
        return _("Yes")
    if question.kind is QuestionKind.YES_NO:
        return _("Yes") if value == YES else _("No")
    if question.kind in CHOICES:
        codes = values_of(value)
        return ", ".join(option.label[0] for option in question.options if option.code in codes)
    return str(value)
