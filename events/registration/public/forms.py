"""The forms of people who register; what they hold is checked by `entered.read`, as for programs and tables."""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import Length

from events.core.forms import CheckboxesField, Marked
from events.core.i18n import gettext as _
from events.core.i18n import language
from events.core.i18n import lazy_gettext as _l
from events.core.text import as_uuid
from events.network.tables import SizeClass
from events.registration.consents import consent_texts
from events.registration.entered import ASKED_SIZES, LONGEST_NAME, Entered
from events.registration.new_registration import NewRegistration
from events.registration.person_form import PersonForm, named_choices
from events.registration.tables import ConsentKind

ASKED_CONSENTS = (ConsentKind.NEWS, ConsentKind.PHOTOS, ConsentKind.PARTICIPANT_LIST)


MOST_COLLEAGUES = 10

SHARED = ("organisation", "municipality", "country")
"""What a colleague's row begins with."""

ALIKE = ("site", "code", "language", "notice_version")
"""What holds for a colleague as for who fills in the form."""


class PlaceChoice(Struct, frozen=True):
    """A site in the form: its id, its name with the places left, whether one can choose it."""

    id: UUID
    words: str
    open: bool


class RegistrationForm(PersonForm):
    """The one screen of a registration; `colleagues` are registered along with who fills it in."""

    code = StringField(
        _l("Registration code"),
        [Marked()],
        description=_l("You have it from the organiser."),
        render_kw={"autocomplete": "off"},
    )

    size = SelectField(
        _l("How many work in the organisation?"),
        validate_choice=False,
        description=_l("Asked once for each organisation, for the statistics. You need not know."),
    )
    business_id = StringField(_l("Business ID"), description=_l("If you know it: 1234567-1"))
    site = RadioField(_l("How do you take part?"), validate_choice=False)
    items = CheckboxesField(_l("What do you take part in?"), validate_choice=False)
    news = BooleanField()
    photos = BooleanField()
    participant_list = BooleanField()
    notice_version = HiddenField()
    form_id = HiddenField()
    invitation = HiddenField()
    colleagues = FieldList(FormField(PersonForm), max_entries=MOST_COLLEAGUES)
    registrar = StringField(
        _l("Your name, if you do not take part yourself"),
        [Length(max=LONGEST_NAME)],
        description=_l("Those whom you register are told who did it."),
    )
    leave_empty = StringField(
        _l("Leave this field empty"),
        render_kw={"autocomplete": "off", "tabindex": "-1", "data-1p-ignore": "true", "data-lpignore": "true"},
    )

    def offer_sites(self, places: Iterable[PlaceChoice]) -> None:
        """Offer the sites; one alone needs no choice. Whose place was closed meanwhile is told so, and asked again."""
        offered = list(places)
        if self.site.errors and self.site.data not in {str(place.id) for place in offered}:
            self.site.errors = [
                _("The place that you chose is not open any more. Look where you take part, and send again.")
            ]
            self.site.data = None
        self.site.choices = [
            SelectChoice(str(place.id), place.words, render_kw={} if place.open else {"disabled": True})
            for place in offered
        ]
        if not self.site.data:
            self.site.data = next((str(place.id) for place in offered if place.open), None)
        self.size.choices = named_choices(
            [("", _("I do not know")), *((size.value, size_words(size)) for size in ASKED_SIZES)]
        )
        for kind, text in consent_texts(language()).items():
            if kind in ASKED_CONSENTS:
                self[kind.value].label.text = text

    async def offer_choices(self) -> None:
        await super().offer_choices()
        for colleague in self.colleagues:
            for name in ("municipality", "country"):
                colleague.form[name].choices = self[name].choices

    def need_organisation(self) -> None:
        super().need_organisation()
        for colleague in self.colleagues:
            colleague.form.need_organisation()

    def add_colleague(self) -> None:
        """Add a row with the organisation and municipality of who fills it in."""
        if len(self.colleagues) < MOST_COLLEAGUES:
            self.colleagues.append_entry({name: self[name].data for name in SHARED})

    def remove_colleague(self, number: str) -> None:
        """Take the row of this number out."""
        if number.isdecimal() and int(number) < len(self.colleagues):
            del self.colleagues.entries[int(number)]

    def show_errors_of_colleagues(self) -> None:
        """Let the rows say together what stands beside their fields: the summary reads it there."""
        errors = [colleague.errors for colleague in self.colleagues]
        self.colleagues.errors = errors if any(errors) else []

    def read_all(self) -> list[NewRegistration] | None:
        """Return who fills it in and the colleagues in their order; None when something does not hold."""
        first = self.read()
        found = [first, *(colleague.form.read() for colleague in self.colleagues)]
        people = [replace(one, **{name: getattr(first, name) for name in ALIKE}) for one in found if one and first]
        keys = [(one.email, one.person_key) for one in people]
        for number, colleague in enumerate(self.colleagues, start=1):
            if len(people) == len(found) and keys.index(keys[number]) < number:
                colleague.form.show({"email": [_("This person stands here twice.")]})
        self.show_errors_of_colleagues()
        if self.errors or len(people) < len(found):
            return None
        return [people[0], *(replace(one, consents={}) for one in people[1:])]

    def entered(self) -> Entered:
        texts = consent_texts(language())
        base = super().entered()
        return Entered(
            **{field: getattr(base, field) for field in ("given_name", "family_name", "email", "organisation")},
            municipality=base.municipality,
            country=base.country,
            language=base.language,
            business_id=self.business_id.data or "",
            size=self.size.data or "",
            site=as_uuid(self.site.data or ""),
            items=[item for text in self.items.data or () if (item := as_uuid(text))],
            notice_version=int(self.notice_version.data) if (self.notice_version.data or "").isdecimal() else 0,
            consents={kind: texts[kind] for kind in ASKED_CONSENTS if self[kind.value].data},
            code=self.code.data or "",
        )


def size_words(size: SizeClass) -> str:
    """Name a size class by headcount, which alone is asked (2003/361/EC also knows turnover and balance)."""
    return {
        SizeClass.MICRO: _("1–9 people"),
        SizeClass.SMALL: _("10–49 people"),
        SizeClass.MEDIUM: _("50–249 people"),
        SizeClass.LARGE: _("250 people or more"),
        SizeClass.NONE: _("It is not a company"),
    }[size]
