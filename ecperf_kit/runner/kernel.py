"""The kernel a notebook runs in: this interpreter's own ipykernel, told where the practice is.

Two engines give the same report. ``forked``: the kernel's process is forked from one
that has everything loaded. ``stock``: a new Python process, as papermill starts it.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any, Literal, get_args
from weakref import WeakSet

from ecperf_kit.practice import HOME, UNATTENDED
from ecperf_kit.runner.errors import NotStarted
from ecperf_kit.runner.memory import limit_other

Engine = Literal["forked", "stock"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
_stock: WeakSet[Any] = WeakSet()


def default_engine() -> Engine:
    """``forked`` where it is known to work, which is Linux, outside of daemonic processes."""
    from ecperf_kit.runner import server

    return "forked" if sys.platform == "linux" and server.usable() else "stock"


def kernel_manager_class(
    root: Path, engine: Engine = "stock", snapshot: bytes = b"", memory: int = 0
) -> type[Any]:
    """A kernel manager for notebooks of the practice at ``root``.

    The kernel is the interpreter the package is installed for, whatever kernels
    the user has registered under the name ``python3``, or none. ``snapshot`` is the
    packed client a forked kernel holds; a stock kernel reads the client's folder.
    ``memory`` is what a notebook may take, in MB; 0 sets no limit. ``exit_code`` of the
    class is that of a kernel found dead.
    """
    import zmq
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.asynchronous import AsyncKernelClient
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    own = KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    class PromptClient(AsyncKernelClient):
        async def wait_for_ready(self, timeout: float | None = None) -> None:
            await _ready(self, timeout or 60.0)

    class PracticeKernelManager(AsyncKernelManager):
        provisioner: Any = None
        exit_code: int | None = None

        @default("client_factory")
        def _prompt(self) -> type[Any]:
            return PromptClient

        @property
        def kernel_spec(self) -> KernelSpec:
            return own

        @default("transport_encryption")
        def _encrypted_where_possible(self) -> str:
            # what passes between us and the kernel holds pay: other users' programs on
            # this machine have no business reading it
            return "auto" if zmq.has("curve") else "disabled"

        async def _async_pre_start_kernel(self, **kw: Any) -> Any:
            kw["env"] = {**(kw.get("env") or os.environ), HOME: str(root), UNATTENDED: "1"}
            return await super()._async_pre_start_kernel(**kw)

        pre_start_kernel = _async_pre_start_kernel

        async def _async_post_start_kernel(self, **kw: Any) -> None:
            if engine == "stock":
                _stock.add(self.provisioner.process)
                limit_other(self.provisioner.process.pid, memory)
            await super()._async_post_start_kernel(**kw)

        post_start_kernel = _async_post_start_kernel

        async def _async_is_alive(self) -> bool:
            lives: bool = await super()._async_is_alive()
            if not lives and self.provisioner is not None:
                PracticeKernelManager.exit_code = await self.provisioner.poll()
            return lives

        is_alive = _async_is_alive

    if engine == "stock":
        return PracticeKernelManager
    from ecperf_kit.runner.forked import forked_manager_class

    return forked_manager_class(PracticeKernelManager, root, snapshot, memory)


async def _ready(client: Any, timeout: float) -> None:
    """Wait until the kernel answers and its outputs arrive, and no longer.

    jupyter_client's own wait always lasts a further 0.2 s, to empty a channel whose
    leftovers nbclient passes over anyway (they answer no cell).
    """
    until = monotonic() + timeout
    while True:
        asked, answered = client.kernel_info(), ""
        try:
            while answered != asked:
                reply = await client.get_shell_msg(timeout=1)
                answered = reply["parent_header"].get("msg_id")
            await client.get_iopub_msg(timeout=0.2)  # any: our subscription has arrived there
            return
        except Empty:
            pass
        if not await client.is_alive():
            raise NotStarted("report.died")
        if monotonic() > until:
            raise NotStarted("report.not_answered", seconds=f"{timeout:.0f}")


def stop_stock_kernels() -> None:
    """End the kernels of the stock engine that this process has at work."""
    for process in list(_stock):
        if process.poll() is None:
            process.kill()


def quiet_logging() -> None:
    """Keep papermill's and the kernels' own messages off the screen; failures are told by us."""
    for name in ("papermill", "nbclient", "jupyter_client", "traitlets", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
