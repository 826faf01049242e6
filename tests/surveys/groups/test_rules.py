"""Into which cells people are put, counted by hand."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as some

from events.surveys.groups.rules import ENOUGH, Cell, cells, fitting, gets_label


def people(*groups: tuple[int, str, str, str]) -> list[Cell]:
    return [
        {"site": site, "language": language, "region": region}
        for number, site, language, region in groups
        for _each in range(number)
    ]


def counted(asked: list[Cell]) -> dict[tuple[tuple[str, str], ...], int]:
    return dict(Counter(tuple(sorted(cell.items())) for cell in cells(asked)))


def test_two_sites_of_enough_people_are_told_apart() -> None:
    assert counted(people((18, "hall", "fi", "06"), (20, "online", "fi", "06"))) == {
        (("site", "hall"),): 18,
        (("site", "online"),): 20,
    }


def test_a_group_in_which_too_few_would_be_left_is_not_told_apart() -> None:
    assert counted(people((60, "hall", "fi", "06"), (17, "online", "fi", "06"))) == {(): 77}


def test_what_all_have_alike_tells_nothing_and_is_no_label() -> None:
    assert counted(people((30, "hall", "fi", "06"), (30, "hall", "sv", "06"))) == {
        (("language", "fi"),): 30,
        (("language", "sv"),): 30,
    }


def test_two_labels_stand_together_only_where_enough_have_both() -> None:
    asked = people((30, "hall", "fi", ""), (30, "online", "fi", ""), (4, "hall", "sv", ""), (20, "online", "sv", ""))
    assert counted(asked) == {
        (("language", "fi"), ("site", "hall")): 30,
        (("language", "fi"), ("site", "online")): 30,
        (("language", "sv"), ("site", "online")): 20,
        (("site", "hall"),): 4,
    }


@given(
    some.lists(
        some.tuples(some.sampled_from("AB"), some.sampled_from(["fi", "sv"]), some.sampled_from(["", "01", "06"])),
        max_size=120,
    )
)
def test_no_label_of_a_cell_is_wrong_and_what_is_split_off_has_enough(asked: list[tuple[str, str, str]]) -> None:
    persons = [dict(zip(("site", "language", "region"), each, strict=True)) for each in asked]
    given_cells = cells(persons)
    for person, cell in zip(persons, given_cells, strict=True):
        assert all(label and person[by] == label for by, label in cell.items())
    for by in ("site", "language", "region"):
        for label, number in Counter(cell[by] for cell in given_cells if by in cell).items():
            assert number >= ENOUGH, label


def test_the_first_four_of_a_cell_get_no_label() -> None:
    assert [gets_label(answered) for answered in range(1, 7)] == [False, False, False, False, True, True]


def test_who_is_asked_later_comes_into_the_narrowest_cell_that_fits() -> None:
    known = [{"site": "hall"}, {"site": "hall", "language": "fi"}, {"site": "online"}]
    person = {"site": "hall", "language": "fi", "region": "06"}
    assert fitting(person, known) == 1
    assert fitting({**person, "language": "sv"}, known) == 0
    assert fitting({**person, "site": "elsewhere"}, known) is None
