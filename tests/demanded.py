"""A pytest plugin for the build server: where ECPERF_DEMAND is set, a skipped test is a failure."""

from __future__ import annotations

import os

import pytest


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get("skipped", [])) if reporter else []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a run with skipped tests into a failed one."""
    if os.environ.get("ECPERF_DEMAND") and exitstatus == 0 and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: object, config: pytest.Config) -> None:
    """Name the tests that were demanded and not run."""
    if os.environ.get("ECPERF_DEMAND"):
        for report in _skipped(config):
            terminalreporter.write_line(f"DEMANDED BUT SKIPPED {report.nodeid}")  # type: ignore[attr-defined]
