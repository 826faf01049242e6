"""Forms of the yearly clock."""

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from events.core.forms import BaseForm, choices
from events.core.i18n import babel_locale
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network.queries import Named
from events.programme.fields import YEARS
from events.programme.plan.actions import NewEntry
from events.programme.plan.queries import QUARTERS
from events.programme.words import KINDS

NONE = ("", "–")


def quarter_names() -> list[str]:
    """Name the quarters in the present language."""
    names = babel_locale().quarters["stand-alone"]["wide"]
    return [str(names[quarter]) for quarter in QUARTERS]


class EntryForm(BaseForm):
    """What shall be held, when, and for whom."""

    title = StringField(
        _l("What"),
        [DataRequired(_l("Say what is planned.")), Length(max=200)],
        description=_l("In the language you use now; the other languages can be added afterwards."),
    )
    kind = RadioField(_l("Kind of event"), [InputRequired(_l("Choose the kind of event."))])
    year = IntegerField(
        _l("Year"),
        [
            InputRequired(_l("Give a year like 2026.")),
            NumberRange(YEARS[0], YEARS[-1], _l("Give a year like 2026.")),
        ],
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    quarter = SelectField(_l("Quarter"), coerce=int)
    theme = SelectField(_l("Theme"))
    region = SelectField(_l("Region"))
    project = SelectField(_l("Project"))
    note = TextAreaField(
        _l("Note"),
        [Length(max=2000)],
        description=_l("For those who plan; it is not published."),
        render_kw={"rows": 3},
    )

    def __init__(
        self,
        *args: Any,
        regions: Sequence[tuple[str, str]],
        themes: Sequence[Named],
        projects: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind, str(name)) for kind, name in KINDS.items())
        self.quarter.choices = [SelectChoice(*each) for each in zip(QUARTERS, quarter_names(), strict=True)]
        self.theme.choices = choices([NONE, *((theme.code, theme.name) for theme in themes)])
        self.region.choices = choices(regions)
        self.project.choices = choices([NONE, *projects])

    def entry(self) -> NewEntry:
        """Return what a valid form asks for."""
        return NewEntry(
            year=self.year.data,
            quarter=self.quarter.data,
            kind=self.kind.data,
            title=self.title.data,
            theme=self.theme.data or None,
            region=self.region.data or None,
            project=self.project.data or None,
            note=self.note.data or "",
        )


class RegionForm(BaseForm):
    """Where an event is held that was planned for no region."""

    region = SelectField(_l("Host region"), [InputRequired(_l("Choose the host region."))])

    def __init__(self, *args: Any, regions: Sequence[Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region.choices = choices([("", _("Choose")), *((region.code, region.name) for region in regions)])
