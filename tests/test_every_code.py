"""Every finding code is raised by a client made for it, and by nothing but what that asks for.

The codes of the data have a folder each (``test_intake_bad_clients``), all others a
case in ``code_cases``. A new code without a case fails here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from code_cases import CASES, SOUND
from test_intake_bad_clients import BAD, ELSEWHERE

from ecperf_kit.library import load_library
from ecperf_kit.outputs.wording import Wording
from tests.scheme_client import graver


@pytest.mark.parametrize("code", CASES)
def test_a_client_raises_the_code_and_no_other_error_or_warning(code: str) -> None:
    case = CASES[code]
    client = case.client()
    found = list(case.asked(client))
    told = [finding for finding in found if finding.code == code]
    assert told
    assert set(graver(client, found)) - {code} == case.also
    for language in ("zh", "en"):
        for finding in told:
            parts = Wording(client.library, language, client).finding(finding)
            assert all(parts) and not re.search(r"\{\w", "".join(parts))  # no field left open


@pytest.mark.parametrize("room", SOUND)
def test_what_the_cases_start_from_is_sound(room: str) -> None:
    case = SOUND[room]
    client = case.client()
    assert graver(client, case.asked(client)) == []


def test_every_code_has_a_case() -> None:
    folders = {folder.name[:4] for folder in BAD}
    assert set(load_library().codes) == set(CASES) | folders | ELSEWHERE


def test_codes_without_a_client_of_their_own_are_asked_for_by_another_test() -> None:
    folder = Path(__file__).resolve().parent
    told = "".join(
        path.read_text("utf-8")
        for path in folder.glob("test_*.py")
        if path.name not in ("test_every_code.py", "test_intake_bad_clients.py")
    )
    assert not [code for code in sorted(ELSEWHERE) if f'"{code}"' not in told]
