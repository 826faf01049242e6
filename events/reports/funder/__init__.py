"""Reports to a project's funder: indicators, texts and tables, frozen as they are handed in, with their evidence.

A correction is a new revision. Who may see persons reads all of them, with what differs. Other readers read the last
one alone, with the reason of the correction: each revision hides its own small groups, but the difference of two may be
one person ("persons 184, now 185"). What this does not hold back: whoever wrote the earlier figures down, or kept a
file of them, can still compare.
"""
