"""The network: regions, municipalities, organisations, persons, themes and projects."""

from enum import StrEnum

from piccolo.columns import UUID, Array, Boolean, Date, ForeignKey, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB, Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class OrganisationType(StrEnum):
    """What kind of organisation takes part."""

    COMPANY = "company"
    MUNICIPALITY = "municipality"
    REGIONAL_COUNCIL = "regional_council"
    UNIVERSITY = "university"
    RESEARCH = "research"
    EDUCATION = "education"
    DEVELOPMENT = "development"
    STATE = "state"
    ASSOCIATION = "association"
    OTHER = "other"
    UNKNOWN = "unknown"


class SizeClass(StrEnum):
    """Size by headcount (2003/361/EC); only companies have one."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    NONE = "none"
    UNKNOWN = "unknown"


class Region(Table, tablename="region", db=DB):
    """A maakunta, by its official two-digit code."""

    code = Varchar(length=2, primary_key=True)
    nuts3 = Varchar(length=5)
    name_fi = Varchar(length=60)
    name_sv = Varchar(length=60)
    name_en = Varchar(length=60)
    year = SmallInt()


class Municipality(Table, tablename="municipality", db=DB):
    """A kunta, by its official three-digit code, as the classification of `year` has it."""

    code = Varchar(length=3, primary_key=True)
    name_fi = Varchar(length=60)
    name_sv = Varchar(length=60)
    region = ForeignKey(references=Region, null=False, on_delete=OnDelete.restrict)
    year = SmallInt()


class Organisation(Table, tablename="organisation", db=DB):
    """An organisation that people belong to; `folded` is the name as it is compared."""

    id = UUID(primary_key=True)
    name = Varchar(length=200)
    folded = Varchar(length=200, index=True)
    business_id = Varchar(length=9, default=None, null=True, unique=True)
    sole_trader = Boolean(default=False)
    type = Varchar(length=20, choices=OrganisationType, default=OrganisationType.UNKNOWN)
    size_class = Varchar(length=10, choices=SizeClass, default=SizeClass.UNKNOWN)
    municipality = ForeignKey(references=Municipality, null=True, default=None, on_delete=OnDelete.restrict)
    country = Varchar(length=2, default="FI")
    domains = Array(base_column=Varchar(length=100), default=list)
    merged_into = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=TimestamptzNow())


class OrganisationAlias(Table, tablename="organisation_alias", db=DB):
    """Another name under which an organisation is known."""

    id = UUID(primary_key=True)
    organisation = ForeignKey(references=Organisation, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=200)
    folded = Varchar(length=200, unique=True)


class Person(Table, tablename="person", db=DB):
    """Someone who takes part; recognised by address and folded name together, as several may share one address."""

    id = UUID(primary_key=True)
    given_name = Varchar(length=100)
    family_name = Varchar(length=100, default="")
    folded = Varchar(length=220)
    email = Varchar(length=254, default=None, null=True)
    language = Varchar(length=2, default="fi")
    organisation = ForeignKey(references=Organisation, null=True, default=None, on_delete=OnDelete.restrict)
    merged_into = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.restrict)
    erased_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=TimestamptzNow())

    person_email_folded = Unique([email, folded])


class Theme(Table, tablename="theme", db=DB):
    """A subject of the network."""

    code = Varchar(length=40, primary_key=True)
    name_fi = Varchar(length=100)
    name_sv = Varchar(length=100)
    name_en = Varchar(length=100)


class ThemeGroup(Table, tablename="theme_group", db=DB):
    """A standing group of a theme.

    `region` hosts its meetings, which count for `project`; `join_url` is where the first of them is held.
    """

    id = UUID(primary_key=True)
    theme = ForeignKey(references=Theme, null=False, on_delete=OnDelete.restrict)
    region = ForeignKey(references=Region, null=False, on_delete=OnDelete.restrict)
    name_fi = Varchar(length=200)
    name_sv = Varchar(length=200, default="")
    name_en = Varchar(length=200, default="")
    join_url = Varchar(length=500, default="")
    project = ForeignKey(
        references=LazyTableReference("Project", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    created_at = Timestamptz(default=TimestamptzNow())


class GroupMember(Table, tablename="group_member", db=DB):
    """Someone's time in a theme group, for an organisation; `ends_on` is the last day, None while it goes on."""

    id = UUID(primary_key=True)
    theme_group = ForeignKey(references=ThemeGroup, null=False, on_delete=OnDelete.cascade)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    organisation = ForeignKey(references=Organisation, null=True, default=None, on_delete=OnDelete.restrict)
    chair = Boolean(default=False)
    starts_on = Date(default=None)
    ends_on = Date(default=None, null=True)


class Project(Table, tablename="project", db=DB):
    """A funded project; which roles and event kinds count is what its reports go by."""

    id = UUID(primary_key=True)
    code = Varchar(length=60, unique=True)
    name_fi = Varchar(length=200)
    name_sv = Varchar(length=200, default="")
    name_en = Varchar(length=200, default="")
    funder = Varchar(length=200)
    instrument = Varchar(length=100)
    starts_on = Date(default=None)
    ends_on = Date(default=None)
    target_regions = Array(base_column=Varchar(length=2), default=list)
    counted_roles = Array(base_column=Varchar(length=20), default=list)
    counted_kinds = Array(base_column=Varchar(length=30), default=list)
    targets = JSONB(default="{}")
    statement_fi = Text(default="")
    statement_sv = Text(default="")
    statement_en = Text(default="")
    emblem = Bytea(default=None, null=True)
    emblem_type = Varchar(length=30, default="")
    emblem_alt_fi = Varchar(length=200, default="")
    emblem_alt_sv = Varchar(length=200, default="")
    emblem_alt_en = Varchar(length=200, default="")


declare(Region, "code", "nuts3", "name_fi", "name_sv", "name_en")
declare(Municipality, "code", "name_fi", "name_sv")
declare(
    Organisation,
    "type",
    "size_class",
    "country",
    "domains",
    name=Personal(Kept.ORGANISATION, "a sole trader's name may be a person's"),
    folded=Personal(Kept.ORGANISATION, "comparing names"),
    business_id=Personal(Kept.ORGANISATION, "a sole trader's is personal data"),
)
declare(
    OrganisationAlias,
    name=Personal(Kept.ORGANISATION, "recognising an organisation"),
    folded=Personal(Kept.ORGANISATION, "comparing names"),
)
declare(
    Person,
    "language",
    given_name=Personal(Kept.CONTACT, "addressing and recognising the person"),
    family_name=Personal(Kept.CONTACT, "addressing and recognising the person"),
    folded=Personal(Kept.CONTACT, "recognising the person"),
    email=Personal(Kept.CONTACT, "writing about the person's registrations"),
)
declare(Theme, "code", "name_fi", "name_sv", "name_en")
declare(ThemeGroup, "name_fi", "name_sv", "name_en", "join_url")
declare(GroupMember)
declare(
    Project,
    *(
        "code",
        "name_fi",
        "name_sv",
        "name_en",
        "funder",
        "instrument",
        "target_regions",
        "counted_roles",
        "counted_kinds",
    ),
    *("targets", "statement_fi", "statement_sv", "statement_en", "emblem", "emblem_type"),
    *("emblem_alt_fi", "emblem_alt_sv", "emblem_alt_en"),
)
