"""Forms of the cards of an event's page; those that ask for its times stand in `time_forms`."""

from datetime import datetime
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import Length, NumberRange, Optional

from events.core.forms import BaseForm, CheckboxesField, add_error, choices, takes_mail
from events.core.i18n import LANGUAGES
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme import rules
from events.programme.fields import (
    clock_field,
    day_field,
    hours_field,
    moment,
    places_field,
    web_address,
)
from events.programme.presentation import spoken
from events.programme.time_forms import EditForm, TellingForm
from events.programme.words import KINDS, MODES, REMINDERS, WAITING_LISTS, reminder

LONGEST_TEXT = 20_000
MOST_AID = 300_000
"""Euros to one undertaking over three years (Regulation (EU) 2023/2831, Article 3)."""


class TextsForm(EditForm):
    """Titles and descriptions per language."""

    title_fi = StringField(_l("Title in Finnish"), [Length(max=200)])
    description_fi = TextAreaField(_l("Description in Finnish"), [Length(max=LONGEST_TEXT)], render_kw={"rows": 10})
    title_sv = StringField(_l("Title in Swedish"), [Length(max=200)])
    description_sv = TextAreaField(_l("Description in Swedish"), [Length(max=LONGEST_TEXT)], render_kw={"rows": 6})
    title_en = StringField(_l("Title in English"), [Length(max=200)])
    description_en = TextAreaField(_l("Description in English"), [Length(max=LONGEST_TEXT)], render_kw={"rows": 6})


class SiteForm(Form):  # type: ignore[misc]
    """One site; `id` is empty for a new one."""

    Meta = BaseForm.Meta
    id = HiddenField()
    mode = SelectField(_l("How one attends"), default="")
    name = StringField(_l("Name of the venue"), [Length(max=200)])
    address = StringField(_l("Street address"), [Length(max=300)])
    municipality = SelectField(_l("Municipality"), default="")
    join_url = URLField(
        _l("Link to the online meeting"),
        [Length(max=500), web_address],
        description=_l("Only those who have registered see it."),
    )
    capacity = places_field(_l("Places"), _l("Empty: no limit."))
    remove = BooleanField(_l("Remove this site"))

    towns: list[tuple[str, str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        modes = [(mode, str(name)) for mode, name in MODES.items()]
        self.mode.choices = choices(modes if self.id.data else [("", _("No further site")), *modes])
        self.municipality.choices = choices([("", "–"), *self.towns])


class SitesForm(TellingForm, EditForm):
    """All sites of an event, and room for one more; made by `sites_form`, which knows the municipalities."""

    sites: FieldList


def sites_form(towns: list[tuple[str, str]]) -> type[SitesForm]:
    """Return the form class of sites with these municipalities to choose from."""
    site: Any = type("OneSite", (SiteForm,), {"towns": towns})
    made: Any = type("AllSites", (SitesForm,), {"sites": FieldList(FormField(site), max_entries=20)})
    form: type[SitesForm] = made
    return form


class RegistrationForm(EditForm):
    """From when until when one may register, and what happens when it is full."""

    opens_day = day_field(
        _l("Registration opens"), required=False, description=_l("Empty: when the event is published.")
    )
    opens_time = clock_field(_l("At"), required=False)
    closes_day = day_field(_l("Registration closes"), required=False, description=_l("Empty: when the event starts."))
    closes_time = clock_field(_l("At"), required=False)
    waiting_list = RadioField(_l("When a site is full"))
    offer_hours = hours_field(_l("Hours to accept an offered place"), _l("Empty: 24 hours. Near the start it is less."))
    needs_approval = BooleanField(_l("We approve each registration before it counts"))
    address_hours = hours_field(
        _l("Hours to confirm the e-mail address"),
        _l("Empty: no confirmation is asked. Until it is confirmed the place is held."),
    )

    opens_at: datetime | None = None
    closes_at: datetime | None = None

    def __init__(self, *args: Any, zone: str = rules.ZONE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.waiting_list.choices = choices((kind, str(name)) for kind, name in WAITING_LISTS.items())

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.only_language_changes:
            return False
        pairs = ((self.opens_day, self.opens_time), (self.closes_day, self.closes_time))
        for day, clock_time in pairs:
            if day.data and not clock_time.data and not clock_time.errors:
                add_error(clock_time, _("Give a time."))
            if clock_time.data and not day.data and not day.errors:
                add_error(day, _("Give a date."))
        self.opens_at, self.closes_at = (moment(*pair, self.zone) for pair in pairs)
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            add_error(self.closes_day, _("Registration must close after it opens."))
        return valid and not self.errors


class SubjectForm(EditForm):
    """What it is about and for whom it counts."""

    kind = RadioField(
        _l("Kind of event"), description=_l("Reminders and feedback follow the kind until you change them yourself.")
    )
    region = SelectField(_l("Host region"))
    projects = CheckboxesField(_l("Counts for these projects"))
    themes = CheckboxesField(_l("Themes"))
    company_specific = BooleanField(
        _l("For single companies: aid to each that takes part (de minimis)"),
        description=_l("Regulation (EU) 2023/2831. Leave it open for events to which companies may come alike."),
    )
    aid_value = IntegerField(
        _l("Worth to each company, in euros"),
        [Optional(), NumberRange(1, MOST_AID, _l("Give whole euros from 1 to 300,000."))],
        description=_l("One company may get at most 300,000 € within three years, from all givers together."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )

    def __init__(
        self,
        *args: Any,
        regions: list[tuple[str, str]],
        projects: list[tuple[str, str]],
        themes: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind, str(name)) for kind, name in KINDS.items())
        self.region.choices = choices(regions)
        self.projects.choices = choices(projects)
        self.themes.choices = choices(themes)


class ContactForm(EditForm):
    """Which languages are spoken, and whom to ask."""

    languages = CheckboxesField(_l("Languages spoken"))
    contact_name = StringField(_l("Contact person"), [Length(max=200)])
    contact_email = EmailField(
        _l("Contact person’s e-mail address"),
        [
            Optional(),
            Length(max=254),
            takes_mail,
        ],
        description=_l("Shown on the event’s page."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict.fromkeys([*LANGUAGES, *(self.languages.object_data or [])])
        self.languages.choices = choices(zip(known, spoken(list(known)), strict=True))


class FollowUpForm(EditForm):
    """What is sent before and after."""

    invitation_reminders = CheckboxesField(
        _l("Reminders to those who have not answered their invitation"),
        [Length(max=2, message=_l("Choose two at most."))],
        coerce=int,
    )
    survey_enabled = BooleanField(_l("Ask for feedback after the event"))
    materials = TextAreaField(
        _l("Words for afterwards"),
        [Length(max=LONGEST_TEXT)],
        description=_l("Thanks, links: shown above the materials on the event’s page once it has been held."),
        render_kw={"rows": 5},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = sorted({*REMINDERS, *(self.invitation_reminders.object_data or [])}, reverse=True)
        self.invitation_reminders.choices = [SelectChoice(minutes, reminder(minutes)) for minutes in days]
