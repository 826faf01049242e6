"""What readers who may not see persons can be told, however many figures they ask for and put together.

All participations are put into blocks, none of which stands for fewer than five persons, and a figure is shown if it is
a sum of whole blocks. Whoever has all the figures of a day knows the blocks and no more: no sum or difference of them,
be it of two or of twenty, of pages, files or filters, is a part of a block.

- Participations of an event that count for the same projects are one atom: of an event the programme tells the day,
  kind, themes and host, so that figures by these are sums over events whose terms everybody knows. The projects and the
  half-year make a class.
- A class is told in lots (`lots`): on the first of a month, what was closed before it. As long as that is fewer than
  five persons, it waits for more, and is in no figure at all. Within a lot small months are put together, and within a
  month small events, each time with enough others that the sum tells none of them (`small_groups.to_hide`). A lot
  never changes, so that who writes these figures down and asks again later learns of lots and no more.
- Participants' regions, and their types and sizes of organisation, which depend on each other, are blocks of what was
  told of a class until the half-year had been over for a month (`lots.told_apart`): from then on it is told apart, once
  for ever. Small cells are put together with enough others. A figure by these is the sum of the blocks that lie wholly
  in its cell and in its filters; all others are one row, of those who are not told apart.
- How they attended is not shown: of an event on site alone, all were there.
- Different persons and organisations are shown where the persons who make the difference to another such figure are no
  small group either; and of totals alone. A report that is frozen shows those of its own period if they are five or
  more, and none if an overlapping one of its project was frozen before it.

What this does not hold back:

- Of different persons each day protects itself alone: the difference of this month's figure and last month's may be of
  fewer than five. It says that so many were new, of all events together that were told in between.
- The different persons of a frozen half-year, beside those of the year on the pages or of another project's report,
  tell how many came in the other half alone, or to one project alone; not from which region or organisation.
- A report is frozen as of its own day, in the middle of a month too: what was closed between two revisions, for who
  wrote the earlier one down, or between that day and the end of the month, may be few.
- When an event is opened again or corrected, the sums change with it. Two records of one person that are put together
  make one person less. A change of an event's projects or of a project's rules moves it to another class.
- That somebody is there is told from the first one on: a region that was reached, a hidden figure that is not nought.
- The network effect's links (of organisations) move month by month with no regard to what moves them.

`parts` and `persons` read what the blocks are made of, by the same few statements for any filters; `lots` and `blocks`
make them, pure of what is asked, and `scan` keeps them. `showing` says what may be shown of a report or a dashboard.
"""
