"""Fifty people at once on a run of 50,000 × 8,000: real websocket sessions against a real server.

Run by hand: ``python -m tests.benchmarks.fifty_people [--people 50] [--seconds 90] [--root FOLDER]``. Each person opens
a page, then does something again after so many seconds, uniform: 2 to 6, which is somebody who clicks through without
reading; 5 to 10, which is somebody who looks at what came; and none, which is as much as the server can answer. They
search a class, turn an order around, open a class that nobody has opened before, or a page; the page's own polling goes
on as in a browser. A rerun is measured from the message of the browser to the
server's `script_finished`, so the time to draw is not in it. Pictures are not fetched. Clients and server share the
machine; processor time beside the clock tells what other work on it did.
"""

import argparse
import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks.large_run import write_large_run
from tests.browser.conftest import serve, stop

CLASSES = 8_000
PAGES = ("", "checklist", "logits", "classes", "examples", "clusters")
HURRIED, READING = (2.0, 6.0), (5.0, 10.0)
AT_ONCE = (0.0, 0.0)


class Person:
    """One browser tab: what it was told, and what it sends back."""

    def __init__(self, address: str, seed: int, think: tuple[float, float] = HURRIED) -> None:
        self._address = address.replace("http", "ws") + "/_stcore/stream"
        self._chance, self._think = random.Random(seed), think
        self._page, self._query, self._hash, self._shown = "", "run=large", "", ""
        self._widgets: dict[str, tuple[str, str]] = {}  # key → id, kind of value
        self._values: dict[str, Any] = {}
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._finished = asyncio.Event()
        self.times: list[float] = []
        self.polls = 0
        self.errors: list[str] = []

    async def live(self, until: float) -> None:
        """Connect, look around until then, leave."""
        try:
            async with websockets.connect(self._address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
                listening = asyncio.create_task(self._listen(socket))
                await self._act(socket)
                while time.monotonic() < until:
                    await asyncio.sleep(self._chance.uniform(*self._think))
                    self._choose()
                    await self._act(socket)
                for poll in self._polls.values():
                    poll.cancel()
                listening.cancel()
        except Exception as error:  # a person who is thrown out is an error of the server's
            self.errors.append(repr(error))

    def _choose(self) -> None:
        what = self._chance.random()
        if what < 0.4 and f"{_prefix(self._page)}reverse" in self._widgets:
            key = f"{_prefix(self._page)}reverse"
            self._values[key] = not self._values.get(key, False)
        elif what < 0.7 and self._page == "classes" and "cls_text" in self._widgets:
            self._values["cls_text"] = str(self._chance.randrange(CLASSES))
        elif what < 0.85:
            self._go("classes", f"&cls={self._chance.randrange(CLASSES)}")
        else:
            self._go(self._chance.choice(PAGES), "")

    def _go(self, page: str, query: str) -> None:
        self._page, self._query, self._hash = page, f"run=large{query}", ""
        self._values.clear()
        self._widgets.clear()
        for poll in self._polls.values():
            poll.cancel()
        self._polls.clear()

    async def _act(self, socket: Any) -> None:
        self._finished.clear()
        began = time.perf_counter()
        await socket.send(self._message().SerializeToString())
        try:
            await asyncio.wait_for(self._finished.wait(), 60)
        except TimeoutError:
            self.errors.append(f"no answer for a minute on /{self._page}?{self._query}")
        if self._shown != self._page:
            self.errors.append(f"/{self._shown} instead of /{self._page}")
        self.times.append(time.perf_counter() - began)

    def _message(self, fragment: str = "") -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self._query, self._page, self._hash
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        for key, value in self._values.items():
            widget = state.widget_states.widgets.add(id=self._widgets[key][0])
            setattr(widget, self._widgets[key][1], value)
        return message

    async def _listen(self, socket: Any) -> None:
        async for raw in socket:
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._hash = message.navigation.page_script_hash
                pages = {page.page_script_hash: page for page in message.navigation.app_pages}
                self._shown = "" if pages[self._hash].is_default else pages[self._hash].url_pathname
            elif kind == "delta":
                self._learn(message)
            elif kind == "auto_rerun":
                self._poll(socket, message.auto_rerun)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._finished.set()

    def _learn(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception" or "went wrong on our side" in element.markdown.body + element.alert.body:
            self.errors.append(f"a failure on /{self._page}?{self._query}: {element}"[:300])
        if kind == "checkbox" and element.checkbox.query_param_key:
            self._widgets[element.checkbox.query_param_key] = (element.checkbox.id, "bool_value")
        if kind == "text_input" and element.text_input.query_param_key:
            self._widgets[element.text_input.query_param_key] = (element.text_input.id, "string_value")

    def _poll(self, socket: Any, asked: Any) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(asked.interval)
                await socket.send(self._message(asked.fragment_id).SerializeToString())
                self.polls += 1

        if asked.fragment_id not in self._polls:
            self._polls[asked.fragment_id] = asyncio.create_task(again())


def _prefix(page: str) -> str:
    return {"classes": "cls_", "examples": "ex_"}.get(page, "-")


async def crowd(
    address: str, people: int, seconds: float, server: psutil.Process, think: tuple[float, float] = HURRIED
) -> tuple[list[Person], float]:
    """All of them, arriving within ten seconds; and the server's memory at the end, in MB, while they are there."""
    until = time.monotonic() + seconds
    crowded = [Person(address, seed, think) for seed in range(people)]

    async def arrive(person: Person, after: float) -> None:
        await asyncio.sleep(after)
        await person.live(until)

    tasks = [asyncio.create_task(arrive(person, 10 * n / people)) for n, person in enumerate(crowded)]
    await asyncio.sleep(seconds - 1)
    memory = server.memory_info().rss / 1e6
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*tasks), 120)
    return crowded, memory


