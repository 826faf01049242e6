import ast
from pathlib import Path

EVENTS = Path(__file__).parents[2] / "events"
TO_STAFF = {"accounts/letters.py", "checkin/letters.py", "outreach/letters.py", "outreach/digest/letters.py"}
"""Modules whose letters no participant gets."""


def letters(path: Path) -> list[ast.Call]:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Letter"]


def test_who_answers_a_letter_to_a_participant_writes_to_the_events_contact() -> None:
    made = {str(path.relative_to(EVENTS)): letters(path) for path in EVENTS.rglob("*.py")}
    found = {name: calls for name, calls in made.items() if calls and name not in TO_STAFF}
    assert "registration/letters.py" in found
    for name, calls in found.items():
        for call in calls:
            answered = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}.get("reply_to", "")
            assert answered.endswith(".contact_email"), name
