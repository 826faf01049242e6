from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from events.core import secrets

SUBJECT = UUID(int=7)


def test_a_secret_depends_on_purpose_subject_and_generation() -> None:
    known = {
        secrets.derive("ticket", SUBJECT),
        secrets.derive("manage", SUBJECT),
        secrets.derive("ticket", SUBJECT, 1),
        secrets.derive("ticket", UUID(int=8)),
    }
    assert len(known) == 4
    assert secrets.derive("ticket", SUBJECT) == secrets.derive("ticket", SUBJECT)


@given(st.uuids())
def test_a_secret_has_no_look_alikes_and_full_length(subject: UUID) -> None:
    secret = secrets.derive("ticket", subject)
    assert len(secret) == secrets.SECRET_LENGTH
    assert not set(secret) & set("01oil")


def test_short_codes_spread_and_can_be_tried_again() -> None:
    subjects = [uuid4() for _ in range(300)]
    assert len({secrets.short_code(subject) for subject in subjects}) > 295
    assert secrets.short_code(SUBJECT, attempt=1) != secrets.short_code(SUBJECT)
