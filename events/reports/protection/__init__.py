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

`scan` reads what the blocks are made of, the same few statements for any filters; `blocks` makes them; both are pure of
what is asked. `showing` says what may be shown of a report or a dashboard.
"""
