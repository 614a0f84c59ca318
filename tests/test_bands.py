"""Bands: one grammar for library, client and workbook; expected values read off the text."""

from __future__ import annotations

import pytest

from ecperf_kit.library import Bands, BandsError, load_library, parse_bands

RESPONSE = "<=30:100%; <=45:80%; <=60:60%; <=90:30%; else:0%"


def test_lower_is_better_as_stored_integers() -> None:
    # limits in seconds, shares of the weight, all times one million
    assert parse_bands(RESPONSE) == Bands(
        "at_most",
        (30_000_000, 45_000_000, 60_000_000, 90_000_000),
        (1_000_000, 800_000, 600_000, 300_000),
        0,
    )


def test_higher_is_better_without_blanks() -> None:
    bands = parse_bands(">=0.9:100%;>=0.8:80%;else:12.5%")
    assert bands == Bands("at_least", (900_000, 800_000), (1_000_000, 800_000), 125_000)


@pytest.mark.parametrize(
    ("seconds", "share"),
    [
        (0, 1_000_000),
        (30_000_000, 1_000_000),  # 30 s still belongs to the first band
        (30_000_001, 800_000),
        (48_000_000, 600_000),  # 48 s: above 45, not above 60
        (90_000_000, 300_000),
        (90_000_001, 0),
    ],
)
def test_share_at_the_edges_lower_is_better(seconds: int, share: int) -> None:
    assert parse_bands(RESPONSE).share(seconds) == share


@pytest.mark.parametrize(
    ("rate", "share"),
    [(950_000, 1_000_000), (900_000, 1_000_000), (899_999, 800_000), (799_999, 0), (0, 0)],
)
def test_share_at_the_edges_higher_is_better(rate: int, share: int) -> None:
    assert parse_bands(">=0.9:100%; >=0.8:80%; else:0%").share(rate) == share


@pytest.mark.parametrize("text", [RESPONSE, ">=-0.05:100%; >=-0.1:62.5%; else:0%"])
def test_written_as_read(text: str) -> None:
    assert str(parse_bands(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no bands given"),
        ("else:0%", "no band before else"),
        ("<=30:100%; <=45:80%", "does not end with what everything else earns"),
        ("<=30:100%; >=45:80%; else:0%", "mixes <= and >="),
        ("<=30:100%; <=30:80%; else:0%", "bands overlap"),
        ("<=45:100%; <=30:80%; else:0%", "limits must rise"),
        (">=0.8:100%; >=0.9:80%; else:0%", "limits must fall"),
        ("<=30:50%; <=45:80%; else:0%", "a worse band earns more"),
        ("<=30:50%; else:60%", "a worse band earns more"),
        ("<=30:120%; else:0%", "more than 100%"),
        ("<30:100%; else:0%", "is not a band"),
        ("<=30:100; else:0%", "is not a band"),
        ("<=12,5:100%; else:0%", "is not a band"),
        ("else:0%; <=30:100%", "does not end with"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(BandsError, match=says):
        parse_bands(text)


def test_a_better_actual_never_earns_less() -> None:
    indicators = load_library().indicators
    interval = indicators[indicators["method"] == "interval"]
    assert len(interval) == 9
    for text in interval["bands"]:
        bands = parse_bands(text)
        around = sorted({limit + by for limit in bands.limits for by in (-1, 0, 1)})
        shares = [bands.share(value) for value in around]
        better_last = shares if bands.direction == "at_least" else shares[::-1]
        assert better_last == sorted(shares), text
