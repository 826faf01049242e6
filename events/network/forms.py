"""Forms of organisations and projects."""

import re
from typing import Any

from stdnum.fi import ytunnus
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from events.core.forms import BaseForm, CheckboxesField
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network.matching import SHARED_DOMAINS, business_id
from events.network.words import KINDS, ROLES, SIZES, TARGETS, TYPES

_DOMAIN = re.compile(r"(?=.{4,100}$)([a-z0-9åäö]([a-z0-9åäö-]*[a-z0-9åäö])?\.)+[a-z]{2,}")


class OrganisationForm(BaseForm):
    """An organisation of the register."""

    name = StringField(_l("Name"), [DataRequired(_l("Give the organisation a name.")), Length(max=200)])
    business_id = StringField(_l("Business ID"), [Length(max=20)], render_kw={"class": "short"})
    sole_trader = BooleanField(_l("A sole trader: never suggested to others, the business ID is personal data"))
    type = SelectField(_l("Type"))
    size_class = SelectField(_l("Size"), description=_l("By headcount. Only companies have one."))
    municipality = SelectField(_l("Municipality"), default="")
    domains = TextAreaField(
        _l("E-mail domains"),
        description=_l("One a line, such as yritys.fi: who writes from there is taken to belong here."),
        render_kw={"rows": 3},
    )
    aliases = TextAreaField(_l("Other names"), description=_l("One a line."), render_kw={"rows": 3})

    def __init__(self, *args: Any, municipalities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type.choices = _choices(TYPES)
        self.size_class.choices = _choices(SIZES)
        self.municipality.choices = [SelectChoice(code, name) for code, name in [("", "–"), *municipalities]]

    def validate_business_id(self, field: Field) -> None:
        if field.data and business_id(field.data) is None:
            example = ytunnus.format("22528885")
            raise ValidationError(_("This is no Finnish business ID. Write it like %(example)s.", example=example))

    def validate_domains(self, field: Field) -> None:
        for domain in lines(field.data, lower=True):
            if not _DOMAIN.fullmatch(domain):
                raise ValidationError(_("%(domain)s is no domain.", domain=domain))
            if domain in SHARED_DOMAINS:
                raise ValidationError(_("Anybody may have an address at %(domain)s.", domain=domain))

    def validate_aliases(self, field: Field) -> None:
        if any(len(alias) > 200 for alias in lines(field.data)):  # noqa: PLR2004 - the column's length
            raise ValidationError(_("A name may have 200 signs at most."))

    def validate_size_class(self, field: Field) -> None:
        if field.data in {"micro", "small", "medium", "large"} and self.type.data not in {"company", "unknown"}:
            raise ValidationError(_("Only companies have a size."))


class ProjectForm(BaseForm):
    """A project: what it is, what counts for it, and its marks."""

    code = StringField(
        _l("Short name"),
        [DataRequired(_l("Give the project a short name.")), Length(max=60)],
        description=_l("Used in imports, reports and addresses."),
    )
    name_fi = StringField(_l("Name in Finnish"), [DataRequired(_l("Give the name in Finnish.")), Length(max=200)])
    name_sv = StringField(_l("Name in Swedish"), [Length(max=200)])
    name_en = StringField(_l("Name in English"), [Length(max=200)])
    funder = StringField(_l("Funder"), [DataRequired(_l("Name the funder.")), Length(max=200)])
    instrument = StringField(_l("Funding instrument"), [Length(max=100)], description=_l("Such as AKKE or ERDF."))
    starts_on = DateField(
        _l("Starts"),
        [InputRequired(_l("Give a date."))],
        format=["%Y-%m-%d", "%d.%m.%Y"],
        invalid_value_message=_l("There is no such date. Write it like 22.9.2026."),
    )
    ends_on = DateField(
        _l("Ends"),
        [InputRequired(_l("Give a date."))],
        format=["%Y-%m-%d", "%d.%m.%Y"],
        invalid_value_message=_l("There is no such date. Write it like 22.9.2026."),
    )
    target_regions = CheckboxesField(_l("Target regions"))
    counted_roles = CheckboxesField(_l("Who counts as a participation"))
    counted_kinds = CheckboxesField(_l("Which events count"))
    emblem = FileField(
        _l("Emblem"),
        description=_l("PNG, JPEG or WebP, at most 300 kB. It stands on event pages, in mails and on reports."),
    )
    drop_emblem = BooleanField(_l("Remove the emblem"))
    emblem_alt_fi = StringField(_l("What the emblem says, in Finnish"), [Length(max=200)])
    emblem_alt_sv = StringField(_l("What the emblem says, in Swedish"), [Length(max=200)])
    emblem_alt_en = StringField(_l("What the emblem says, in English"), [Length(max=200)])
    statement_fi = StringField(_l("Statement in Finnish"), [Length(max=500)])
    statement_sv = StringField(_l("Statement in Swedish"), [Length(max=500)])
    statement_en = StringField(_l("Statement in English"), [Length(max=500)])
    target_participations = IntegerField(TARGETS["participations"], [Optional(), NumberRange(0, 10_000_000)])
    target_persons = IntegerField(TARGETS["persons"], [Optional(), NumberRange(0, 10_000_000)])
    target_organisations = IntegerField(TARGETS["organisations"], [Optional(), NumberRange(0, 10_000_000)])
    target_person_hours = IntegerField(TARGETS["person_hours"], [Optional(), NumberRange(0, 10_000_000)])

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target_regions.choices = [SelectChoice(code, name) for code, name in regions]
        self.counted_roles.choices = _choices(ROLES)
        self.counted_kinds.choices = _choices(KINDS)


def lines(text: str | None, *, lower: bool = False) -> list[str]:
    """Return the lines of a text that are not empty, each once."""
    found = (" ".join(line.split()) for line in (text or "").splitlines())
    return list(dict.fromkeys(line.lower() if lower else line for line in found if line))


def _choices(words: Any) -> list[SelectChoice]:
    return [SelectChoice(code, str(name)) for code, name in words.items()]
