"""The network effect: which regions' organisations met, who bridges them, who came back, what was reached and held.

`rules` counts links in memory from the organisations of each event, `reading` is the SQL, `kept` remembers counts until
something they depend on changes, `figures` puts all together from one snapshot, `seen_by` decides what a reader without
the right to see persons gets. `words` holds the definitions.
"""
