"""The release notes are about this version."""

from __future__ import annotations

import re

from conftest import ROOT

import mangosaurus


def test_the_first_heading_is_this_version() -> None:
    notes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+) \((not yet released|\d{4}-\d\d-\d\d)\)$", notes, re.MULTILINE)
    assert versions[0][0] == mangosaurus.__version__
    assert len(versions) == len(re.findall(r"^## ", notes, re.MULTILINE))
