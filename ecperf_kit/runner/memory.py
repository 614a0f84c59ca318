"""How much memory one notebook may take: a runaway cell fails, the machine and the others go on.

The limit is the system's own on a process's data (Linux): what would go beyond it raises
``MemoryError`` in the cell that asked. Where a system has no such limit nothing is set.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

MEGABYTE = 1 << 20
_COLLECTS_AFTER = 50_000  # objects made
#: Of the machine's memory the part all notebooks at a time may take together.
_SHARE = 0.8
#: The least a notebook is given, in MB: several times what three hundred people need.
LEAST = 1024
#: What the libraries of a new Python reserve, mostly without ever using it; measured with
#: pandas, numpy and pyarrow. A forked kernel has it already, and it is seen there.
_RESERVED = 1300 * MEGABYTE
_CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def share(at_a_time: int) -> int:
    """MB for each of so many notebooks at a time on this machine, or in this container."""
    return max(LEAST, int(_memory() * _SHARE / max(1, at_a_time)) // MEGABYTE)


def _memory() -> int:
    import psutil

    found = [int(psutil.virtual_memory().total)]
    for path in _CONTAINER:
        try:
            found.append(int(path.read_text("ascii")))
        except (OSError, ValueError):  # no container, or one without a limit ("max")
            continue
    return min(found)


def collect_rarely() -> None:
    """Look for cycles of objects less often than a long-lived program should.

    For processes of this program alone, which end after seconds or minutes: it costs
    them a thirtieth of their time otherwise.
    """
    gc.set_threshold(_COLLECTS_AFTER)


def limit_here(megabytes: int) -> None:
    """Let this process take so many MB beyond what it has; 0 sets no limit."""
    if megabytes and sys.platform == "linux":
        import resource

        _limit(0, resource.RLIMIT_DATA, _taken() + megabytes * MEGABYTE)


def limit_other(process: int, megabytes: int) -> None:
    """The same for a new Python process, which has loaded nothing yet."""
    if megabytes and sys.platform == "linux":
        import resource

        _limit(process, resource.RLIMIT_DATA, _RESERVED + megabytes * MEGABYTE)


def _limit(process: int, kind: int, size: int) -> None:
    import resource

    _, hard = resource.prlimit(process, kind)
    if hard != resource.RLIM_INFINITY:  # never more than the user's own limit
        size = min(size, hard)
    resource.prlimit(process, kind, (size, size))


def _taken() -> int:
    """The bytes of data this process has, as the limit counts them."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return _RESERVED
