"""Runs every measurement and prints the table: work, measured, floor in the same run, ratio, target."""

import sys

from rich.console import Console
from rich.table import Table

from benchmarks import (
    imports,
    mail,
    memory,
    page,
    papers,
    participations,
    questions,
    redeem,
    registration,
    reminders,
    staff_list,
)
from benchmarks.harness import Figure, Skipped
from benchmarks.stage import stage

MEASUREMENTS = (
    memory.idle,
    page.measure,
    registration.measure,
    questions.measure,
    redeem.measure,
    staff_list.measure,
    papers.measure,
    mail.measure,
    memory.loaded,
    imports.measure,
    participations.measure,
    reminders.measure,  # the last: it leaves a million rows
)


def main() -> int:
    """Return 1 when a target is missed."""
    console = Console(stderr=True)
    figures: list[Figure] = []
    with console.status("setting the stage") as status, stage() as ready:
        for measurement in MEASUREMENTS:
            status.update(f"measuring {measurement.__module__.rpartition('.')[2]}")
            try:
                figures += measurement(ready)
            except Skipped as reason:
                console.print(f"skipped {measurement.__module__}: {reason}")
    table = Table("work", "measured", "floor", "ratio", "target", "", box=None)
    for figure in figures:
        table.add_row(
            figure.work, figure.measured, figure.floor, figure.ratio, figure.target, "met" if figure.met else "MISSED"
        )
    Console(width=200).print(table)
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
