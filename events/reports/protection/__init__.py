"""What readers who may not see persons can be told, however many figures they ask for and put together.

All participations are put into blocks, none of which stands for fewer than five persons, and a figure is shown if it is
a sum of whole blocks. Whoever has all the figures knows the blocks and no more: no sum or difference of figures, be it
of two or of twenty, of pages, files or filters, is a part of a block.

- Participations of an event that count for the same projects are one atom: of an event the programme tells the day,
  kind, themes and host, so that figures by these are sums over events whose terms everybody knows. The projects and the
  year make a class. Within a class small months are put together, and within a month small events, each time with
  enough others that the sum tells none of them (`small_groups.to_hide`); small classes likewise.
- Participants' regions, and their types and sizes of organisation, which depend on each other, are blocks of a class
  each. So figures by these are shown of whole classes alone: of all time, of whole years, of a project.
- How they attended is not shown: of an event on site alone, all were there.
- Different persons and organisations are shown where the persons who make the difference to another such figure are no
  small group either; and of totals alone.

Who writes figures down gains nothing by asking again later:

- Events are added on the first of a month, those that were closed before it; as long as they are fewer than five
  persons, they wait for more. What is added at once is parted into blocks by itself, so a block never changes.
- By region, type, size and different persons a year is shown from March after it (`scan.settled`), and no longer once
  anything of it is opened again, corrected, or closed late. It is the same each time, or hidden.

What this does not hold back: when an event is opened again or corrected, its number of participations changes, and
so do the sums with it; nobody is told of which region or organisation the difference is. An event that joined a small
one in a block may then stand alone. Two records of one person that are put together make one person less. A change of
an event's projects or of a project's rules moves it to another class. A report is frozen as of its own day, and each
revision stays. That a region has anybody at all is told from the first one on. The network effect's links (of
organisations) move month by month with no regard to what moves them.

`scan` reads what the blocks are made of, the same few statements for any filters; `blocks` makes them; both are pure of
what is asked. `showing` says what may be shown of a report or a dashboard.
"""
