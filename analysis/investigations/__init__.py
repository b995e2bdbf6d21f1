"""What people add to runs, apart from the immutable run directories: verdicts of their own, notes, tags, views.

`item.py` says what is kept, `store.py` reads and writes it, `step.py` and `undoing.py` are how, `database.py` knows
SQLite and PostgreSQL, `schema.py` the tables and how older ones become them, `values.py` what may be kept.
"""
