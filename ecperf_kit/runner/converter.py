"""One process that turns the pictures of all notebooks of a run into SVG.

vl-convert needs half a second to start its JavaScript engine and twenty milliseconds
for a picture. A kernel that cannot reach the process converts by itself and gets
the same picture, only later.
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, NamedTuple

from ecperf_kit.outputs import drawing

_ANSWER_SECONDS = 60.0
_PICTURE, _FAULT = b"+", b"!"
_SMALL: dict[str, Any] = {
    "data": {"values": [{"a": 1}]},
    "mark": "point",
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}


class Address(NamedTuple):
    """Where the process listens and the key that proves who asks; made up by the driver."""

    name: str
    key: bytes

    def __repr__(self) -> str:  # the key is nobody's business
        return f"Address({self.name!r})"


def new_address() -> Address | None:
    """An address nobody else has; None where sockets cannot have a name without a file."""
    if sys.platform != "linux":
        return None
    return Address(f"\0ecperf-{secrets.token_hex(16)}", secrets.token_bytes(32))


def serve(address: Address, driver: int) -> None:
    """The whole life of the process: listen, start the engine, answer until the driver ends."""
    from ecperf_kit.runner.kernel_process import end_with_driver

    end_with_driver(driver)
    with Listener(address.name, "AF_UNIX", backlog=64, authkey=address.key) as listener:
        drawing.convert(_SMALL)
        while True:
            try:
                asking = listener.accept()
            except (OSError, EOFError, AuthenticationError):  # no key, or gone again
                continue
            threading.Thread(target=_answer, args=(asking,), daemon=True).start()


def _answer(asking: Connection) -> None:
    """Answer one kernel until it ends. JSON both ways: nothing received is ever run."""
    with asking:
        while True:
            try:
                spec = asking.recv_bytes()
            except (OSError, EOFError):
                return
            try:
                answer = _PICTURE + drawing.convert(json.loads(spec)).encode("utf-8")
            except Exception as error:  # the kernel tries itself and raises what there is
                answer = _FAULT + repr(error).encode("utf-8")
            asking.send_bytes(answer)


class Pictures:
    """In a kernel: asks the process for a picture, or converts here where there is none."""

    def __init__(self, address: Address) -> None:
        self._address: Address | None = address
        self._asked: Connection | None = None
        self._lock = threading.Lock()

    def __call__(self, spec: dict[str, Any]) -> str:
        """The picture of a Vega-Lite specification as SVG."""
        with self._lock:
            try:
                if self._address is not None:
                    return self._ask(json.dumps(spec).encode("utf-8"))
            except (OSError, EOFError, TypeError, ValueError):
                self._address = None
        return drawing.convert(spec)

    def _ask(self, spec: bytes) -> str:
        assert self._address is not None
        if self._asked is None:
            self._asked = Client(self._address.name, "AF_UNIX", authkey=self._address.key)
        self._asked.send_bytes(spec)
        if not self._asked.poll(_ANSWER_SECONDS):
            raise TimeoutError
        answer = self._asked.recv_bytes()
        if answer[:1] != _PICTURE:
            raise ValueError(answer[1:])
        return answer[1:].decode("utf-8")
