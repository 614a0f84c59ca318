"""What the server that forks kernels has loaded: every module and table the notebooks use.

Importing this module loads it all. The fork server does so once, by name; each
kernel then starts with it in memory. Nothing here computes in native threads (no
arrow kernels, no chart conversion): a process that has such threads must not be forked.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec

from ecperf_kit.runner.lean import leaving_out_unused
from ecperf_kit.runner.server import MAIN

# before pandas: its styles load matplotlib, which would stay without inline pictures
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else numpy starts native threads
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # the debugger's word on the screen

MODULES = (
    "pandas",
    "xlsxwriter",
    "IPython",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ecperf_kit.client",
    "ecperf_kit.snapshot",
    "ecperf_kit.outputs.show",
    "ecperf_kit.outputs.write",
    "ecperf_kit.outputs.workbook",
    "ecperf_kit.outputs.charts",
    "ecperf_kit.widgets.pay_mix",
    "ecperf_kit.widgets.weights",
    "ecperf_kit.runner.converter",
    "ecperf_kit.runner.kernel_process",
    "ecperf_kit.runner.preparing",
    "ecperf_kit.stages.together",
)
#: What those import while a kernel starts or its notebook runs. Loaded here it is loaded once;
#: a version of theirs that has no such module loads what it needs by itself.
LATER = (
    "sqlite3.dbapi2",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "ipykernel.debugger",
    "chinese_calendar",
    "encodings.utf_16_le",
    "encodings.utf_8_sig",
    "pandas.core.reshape.reshape",
)


def _main_module_counts_as_loaded() -> None:
    """Spare each child the import of the driver's main module.

    multiprocessing runs that module again in every child, so that functions defined
    there can be found. A kernel needs none of them, and a script without the guard
    ``if __name__ == "__main__"`` would run a second time. A child leaves it alone if
    its ``__main__`` says it is that module already, which is what is noted here.
    """
    told = json.loads(os.environ.pop(MAIN, "{}"))
    main = sys.modules["__main__"]
    if "init_main_from_name" in told:
        main.__spec__ = ModuleSpec(told["init_main_from_name"], None)
    elif "init_main_from_path" in told:
        main.__file__ = told["init_main_from_path"]


def _load() -> None:
    from ecperf_kit.stages.result import STAGES

    with leaving_out_unused():
        for name in (*MODULES, *(f"ecperf_kit.stages.{stage}" for stage in STAGES)):
            import_module(name)
        for name in LATER:
            with suppress(ImportError):
                import_module(name)
    from ecperf_kit.client import LANGUAGES
    from ecperf_kit.intake.declare import tables
    from ecperf_kit.library import load_library
    from ecperf_kit.view import plain_library

    library = load_library()
    for language in LANGUAGES:
        library.texts(language)
    plain_library(library)
    tables()
    gc.collect()
    gc.freeze()  # what the kernels share with the server is not touched by their collectors


_main_module_counts_as_loaded()
_load()
