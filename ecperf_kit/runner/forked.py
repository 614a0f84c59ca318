"""Kernels forked from a loaded server, as jupyter_client and papermill know kernels.

The kernel is ipykernel's own; only how its process begins is ours: it was forked
from the server of :mod:`ecperf_kit.runner.server`, listens already and takes the
client's data through a pipe.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase, LocalProvisioner

from ecperf_kit.practice import HOME, UNATTENDED
from ecperf_kit.runner import server
from ecperf_kit.runner.kernel_process import Order
from ecperf_kit.runner.server import expect, start_server, stop_server

__all__ = ["ForkedProvisioner", "expect", "forked_manager_class", "start_server", "stop_server"]

_END_SECONDS = 5.0


class ForkedProvisioner(LocalProvisioner):
    """Gives a kernel manager a process that is there already."""

    process: Any = None
    snapshot = b""
    root = ""
    memory = 0

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing of ports, keys or a connection file: the kernel brings its own."""
        kwargs.pop("extra_arguments", None)  # kernel_process.ARGUMENTS, what nbclient gives
        kwargs.pop("transport_encryption", None)
        return await KernelProvisionerBase.pre_launch(self, cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Take a kernel, give it its surroundings and yield where it listens."""
        env = {**(kwargs.get("env") or os.environ), HOME: self.root, UNATTENDED: "1"}
        cwd = str(kwargs.get("cwd") or os.getcwd())
        kernel = server.take()
        self.process = kernel
        try:
            order = Order(env, cwd, self.snapshot, server.pictures(), self.memory)
            ready = await asyncio.to_thread(kernel.begin, order)
        except BaseException:
            self.process = None
            server.give_back(kernel)
            raise
        self.pid = self.pgid = kernel.pid
        self.cwd = Path(cwd)
        self.connection_info = ready.connection
        return ready.connection

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all it started; back when it is gone, or after five seconds."""
        if self.process is not None:
            server.give_back(self.process)
            await asyncio.to_thread(self.process.wait, _END_SECONDS)

    async def cleanup(self, restart: bool = False) -> None:
        """A kernel that ended by itself may have left children, or the server may be gone."""
        if self.process is not None and not restart:
            server.give_back(self.process)


def forked_manager_class(
    base: type[Any], root: Path, snapshot: bytes, memory: int = 0
) -> type[Any]:
    """A manager of forked kernels for the practice at ``root`` that hold a packed client.

    ``memory`` is what a notebook may take, in MB; 0 sets no limit.
    """

    class Provisioner(ForkedProvisioner):
        pass

    Provisioner.root, Provisioner.snapshot, Provisioner.memory = str(root), snapshot, memory

    class ForkedKernelManager(base):
        provisioner: Any

        @staticmethod
        def let_go() -> None:
            """Forget the packed client: classes live on for a while, each would keep its own."""
            Provisioner.snapshot = b""

        async def _async_pre_start_kernel(self, **kw: Any) -> Any:
            if self.provisioner is None:
                self.provisioner = Provisioner(
                    parent=self, kernel_id=self.kernel_id or "", kernel_spec=self.kernel_spec
                )
            return await super()._async_pre_start_kernel(**kw)

        pre_start_kernel = _async_pre_start_kernel

        async def _async_interrupt_kernel(self) -> None:
            if not self.shutting_down:  # else it is killed next: a notebook's children say nothing
                await super()._async_interrupt_kernel()

        interrupt_kernel = _async_interrupt_kernel

        def write_connection_file(self, **kw: Any) -> None:
            """Kernel and manager know each other's keys; nothing is written."""

    return ForkedKernelManager
