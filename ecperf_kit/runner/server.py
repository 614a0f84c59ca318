"""The driver's side of forked kernels: the server, kernels kept ready, and their end.

Kernels are children of a standard-library ``forkserver`` that has loaded
:mod:`ecperf_kit.runner.preload`. While one notebook runs the kernel of the next
starts; each notebook has a process of its own.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import threading
from collections import deque
from multiprocessing import util
from typing import TYPE_CHECKING

from ecperf_kit.runner.children import Child, Kernel

if TYPE_CHECKING:
    from ecperf_kit.runner.converter import Address
    from ecperf_kit.runner.preparing import Question

__all__ = [
    "Kernel",
    "expect",
    "give_back",
    "pictures",
    "start_server",
    "stop_server",
    "take",
    "worked_out",
]

#: Environment variable by which the server learns the driver's main module.
MAIN = "ECPERF_KIT_MAIN"
PRELOAD = "ecperf_kit.runner.preload"

#: Notebooks after which the process that draws is replaced: it keeps some memory of each picture.
_DRAWS_FOR = 200

_server_lock = threading.Lock()
_lock = threading.Lock()
_spares: deque[Kernel] = deque()
_at_work: set[Kernel] = set()
_preparing: set[Child] = set()
_expected = 0
_at_a_time = 1
_converter: tuple[Child, Address] | None = None
_drawn_for = 0
_replaced: dict[Child, set[Kernel]] = {}  # a former converter and who still draws with it
_ends_with = 0  # the process that was told to end the children with itself


def usable() -> bool:
    """Whether this process can have children forked by a server."""
    return "forkserver" in multiprocessing.get_all_start_methods() and not (
        multiprocessing.current_process().daemon
    )


def start_server() -> None:
    """Start the server, which loads in the background; does nothing where there can be none."""
    if usable():
        threading.Thread(target=_ensure_server, name="kernel server", daemon=True).start()


def _ensure_server() -> None:
    """Start the server unless it runs, with what it must know of our main module."""
    from multiprocessing import forkserver, spawn

    global _ends_with
    with _server_lock:
        if _ends_with != os.getpid():
            # a worker of somebody's process pool ends without atexit and waits for its children
            util.Finalize(None, stop_server, exitpriority=1)
            _ends_with = os.getpid()
        multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOAD])
        about = spawn.get_preparation_data("kernel")
        main = {key: value for key, value in about.items() if key.startswith("init_main")}
        # a file pandas.py in the folder one works in is not to be taken for the library
        told = {MAIN: json.dumps(main), "PYTHONSAFEPATH": "1"}
        before = {name: os.environ.get(name) for name in told}
        os.environ.update(told)
        try:
            forkserver.ensure_running()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def expect(notebooks: int, at_a_time: int = 2) -> None:
    """Announce notebooks to come, so that the next kernel starts while one runs.

    Adds to what was announced before; a negative number takes back. Without an
    announcement a kernel starts when it is asked for.
    """
    global _expected, _at_a_time
    with _lock:
        _expected = max(0, _expected + notebooks)
        _at_a_time = max(1, at_a_time)
        _top_up()
        while len(_spares) > _expected:
            _spares.pop().kill()


def take() -> Kernel:
    """A kernel for one notebook: one that waits ready, else a new one."""
    global _expected, _drawn_for
    with _lock:
        _ensure_converter()
        _drawn_for += 1
        kernel = _spares.popleft() if _spares else Kernel(_ensure_server)
        _expected = max(0, _expected - 1)
        _at_work.add(kernel)
        _top_up()
    return kernel


def give_back(kernel: Kernel) -> None:
    """End a kernel whose notebook is done."""
    kernel.kill()
    with _lock:
        _at_work.discard(kernel)
        done = []
        for former, drawing in _replaced.items():
            drawing.discard(kernel)
            if not drawing:
                done.append(former)
        for former in done:
            del _replaced[former]
    for former in done:
        former.kill()


def worked_out(question: Question, seconds: float) -> bytes:
    """What several notebooks of a client need, packed; nothing where it cannot be had."""
    from ecperf_kit.runner.preparing import Preparer

    with _lock:
        child = Preparer(_ensure_server)
        _preparing.add(child)
    try:
        return child.answer(question, seconds)
    finally:
        child.kill()
        with _lock:
            _preparing.discard(child)


def pictures() -> Address | None:
    """Where kernels have their pictures converted; None where each does so itself."""
    return _converter[1] if _converter is not None else None


def _top_up() -> None:
    while len(_spares) < min(_expected, _at_a_time):
        _ensure_converter()
        _spares.append(Kernel(_ensure_server))


def _ensure_converter() -> None:
    from ecperf_kit.runner import converter

    global _converter, _drawn_for
    if _converter is not None and not _converter[0].lost():
        if _drawn_for < _DRAWS_FOR:
            return
        # at least one notebook is at work or was: what nobody draws with ends with the next
        if _at_work:
            _replaced[_converter[0]] = set(_at_work)
        else:
            _converter[0].kill()
    address = converter.new_address()
    if address is not None:
        child = Child(_ensure_server, converter.serve, address, os.getpid())
        _converter, _drawn_for = (child, address), 0


def stop_server() -> None:
    """End every kernel, those at work and those that wait; the idle server ends with us."""
    global _expected, _converter
    with _lock:
        _expected = 0
        doomed: list[Child] = [*_at_work, *_spares, *_preparing, *_replaced]
        if _converter is not None:
            doomed.append(_converter[0])
        _forget()
    for child in doomed:
        child.kill()


def _forget() -> None:
    """Know of no child any more; in a forked child of the driver, as they are not its own."""
    global _converter
    _at_work.clear()
    _spares.clear()
    _preparing.clear()
    _replaced.clear()
    _converter = None


atexit.register(stop_server)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
