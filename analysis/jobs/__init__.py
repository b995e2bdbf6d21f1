"""Long work in its own process: it goes on when the browser closes or the server stops, and is found again.

`store.py` keeps the rows (SQLite), `launch.py` starts them in turn and cancels, `alive.py` notices what vanished,
`worker.py` is the process, `news.py` tells how far it is, `log.py` reads its log. Nothing here loads torch.
"""
