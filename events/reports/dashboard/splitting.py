"""Cells that a period would cut in two so that a small group is the difference of two periods."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from events.core.replica import snapshot
from events.core.small_groups import to_hide
from events.reports.counting import found
from events.reports.filters import Filters, Reach

_AXES = ("region", "organisation_type", "size_class", "event_kind", "site_mode")

_VALUES = ", ".join(f"('{name}', counted.{name}::text)" for name in _AXES)

_BY_MONTH = f"""
{found.FOUND}
SELECT axis.by, axis.code, counted.month, count(DISTINCT counted.person) AS persons
FROM counted CROSS JOIN LATERAL (VALUES {_VALUES}) AS axis (by, code) GROUP BY 1, 2, 3
""" + "".join(
    f"UNION ALL SELECT '{name}', {cell}, counted.month, count(DISTINCT counted.person) FROM counted {join}"
    " GROUP BY 1, 2, 3\n"
    for name, (cell, join) in found.OVERLAPPING.items()
)


async def split_cells(filters: Filters, reach: Reach, inside: Callable[[str], bool]) -> Mapping[str, set[str]]:
    """Return, for each break-down, the cells of whose months a period holds some that must hide, but not all.

    The months of a cell hide as those of a whole report do. `inside` says of a month, as 2026-09, whether the period
    holds it; `filters` are taken without their period.
    """
    async with snapshot() as connection:
        rows = await connection.fetch(_BY_MONTH, *found.arguments(replace(filters, start=None, end=None), reach))
    months: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in rows:
        months[row["by"], row["code"]][f"{row['month'] // 100}-{row['month'] % 100:02}"] = row["persons"]
    split: dict[str, set[str]] = defaultdict(set)
    for (by, code), sizes in months.items():
        named = list(sizes)
        hidden = {named[place] for place in to_hide(list(sizes.values()))}
        if len({inside(month) for month in hidden}) > 1:
            split[by].add(code)
    return split
