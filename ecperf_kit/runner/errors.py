"""What can go wrong and is told in one sentence; anything else is a bug and a traceback."""

from __future__ import annotations

from ecperf_kit.spoken import SaidError


class RunError(SaidError):
    """A report could not be made; the one that was there is untouched."""


class NotebookError(RunError):
    """A notebook is missing, unreadable, or its parameters are not the runner's."""


class StageFailed(RunError):
    """A notebook did not run to its end; it is kept as ``restricted/<stage>.failed.ipynb``."""


class NotStarted(RunError):
    """No process could be had for a notebook: it ended, or said nothing, before it listened."""


class RunStopped(RunError):
    """The run was told to stop; the notebook at work was ended with it."""


class ReportFolderError(RunError):
    """The report could not be put in its place, mostly because a file of it is open elsewhere."""


def is_told(error: BaseException) -> bool:
    """Whether the message of ``error`` is written for the user, so that no traceback is due."""
    if isinstance(error, SaidError):
        return True
    from ecperf_kit.client import ClientError
    from ecperf_kit.library import LibraryError

    return isinstance(error, ClientError | LibraryError)