def main() -> None:
    """Serve the run, warm it by one person, let the others in, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--root", type=Path, help="where to keep the run; default: a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = given.root or Path(temporary)
        if not (root / "large" / "run.json").is_file():
            write_large_run(root / "large", samples=50_000, classes=CLASSES)
        process, address = serve(root, Path(temporary) / "log")
        server = psutil.Process(process.pid)
        try:
            asyncio.run(crowd(address, 1, 10, server))  # imports and first reads are nobody's rerun
            alone = _processor(server)
            (one,), before = asyncio.run(crowd(address, 1, given.seconds / 2, server))
            print(f"one person: {_words(one.times)}, server {before:.0f} MB, load {psutil.getloadavg()[0]:.1f}")
            alone = _processor(server) - alone
            print(f"  {1000 * alone / len(one.times):.0f} ms of processor a rerun, {one.polls} polls included")
            after = _tell(address, given, server, HURRIED)
            _tell(address, given, server, READING)
            _tell(address, given, server, AT_ONCE)
        finally:
            stop(process)
    print(f"{(after - before) / (given.people - 1):.1f} MB a session")


def _tell(address: str, given: argparse.Namespace, server: psutil.Process, think: tuple[float, float]) -> float:
    """Let the people in, who think so long, and print what they met; the server's memory then, in MB."""
    spent = _processor(server)
    people, memory = asyncio.run(crowd(address, given.people, given.seconds, server, think))
    spent = _processor(server) - spent
    times = [seconds for person in people for seconds in person.times]
    errors = [error for person in people for error in person.errors]
    polls = sum(person.polls for person in people)
    thinking = f"thinking {think[0]:g} to {think[1]:g} s" if any(think) else "asking as fast as they are answered"
    print(f"{given.people} people, {thinking}: {_words(times)}, server {memory:.0f} MB")
    print(
        f"  {len(times) / given.seconds:.1f} reruns/s; {1000 * spent / len(times):.0f} ms of processor a rerun, "
        f"{polls} polls included; {spent / given.seconds:.2f} cores busy"
    )
    print(
        f"  load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores; {len(errors)} errors {errors[:3]}",
        flush=True,
    )
    return memory


def _processor(process: psutil.Process) -> float:
    """Seconds of processor time so far; other work on the machine does not lengthen them."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _words(times: list[float]) -> str:
    ordered = sorted(times)
    return (
        f"{len(times)} reruns, median {1000 * statistics.median(times):.0f} ms, "
        f"95th percentile {1000 * ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms, most {1000 * ordered[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
