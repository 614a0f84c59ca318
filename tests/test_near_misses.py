"""No rule fires on a client that comes close to its limit and keeps it.

That each rule does fire on the other side is asked by ``test_every_code``; the near misses
of ``paired`` are asked for beside their bad clients.
"""

from __future__ import annotations

import pytest
from near_misses import ORGANISATION, SCHEME, paired

from ecperf_kit.library import load_library
from ecperf_kit.rules import check_organisation, check_scheme
from tests.scheme_client import codes


@pytest.mark.parametrize("code", ORGANISATION)
def test_a_firm_that_comes_close_is_not_blamed(code: str) -> None:
    assert code not in codes(check_organisation(ORGANISATION[code]()))


@pytest.mark.parametrize("code", SCHEME)
def test_a_scheme_that_comes_close_is_not_blamed(code: str) -> None:
    assert code not in codes(check_scheme(SCHEME[code]()))


def test_every_rule_on_organisation_and_scheme_has_a_near_miss() -> None:
    known = {code for code in load_library().codes if code[0] in "OS"}
    assert known == set(ORGANISATION) | set(SCHEME) | set(paired())
