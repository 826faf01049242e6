"""The dashboard: the network's figures at a glance, over any filter.

`shapes` is what it consists of, `figures` makes it, `kept` remembers counts until something they depend on changes,
`seen_by` decides what a reader without the right to see persons gets.
"""
