"""Counts and durations of what the server does, in Prometheus' text format at ``/metrics``."""

import time
from collections import Counter
from collections.abc import Iterable

import psutil
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analysis.jobs.job import JobState
from app.access.paths import below_prefix
from app.queries import jobs
from app.queries.run_list import list_runs

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Ids of runs and samples would make a time series each: only the kind of an address is counted.
_KINDS = (
    ("/csv/", "csv"), ("/thumbnails/", "picture"), ("/reruns/", "picture"), ("/map/", "map"), ("/api/", "api"),
    ("/s/", "short_link"), ("/_stcore/", "streamlit"), ("/static/", "asset"), ("/auth/", "login"), ("/login", "login"),
)  # fmt: skip

registry = CollectorRegistry()
_REQUESTS = Histogram(
    "faultline_request_seconds",
    "Time until an answer has been sent",
    ["kind", "status"],
    registry=registry,
    buckets=(0.005, 0.02, 0.1, 0.3, 1, 3, 10, 60),
)


class _Now(Collector):
    """What is looked up when somebody asks."""

    def collect(self) -> Iterable[Metric]:
        """Runs, jobs by state, memory and open files of this process."""
        counts = Counter(job.state for job in jobs.newest(1000))
        family = GaugeMetricFamily("faultline_jobs", "Jobs by state, of the newest 1,000", labels=["state"])
        for state in JobState:
            family.add_metric([state.value], counts[state])
        yield family
        yield GaugeMetricFamily("faultline_runs", "Runs in the runs folder", value=len(list_runs()))
        process = psutil.Process()
        memory = process.memory_info().rss
        yield GaugeMetricFamily("faultline_memory_bytes", "Resident memory of the server", value=memory)
        yield GaugeMetricFamily("faultline_threads", "Threads of the server", value=process.num_threads())


registry.register(_Now())


def metrics_text() -> bytes:
    """Everything, in the text format."""
    return bytes(generate_latest(registry))


class Measured:
    """ASGI middleware that times every answer by kind and status."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note when its answer ends."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            _REQUESTS.labels(kind(scope["path"]), str(status)).observe(time.perf_counter() - began)


def kind(path: str) -> str:
    """The kind of an address; one of a dozen words whatever is asked for."""
    inside = below_prefix(path)
    return next((name for part, name in _KINDS if part in inside), "page")
