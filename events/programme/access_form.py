"""Who may register: the card of an event's page, its form and what it changes."""

from typing import Any
from uuid import UUID

from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from events.core.forms import CheckboxesField, FormData, add_error, choices
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network import queries as network
from events.network.matching import business_id, match_organisation
from events.programme import rules
from events.programme.editing import EventChanges
from events.programme.queries import EventView
from events.programme.tables import Access
from events.programme.time_forms import EditForm
from events.programme.words import ACCESSES

MOST_ORGANISATIONS = 200
MOST_OF_ONE = 1000


class AccessForm(EditForm):
    """Who may register by themselves, and how many of one organisation."""

    access = RadioField(_l("Who may register"))
    access_code = StringField(
        _l("Registration code"),
        [Length(max=60)],
        description=_l("Whoever knows it may register. Capital letters make no difference."),
        render_kw={"autocomplete": "off", "class": "medium"},
    )
    organisations = TextAreaField(
        _l("Named organisations"),
        [Length(max=20_000)],
        description=_l("One to a line, by name or business ID. Other spellings of the same organisation count too."),
        render_kw={"rows": 4},
    )
    regions = CheckboxesField(
        _l("Named regions"), description=_l("Whose municipality of the workplace is there may register.")
    )
    per_organisation = IntegerField(
        _l("Most places for one organisation"),
        [Optional(), NumberRange(1, MOST_OF_ONE, _l("Give a number from 1 upwards, or leave it empty for no limit."))],
        description=_l("Empty: no limit. Those who wait in line count too."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )

    recognised: dict[str, UUID | None]

    async def recognise(self) -> None:
        """Look up the named organisations, and the regions to choose from."""
        self.access.choices = choices((kind, str(name)) for kind, name in ACCESSES.items())
        self.regions.choices = choices((region.code, region.name) for region in await network.regions())
        lines = dict.fromkeys(line.strip() for line in (self.organisations.data or "").splitlines() if line.strip())
        self.recognised = {}
        for line in list(lines)[: MOST_ORGANISATIONS + 1]:
            found = await match_organisation(line, business_id=business_id(line))
            self.recognised[line] = found.id if found else None

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.only_language_changes:
            return False
        for line, found in list(self.recognised.items())[:MOST_ORGANISATIONS]:
            if found is None:
                add_error(self.organisations, _("The register knows no organisation called %(name)s.", name=line))
        if len(self.recognised) > MOST_ORGANISATIONS:
            add_error(self.organisations, _("At most %(n)s organisations, please.", n=MOST_ORGANISATIONS))
        missing = rules.access_errors(
            self.access.data, self.access_code.data or "", self.named_organisations, self.regions.data or []
        )
        if not self.organisations.errors:
            for name, messages in missing.items():
                for message in messages:
                    add_error(self[name], message)
        return valid and not self.errors

    @property
    def named_organisations(self) -> list[UUID]:
        """The organisations that were recognised, each once, in the order in which they stand."""
        return list(dict.fromkeys(found for found in self.recognised.values() if found))


async def access_form(event: EventView, sent: FormData | None) -> AccessForm:
    """Make the form of an event; what was sent, or what stands there now."""
    names = await network.organisation_names(event.named_organisations)
    form = AccessForm(
        sent,
        data={
            "access": event.access,
            "access_code": event.access_code,
            "organisations": "\n".join(names[each] for each in event.named_organisations if each in names),
            "regions": event.named_regions,
            "per_organisation": event.per_organisation,
        },
    )
    await form.recognise()
    return form


def access_changes(form: AccessForm) -> EventChanges:
    """Return what a valid form asks for; what belongs to another way of access goes."""
    named = form.access.data == Access.NAMED
    return EventChanges(
        access=form.access.data,
        access_code=form.access_code.data or "" if form.access.data == Access.CODE else "",
        named_organisations=form.named_organisations if named else [],
        named_regions=sorted(form.regions.data) if named else [],
        per_organisation=form.per_organisation.data,
    )
