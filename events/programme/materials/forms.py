"""Forms of an event's materials."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar.datastructures import UploadFile
from wtforms import FileField, RadioField, SelectField, StringField, URLField
from wtforms.validators import Length

from events.core.forms import add_error, by_language, choices
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme.fields import clock_field, day_field, moment, web_address
from events.programme.materials.actions import Told
from events.programme.materials.tables import Audience
from events.programme.scopes import ScopeForm
from events.programme.words import AUDIENCES


class MaterialForm(ScopeForm):
    """What is said of a material: all that can be changed afterwards."""

    title_fi = StringField(_l("Title in Finnish"), [Length(max=200)])
    title_sv = StringField(_l("Title in Swedish"), [Length(max=200)])
    title_en = StringField(_l("Title in English"), [Length(max=200)])
    audience = RadioField(_l("Who may open it"), default=Audience.EVERYONE.value)
    item = SelectField(_l("Belongs to"), default="")
    visible_day = day_field(_l("Visible from"), required=False, description=_l("Empty: at once."))
    visible_time = clock_field(_l("At"), required=False)

    visible_from: datetime | None = None

    def __init__(self, *args: Any, zone: str, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.item.choices = choices([("", _("The whole event")), *items])
        self.audience.choices = choices((circle, str(name)) for circle, name in AUDIENCES.items())

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.only_language_changes:
            return False
        if self.visible_time.data and not self.visible_day.data and not self.visible_day.errors:
            add_error(self.visible_day, _("Give a date."))
        if self.visible_day.data and not self.visible_time.data and not self.visible_time.errors:
            add_error(self.visible_time, _("Give a time."))
        self.visible_from = moment(self.visible_day, self.visible_time, self.zone)
        return not self.errors

    def told(self) -> Told:
        """Return what a valid form says."""
        titles = by_language(self, "title")
        item = UUID(self.item.data) if self.item.data else None
        return Told(titles, Audience(self.audience.data), item, self.visible_from)


class NewMaterialForm(MaterialForm):
    """A new material: a file or a link."""

    file = FileField(
        _l("File"),
        description=_l(
            "PDF, PNG, JPEG, a document of Office or LibreOffice without macros, text or CSV; at most 50 MB."
        ),
    )
    url = URLField(_l("Or a link"), [Length(max=500), web_address])

    def upload(self) -> UploadFile | None:
        """Return the file that was sent; None when none was chosen."""
        return next((each for each in self.file.raw_data or [] if isinstance(each, UploadFile)), None)

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.only_language_changes:
            return False
        if self.upload() is None and not self.url.data and not self.url.errors:
            add_error(self.file, _("Choose a file, or write a link."))
        if self.upload() is not None and self.url.data:
            add_error(self.url, _("Either a file or a link: add them one after the other."))
        return not self.errors
