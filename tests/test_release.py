"""What a release says of itself, in all places."""

from __future__ import annotations

import re

import yaml
from conftest import ROOT

import mangosaurus

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_the_version_is_the_same_everywhere() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == mangosaurus.__version__
    newest = re.findall(r"^## (.*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert newest == "Unreleased" or newest.startswith(f"{mangosaurus.__version__} (")


def test_files_that_workflows_name_exist() -> None:
    assert WORKFLOWS
    for workflow in WORKFLOWS:
        text = workflow.read_text(encoding="utf-8")
        for name in re.findall(r"uses: \./(\S+)|(?:bash|python) (\S+/\S+)", text):
            assert (ROOT / "".join(name)).is_file(), (workflow.name, name)


def test_workflows_may_only_read_unless_a_job_says_otherwise() -> None:
    for workflow in WORKFLOWS:
        assert yaml.safe_load(workflow.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
