"""Faultline's library: a checkpoint and a validation set in, a named cause out.

The flow of data: ``spec`` → ``models`` + ``datasets`` → ``inference`` (with ``reducers``) → ``runs`` → ``reports`` +
``embedding`` → ``diagnosis`` + ``hypotheses`` → ``exports``. ``pipeline`` holds the order, ``__main__`` the commands.
"""
