"""The release notes are about this version."""

from __future__ import annotations

import re

from conftest import ROOT

import mangosaurus


def test_the_latest_version_is_this_one() -> None:
    notes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+) \((not yet released|\d{4}-\d\d-\d\d)\)$", notes, re.MULTILINE)
    assert versions[0][0] == mangosaurus.__version__
    headings = re.findall(r"^## (.*)$", notes, re.MULTILINE)
    assert len(headings) == len(versions) + (headings[0] == "Unreleased")
