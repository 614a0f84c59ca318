"""Inside a kernel process: ipykernel's application, ready before it is known for which notebook.

The process is forked from the server of :mod:`ecperf_kit.runner.server`. It binds its
ports itself, tells the driver where it listens and with which keys, and waits for its
one notebook. The keys go through the pipe; no connection file is written.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from ecperf_kit.runner.memory import collect_rarely, limit_here
from ecperf_kit.runner.server import PRELOAD

if TYPE_CHECKING:
    from ecperf_kit.runner.converter import Address

#: What nbclient gives every kernel: no history file, which would hold pay.
ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)
_INLINE = "module://matplotlib_inline.backend_inline"
_LOOKS_AFTER = 1.0  # seconds between looks whether the driver and the server still live


@dataclass(frozen=True, slots=True)
class Order:
    """What a waiting kernel is told: its notebook's surroundings, the client, who draws."""

    env: dict[str, str]
    cwd: str
    snapshot: bytes = field(default=b"", repr=False)
    pictures: Address | None = None
    memory: int = 0  # MB it may take beyond what it starts with; 0: no limit


@dataclass(frozen=True, slots=True)
class Ready:
    """What a kernel answers when it listens; ``error`` is the traceback of one that cannot."""

    connection: dict[str, Any] = field(default_factory=dict, repr=False)
    preloaded: bool = False
    error: str = ""


def serve(pipe: Connection, driver: int, env: dict[str, str], cwd: str) -> None:
    """The whole life of a kernel process: start, wait for the notebook, run it."""
    end_with_driver(driver)
    collect_rarely()
    preloaded = PRELOAD in sys.modules
    try:
        if not preloaded:  # the server was started by somebody else: slower, but the same
            __import__(PRELOAD)
        _surroundings(env, cwd)
        app = _application()
    except BaseException:
        with suppress(OSError):  # a driver that was killed hears nothing
            pipe.send(Ready(error=traceback.format_exc()))
        raise
    try:
        pipe.send(Ready(_connection(app), preloaded))
        order: Order = pipe.recv()
    except (EOFError, OSError):
        os._exit(0)  # not needed after all
    pipe.close()
    limit_here(order.memory)
    _surroundings(order.env, order.cwd)
    if order.snapshot:
        from ecperf_kit.snapshot import hold

        hold(order.snapshot)
    if order.pictures is not None:
        from ecperf_kit.outputs.drawing import convert_by
        from ecperf_kit.runner.converter import Pictures

        convert_by(Pictures(order.pictures))
    app.start()


def _surroundings(env: dict[str, str], cwd: str) -> None:
    """Environment and folder as the driver has them, and what no two processes may share."""
    os.environ.clear()
    os.environ.update({"MPLBACKEND": _INLINE, **env})  # as ipykernel does
    os.chdir(cwd)
    sys.argv = ["ipykernel_launcher"]
    if "numpy" in sys.modules:  # its state was copied from the server; random reseeds itself
        sys.modules["numpy"].random.seed()


def _application() -> Any:
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    class KernelApplication(IPKernelApp):
        """ipykernel's application without a connection file."""

        def init_connection_file(self) -> None:
            """The keys are made here and told through the pipe."""

        def write_connection_file(self, **kw: Any) -> None:
            """Nothing of them is written."""

    keys: dict[str, bytes] = {}
    if zmq.has("curve"):
        keys["curve_publickey"], keys["curve_secretkey"] = zmq.curve_keypair()
    # with a parent it prints nothing and looks after the server on its own account too
    app = KernelApplication.instance(ip="127.0.0.1", parent_handle=os.getppid(), **keys)
    app.initialize(list(ARGUMENTS))
    return app


def _connection(app: Any) -> dict[str, Any]:
    names = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
    info = {name: getattr(app, name) for name in names}
    info |= {"transport": app.transport, "ip": app.ip, "key": app.session.key}
    info["signature_scheme"] = app.session.signature_scheme
    if app.curve_publickey is not None:
        info["curve_publickey"] = app.curve_publickey.decode("ascii")
        info["curve_secretkey"] = app.curve_secretkey.decode("ascii")
    return info


def end_with_driver(driver: int) -> None:
    """Leave the terminal's group; end, with all this process started, when driver or server do.

    multiprocessing's sentinel tells of the driver's death at once; the numbers are
    looked at too, as a child the driver forked may hold the sentinel open.
    """
    from multiprocessing import parent_process

    import psutil

    os.setsid()  # out of reach of Ctrl-C, and a group of its own to be ended as a whole
    server = os.getppid()
    try:
        watched, parent = psutil.Process(driver), parent_process()
    except psutil.NoSuchProcess:  # it was killed while this process was being forked
        os.killpg(os.getpgrp(), signal.SIGKILL)
        return

    def watch() -> None:
        while watched.is_running() and os.getppid() == server:
            if parent is None:
                threading.Event().wait(_LOOKS_AFTER)
                continue
            parent.join(_LOOKS_AFTER)
            if not parent.is_alive():
                break
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="ends with driver", daemon=True).start()
