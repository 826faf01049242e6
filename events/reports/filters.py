"""What a report is about: period, project, regions, theme, kind …; and how far the reader may see."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from events.core import database
from events.core.errors import Invalid
from events.core.forms import BaseForm, FormData
from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.network import queries as network
from events.programme.tables import Kind
from events.reports import words


class Filters(Struct, frozen=True, omit_defaults=True):
    """Both days belong to the period; None lets all in.

    `region` is the participants' (its code), `host` where the event was held; `type` and `size` are of the
    participant's organisation, `mode` is how they attended. `series` is the id of a series.
    """

    start: date | None = field(default=None, name="from")
    end: date | None = field(default=None, name="to")
    project: str | None = None
    region: str | None = None
    theme: str | None = None
    kind: str | None = None
    host: str | None = None
    series: UUID | None = None
    type: str | None = None
    size: str | None = None
    mode: str | None = None


NAMES = ("from", "to", "project", "region", "host", "theme", "kind", "series", "type", "size", "mode")
"""The filters by the names that pages, API, command and files share."""


class Reach(Struct, frozen=True):
    """Which events the reader may see: all, or those hosted by some regions and some single ones.

    Counted are those closed before a month, numbered as `participation.month` is; None is all of them. `untold` is what
    is not counted of them: an event, with what its participations count for (`protection.lots.Atom`).
    """

    everywhere: bool = True
    regions: tuple[str, ...] = ()
    events: tuple[UUID, ...] = ()
    closed_before: int | None = None
    untold: tuple[tuple[str, UUID], ...] = ()


class FilterForm(BaseForm):
    """The filters as they stand in the address."""

    start = DateField(_("From"), [Optional()], name="from")
    end = DateField(_("To"), [Optional()], name="to")
    project = SelectField(_("Project"), [Optional()])
    region = SelectField(_("Participants’ region"), [Optional()])
    theme = SelectField(_("Theme"), [Optional()])
    kind = SelectField(_("Kind of event"), [Optional()])
    host = SelectField(_("Host region"), [Optional()])
    series = SelectField(_("Series"), [Optional()])
    type = SelectField(_("Type of organisation"), [Optional()])
    size = SelectField(_("Size of company"), [Optional()])
    mode = SelectField(_("How they attended"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each filter, and that the period does not end before it begins."""
        valid = super().validate(extra_validators)
        if valid and self.start.data and self.end.data and self.end.data < self.start.data:
            self.end.errors = [gettext("The period ends before it begins.")]
            return False
        return valid

    @property
    def filters(self) -> Filters:
        """The filters; only of a form that is valid."""
        chosen = {name: self[name].data or None for name in NAMES if name not in {"from", "to", "series"}}
        series = UUID(self.series.data) if self.series.data else None
        return Filters(start=self.start.data, end=self.end.data, series=series, **chosen)


async def filter_form(values: Mapping[str, str]) -> FilterForm:
    """Make the form of what stands in an address, with what can be chosen."""
    form = FilterForm(FormData({name: [value] for name, value in values.items()}))
    projects = await database.fetch("SELECT code FROM project ORDER BY starts_on DESC, code")
    regions = [(each.code, each.name) for each in await network.regions()]
    form.project.choices = _choices([(row["code"], row["code"]) for row in projects])
    form.region.choices = _choices(
        [*regions, ("abroad", gettext("Outside Finland")), ("unknown", gettext("Not known"))]
    )
    form.theme.choices = _choices([(each.code, each.name) for each in await network.themes()])
    form.kind.choices = _choices([(kind.value, str(words.KINDS[kind])) for kind in Kind])
    form.host.choices = _choices(regions)
    form.series.choices = _choices(await words.series_names())
    form.type.choices = _choices([(code, str(name)) for code, name in words.ORGANISATION_TYPES.items()])
    form.size.choices = _choices([(code, str(name)) for code, name in words.SIZE_CLASSES.items()])
    form.mode.choices = _choices([(code, str(name)) for code, name in words.SITE_MODES.items()])
    return form


async def parse_filters(values: Mapping[str, str]) -> Filters:
    """Read filters as the API, the page and the command name them (from, to, project …); raises Invalid."""
    form = await filter_form(values)
    if not form.validate():
        raise Invalid({field.name: field.errors for field in form if field.errors})
    return form.filters


def _choices(options: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(*option) for option in [("", gettext("All")), *options]]
