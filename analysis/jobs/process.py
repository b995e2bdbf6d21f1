"""Which process a pid was: after a restart of the machine, or simply later, another one may have it."""

from pathlib import Path

import psutil

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_AFTER_NAME = 19  # of the fields of /proc/PID/stat behind the name: when it started, in ticks since the machine did


def process_mark(pid: int) -> str | None:
    """A text that no other process has, before or after a restart; None when there is no such living process.

    On Linux the machine's boot id and the start in ticks since then, so that a clock set anew changes nothing;
    elsewhere the start by the wall clock. A zombie has ended.
    """
    try:
        if _BOOT.is_file():
            # The name, in parentheses, may hold spaces and parentheses itself.
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
            return None if fields[0] in "ZX" else f"{_BOOT.read_text('ascii').strip()}:{fields[_AFTER_NAME]}"
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"started:{process.create_time():.0f}"
    except (OSError, psutil.NoSuchProcess):
        return None
