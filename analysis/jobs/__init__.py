"""Long work in its own process: it goes on when the browser closes or the server stops, and is found again.

`store.py` keeps the rows (SQLite), `launch.py` starts and cancels, `worker.py` is the process, `log.py` reads its log.
Nothing here imports a heavy library.
"""
