"""The server is killed (−9) in the middle of a hundred edits: whatever a session was shown as saved is there."""

import os
import random
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from analysis.investigations.store import InvestigationStore
from analysis.runs.identity import run_identity
from analysis.runs.run import Run
from tests.browser.conftest import serve, stop
from tests.exploring import make_explored_run
from tests.postgres import running

WRITERS, EDITS = 4, 25
PATIENCE = 60.0


class Session:
    """A websocket session on the page of one class, as a browser holds it."""

    def __init__(self, socket: ClientConnection, query: str) -> None:
        self._socket, self._query, self._hash = socket, query, ""
        self._ids: dict[str, str] = {}  # the end of a widget's key → its id
        self.said = ""

    def run(self, **widgets: str | bool) -> None:
        """One rerun with these widgets set, by the end of their keys; then `said` is what the page says in HTML."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self._query, "classes", self._hash
        for key, value in widgets.items():
            widget = state.widget_states.widgets.add(id=self._ids[key])
            if isinstance(value, str):
                widget.string_value = value
            else:
                widget.trigger_value = value
        self._socket.send(message.SerializeToString())
        self.said, self._ids = "", {}
        while not self._take(ForwardMsg.FromString(self._socket.recv(timeout=PATIENCE, decode=False))):
            pass

    def _take(self, message: ForwardMsg) -> bool:
        """Learn from a message; True where it ends the rerun."""
        if message.WhichOneof("type") == "navigation":
            self._hash = message.navigation.page_script_hash
        element = message.delta.new_element
        self.said += element.html.body
        for widget in (element.button, element.text_area):
            for key in ("edit", "text", "save"):
                if re.search(rf"-note_class_\d+_{key}_[0-9a-f]+$", widget.id):
                    self._ids[key] = widget.id
        return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY and (
            message.WhichOneof("type") == "script_finished"
        )


@contextmanager
def session(address: str, number: int) -> Iterator[Session]:
    """A session on the page of a class."""
    stream = address.replace("http", "ws") + "/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        yield Session(socket, f"run=full&cls={number}")


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "SQLite":
        yield f"sqlite:///{tmp_path / 'notes.sqlite'}"
    else:
        with running() as postgres:
            yield postgres.url()


def test_what_was_shown_as_saved_is_there_after_a_kill(tmp_path: Path, database: str) -> None:
    root = tmp_path / "runs"
    make_explored_run(root / "full")
    environment = {"FAULTLINE_DATABASE": database}
    server, address = serve(root, tmp_path / "log", environment=environment)
    acknowledged: dict[int, list[str]] = {number: [] for number in range(WRITERS)}
    failures: list[BaseException] = []
    enough = threading.Semaphore(0)

    def write(number: int) -> None:
        try:
            with session(address, number) as page:
                page.run()
                for edit in range(EDITS):
                    words = f"edit {edit} of writer {number}"
                    page.run(edit=True)
                    page.run(text=words, save=True)
                    assert words in page.said
                    acknowledged[number].append(words)
                    enough.release()
        except (ConnectionClosed, ConnectionError):
            pass  # killed
        except BaseException as failure:  # told by the test itself
            failures.append(failure)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(random.randrange(20, 60)):
        if not enough.acquire(timeout=PATIENCE):
            break
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    for writer in writers:
        writer.join()
    assert not failures, failures
    saved = sum(map(len, acknowledged.values()))
    assert 20 <= saved < WRITERS * EDITS
    server, address = serve(root, tmp_path / "log", environment=environment)
    try:
        for number, words in acknowledged.items():
            with session(address, number) as page:
                page.run()
            under_way = f"edit {len(words)} of writer {number}"  # sent, and not answered any more
            assert not words or words[-1] in page.said or under_way in page.said
    finally:
        stop(server)
    with InvestigationStore(database) as store:
        changes = store.history(run_identity(Run.open(root / "full").meta), kind="note", limit=None)
    there = [change.after["text"] for change in changes if change.after is not None]
    assert len(there) == len(set(there))
    assert {words for written in acknowledged.values() for words in written} <= set(there)
