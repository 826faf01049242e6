"""Words that staff gave to free texts."""

from piccolo.columns import UUID, ForeignKey, OnDelete, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare
from events.surveys.tables import Survey


class SurveyTag(Table, tablename="survey_tag", db=DB):
    """A word that staff gave to a free text of a survey.

    The text is told by what it says (SHA-256), never by an answer's row: equal texts have the same tags, and a tag
    stays while an anonymous answer moves about. No time, nobody's name.
    """

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    question = Varchar(length=40)
    text_hash = Bytea()
    tag = Varchar(length=60)

    survey_tag_once = Unique([survey, question, text_hash, tag])


declare(
    SurveyTag,
    "question",
    "text_hash",
    tag=Personal(Kept.SURVEY, "words by which staff sort free texts"),
)
stays_behind(SurveyTag)
