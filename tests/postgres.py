"""A PostgreSQL server of our own, thrown away afterwards: an empty cluster in a temporary folder."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
_FAST = "-c fsync=off -c full_page_writes=off"  # nothing here has to survive a power cut


class Postgres:
    """A running server. It refuses root, so where the tests are root it belongs to `postgres` or `nobody`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def url(self, database: str = "postgres") -> str:
        """Address of a database."""
        return f"postgresql://tester@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster."""
        if os.getuid() == 0:
            shutil.chown(self._folder, _account())
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8",
                  "--locale=C")  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} {_FAST}"
        self._control("start", "-l", str(self._folder / "log"), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; open connections are cut."""
        self._control("stop", "-m", mode)

    def _control(self, what: str, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", what, *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.getuid() == 0:
            command = ["setpriv", f"--reuid={_account()}", f"--regid={_account()}", "--clear-groups", *command]
        output = self._folder.parent / f"{self._folder.name}.output"
        with output.open("ab") as log:  # not a pipe: the server would keep it open
            done = subprocess.run(
                command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder
            )
        if done.returncode:
            pytest.fail(f"{program} failed:\n{output.read_text('utf-8', errors='replace')[-3000:]}")


@contextmanager
def running() -> Iterator[Postgres]:
    """A server for the length of a block.

    Without the programs the test is skipped and says so; where CI is set it fails, since there none may be skipped.
    """
    programs = _programs()
    if programs is None:
        reason = f"no PostgreSQL here (looked for initdb on the path and in {', '.join(_PLACES)})"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="faultline-postgres-"))
    server = Postgres(folder, programs)
    try:
        server.create()
        server.start()
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_name(f"{folder.name}.output").unlink(missing_ok=True)


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = [Path(place) for pattern in _PLACES for place in sorted(Path("/").glob(pattern.lstrip("/")))]
    return next((place for place in reversed(found) if (place / "initdb").is_file()), None)


def _account() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
