"""The kernel a notebook runs in: this interpreter's own ipykernel, told where the practice is."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from ecperf_kit.practice import HOME


def kernel_manager_class(root: Path) -> type[Any]:
    """A kernel manager for notebooks of the practice at ``root``.

    The kernel is the interpreter the package is installed for, whatever kernels
    the user has registered under the name ``python3``, or none.
    """
    import zmq
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    own = KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    class PracticeKernelManager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return own

        @default("transport_encryption")
        def _encrypted_where_possible(self) -> str:
            # what passes between us and the kernel holds pay: other users' programs on
            # this machine have no business reading it
            return "auto" if zmq.has("curve") else "disabled"

        async def _async_pre_start_kernel(self, **kw: Any) -> Any:
            kw["env"] = {**(kw.get("env") or os.environ), HOME: str(root)}
            return await super()._async_pre_start_kernel(**kw)

        pre_start_kernel = _async_pre_start_kernel

    return PracticeKernelManager


def quiet_logging() -> None:
    """Keep papermill's and the kernels' own messages off the screen; failures are told by us."""
    for name in ("papermill", "nbclient", "jupyter_client", "traitlets", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
