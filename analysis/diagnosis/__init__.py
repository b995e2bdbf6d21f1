"""The checklist engine: halves, significance, repairs, verdicts, ranking and explaining-away.

A hypothesis says what to look at and what undoing its fault would do; everything that could let it fool itself
(which samples it is fitted on, which it is scored on, what counts as proof) belongs to this package.
"""
