"""Papers to sign and to hang out: notice, rules, job descriptions, scorecards, consents, pitch."""

from ecperf_kit.outputs.papers.making import KINDS, Papers, make_papers

__all__ = ["KINDS", "Papers", "make_papers"]
