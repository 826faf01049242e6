"""Events with their sites, projects and themes; series of them."""

from enum import StrEnum

from piccolo.columns import (
    UUID,
    Array,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from events.core.clock import FINLAND
from events.core.copying import goes_along
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class Kind(StrEnum):
    """What sort of event it is."""

    MEETING = "meeting"
    WORKSHOP = "workshop"
    EXPERIENCE_EXCHANGE = "experience_exchange"


class EventState(StrEnum):
    """The stored states; that an event was held follows from time, that it is reconciled from its mark."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class WaitingList(StrEnum):
    """What happens when a site is full (design.md §5.4)."""

    AUTOMATIC = "automatic"
    OFFER = "offer"
    BY_HAND = "by_hand"
    NONE = "none"


class Access(StrEnum):
    """Who may register by themselves."""

    OPEN = "open"
    CODE = "code"
    INVITED = "invited"
    NAMED = "named"


class SiteMode(StrEnum):
    """How one attends at a site."""

    VENUE = "venue"
    ONLINE = "online"


class Series(Table, tablename="series", db=DB):
    """Events that are one event held again and again; each is an event of its own.

    `rule` is what an RFC 5545 RRULE says after its name, "" when the dates were picked. No event is made on the days
    `left_out`, local ones of the events.
    """

    id = UUID(primary_key=True)
    rule = Varchar(length=200, default="")
    left_out = Array(base_column=Date(), default=list)
    created_at = Timestamptz(default=TimestamptzNow())


class Event(Table, tablename="event", db=DB):
    """A meeting, workshop or experience exchange.

    `sequence` rises with every change that calendars must hear of, `start_revision` whenever the start moves,
    `version` with every edit at all: who saves on top of a newer version is told so. `changed_at` is when a published
    event last changed for its readers, `previous_starts_at` when it was to start before its last move. `offer_hours` is
    how long a place stays offered to who is next in line, `address_hours` how long one is held until its address is
    confirmed (None: no confirmation is asked). `access_code` is shared among people and read again by staff, so it
    stands there as it is; `named_organisations` and `named_regions` are for whom the event is where access is "named";
    `per_organisation` is how many registrations of one organisation may stand at a time (None: no limit). `series_day`
    is the local day that the series gave it, so that one moved by hand can be told from the others; `by_hand` are
    the marks of what was changed in this event of the series alone. `reminders_set_at` is when what its reminders go by
    last changed: its times, its agenda, its rules. `theme_group` is whose meeting it is,
    `invites_members` that the group's members are still to be invited to it;
    `invitation_reminders` says how many minutes before the start those are reminded who have not answered their
    invitation. `change_words` and `cancel_words` are what the organiser wrote beside the mails about the
    last change and about the cancellation. A `company_specific` event is aid to each company that took part, worth
    `aid_value` whole euros to each (de minimis, Regulation (EU) 2023/2831); other events are open to all alike.
    """

    id = UUID(primary_key=True)
    slug = Varchar(length=120, unique=True)
    kind = Varchar(length=30, choices=Kind)
    state = Varchar(length=10, choices=EventState, default=EventState.DRAFT)
    title_fi = Varchar(length=200, default="")
    title_sv = Varchar(length=200, default="")
    title_en = Varchar(length=200, default="")
    description_fi = Text(default="")
    description_sv = Text(default="")
    description_en = Text(default="")
    starts_at = Timestamptz(default=None, index=True)
    ends_at = Timestamptz(default=None)
    zone = Varchar(length=40, default=FINLAND)
    host_region = ForeignKey(
        references=LazyTableReference("Region", app_name="network"), null=False, on_delete=OnDelete.restrict
    )
    languages = Array(base_column=Varchar(length=2), default=list)
    registration_opens_at = Timestamptz(default=None, null=True)
    registration_closes_at = Timestamptz(default=None, null=True)
    waiting_list = Varchar(length=10, choices=WaitingList, default=WaitingList.AUTOMATIC)
    needs_approval = Boolean(default=False)
    offer_hours = SmallInt(default=24)
    address_hours = SmallInt(default=None, null=True)
    access = Varchar(length=10, choices=Access, default=Access.OPEN)
    access_code = Varchar(length=60, default="")
    named_organisations = Array(base_column=UUID(), default=list)
    named_regions = Array(base_column=Varchar(length=2), default=list)
    per_organisation = SmallInt(default=None, null=True)
    contact_name = Varchar(length=200, default="")
    contact_email = Varchar(length=254, default="")
    reminders_set_at = Timestamptz(default=None, null=True)
    survey_enabled = Boolean(default=False)
    materials = Text(default="")
    sequence = Integer(default=0)
    start_revision = Integer(default=0)
    version = Integer(default=0)
    published_at = Timestamptz(default=None, null=True)
    cancelled_at = Timestamptz(default=None, null=True)
    reconciled_at = Timestamptz(default=None, null=True)
    archived_at = Timestamptz(default=None, null=True)
    changed_at = Timestamptz(default=None, null=True)
    previous_starts_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=TimestamptzNow())
    series = ForeignKey(references=Series, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    series_day = Date(default=None, null=True)
    by_hand = Array(base_column=Varchar(length=80), default=list)
    theme_group = ForeignKey(
        references=LazyTableReference("ThemeGroup", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    invites_members = Boolean(default=False)
    invitation_reminders = Array(base_column=Integer(), default=list)
    change_words = Text(default="")
    cancel_words = Text(default="")
    company_specific = Boolean(default=False)
    aid_value = Integer(default=None, null=True)

    event_ends_after_start = Check("ends_at > starts_at")
    event_hours_positive = Check("offer_hours > 0 AND address_hours > 0")
    event_per_organisation_positive = Check("per_organisation > 0")
    event_aid_value_positive = Check("aid_value IS NULL OR (aid_value > 0 AND company_specific)")


class EventProject(Table, tablename="event_project", db=DB):
    """An event counts for a project."""

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade)
    project = ForeignKey(
        references=LazyTableReference("Project", app_name="network"), null=False, on_delete=OnDelete.restrict
    )

    event_project_once = Unique([event, project])


class EventTheme(Table, tablename="event_theme", db=DB):
    """An event is about a theme."""

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade)
    theme = ForeignKey(
        references=LazyTableReference("Theme", app_name="network"), null=False, on_delete=OnDelete.restrict
    )

    event_theme_once = Unique([event, theme])


class Site(Table, tablename="site", db=DB):
    """Where one attends.

    `taken` counts every registration that holds a place, `waiting` who stands in line, `line` is the last number given.
    `origin` is the same at its counterparts in the other events of a series. Since `closed_at` nobody comes to it any
    more: who is registered there leaves by hand.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade, index=True)
    mode = Varchar(length=10, choices=SiteMode)
    name = Varchar(length=200, default="")
    address = Varchar(length=300, default="")
    municipality = ForeignKey(
        references=LazyTableReference("Municipality", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    join_url = Varchar(length=500, default="")
    capacity = Integer(default=None, null=True)
    taken = Integer(default=0)
    waiting = Integer(default=0)
    line = Integer(default=0)
    position = SmallInt(default=0)
    origin = UUID()
    closed_at = Timestamptz(default=None, null=True)

    site_event_origin = Unique([event, origin])
    site_never_oversold = Check("taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)")


declare(Series, "rule", "left_out")
declare(
    Event,
    *("slug", "kind", "state"),
    *("title_fi", "title_sv", "title_en", "description_fi", "description_sv", "description_en"),
    *("zone", "languages", "waiting_list", "invitation_reminders", "materials"),
    *("access", "access_code", "named_organisations", "named_regions", "change_words", "cancel_words", "by_hand"),
    contact_name=Personal(Kept.EVIDENCE, "whom participants may ask; published"),
    contact_email=Personal(Kept.EVIDENCE, "whom participants may ask; published"),
)
declare(EventProject)
declare(EventTheme)
declare(Site, "mode", "name", "address", "join_url")

goes_along(
    Event,
    "",
    *("slug", "state", "sequence", "start_revision", "version", "series", "series_day", "by_hand"),
    *("published_at", "cancelled_at", "reconciled_at", "archived_at", "changed_at", "previous_starts_at"),
    *("invites_members", "reminders_set_at"),
    *("change_words", "cancel_words"),
    alike=(),
)
goes_along(EventProject, "event", alike=("project",))
goes_along(EventTheme, "event", alike=("theme",))
goes_along(Site, "event", "taken", "waiting", "line", "closed_at")
