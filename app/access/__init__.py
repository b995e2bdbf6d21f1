"""Who may do what, and what every request must pass before a page sees it.

`settings.py` reads what the administrator set, `login.py` the signed cookie, `roles.py` turns claims into a role,
`gate.py` keeps everything behind the login, `hosts.py`, `limits.py` and `headers.py` guard every answer, `audit.py`
writes down who did what.
"""
