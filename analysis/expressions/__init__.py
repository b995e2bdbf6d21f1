"""Filter expressions, such as ``label = "cat" and loss > 2``: text → tree → mask over the samples; nothing is executed.

The grammar, loosest first; words may be written in capitals, too:

    expression  = all { "or" all }
    all         = not { "and" not }
    not         = { "not" } part
    part        = "(" expression ")" | column [ test ] | function "(" text ")"
    test        = ("=" | "!=" | "<" | "<=" | ">" | ">=") (value | column)
                | ["not"] "in" "(" value { "," value } ")"
                | "is" ["not"] "missing"
                | "contains" text                     capitals or not
    value       = text in double quotes (JSON escapes) | number | "true" | "false"
    column      = a plain word | any name in backticks (a backtick in it is written twice)

A column alone is a test where it holds yes or no: ``not correct``.

Missing values follow SQL's three-valued logic (Kleene 1952): a test on a missing value is neither true nor false,
``not`` leaves it so, and only what is true passes. So ``camera != "b"`` leaves out samples without a camera; write
``camera != "b" or camera is missing`` to keep them. Missing are: null, empty text, and numbers that are not finite.
"""
