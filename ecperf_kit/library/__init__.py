"""What the method knows: indicators, posts, duties, scorecards, thresholds, texts.

``load_library()`` reads the data files of this folder once and checks them.
"""

from ecperf_kit.library.bands import Bands, BandsError, parse_bands
from ecperf_kit.library.loader import FindingCode, Library, load_library
from ecperf_kit.library.reading import LibraryError
from ecperf_kit.library.thresholds import Threshold, ThresholdValue

__all__ = [
    "Bands",
    "BandsError",
    "FindingCode",
    "Library",
    "LibraryError",
    "Threshold",
    "ThresholdValue",
    "load_library",
    "parse_bands",
]
