"""Counting participations: exact, over a million of them, with any filter, in a few passes.

What makes it fast is three columns that PostgreSQL itself derives from each frozen row (`GENERATED ALWAYS`, so they
cannot drift from it): `cells`, one bit for each break-down the row stands in; `month`; `counts_as`, its kind of event
and role as one number. A pass reads the table once, finds the row's event in a hash table of chosen events and
gathers the bits of each person (or organisation) with `bit_or`; the different persons of every cell are then counted
by looking at some hundred thousand words of bits instead of sorting a million rows for each break-down. There are no
summary rows to be kept up, no index that counting depends on, and no order in which things must happen.

`layout` says which bit is which cell, `choice` chooses the events, `passes` is the SQL, `tally` runs it and returns
the figures, `found` names single participations (rows behind a figure).
"""
