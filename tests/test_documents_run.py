"""Everything that README and the pages of `docs/` tell their readers to run is run; `following.py` says how."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from conftest import ROOT
from fences import ELSEWHERE, Block, blocks, commands, name_of, outside
from following import Reader, compare, in_this_process, shortened, to_be_downloaded, without_checked

from mangosaurus.cli.app import app
from mangosaurus.corpora import registry

pytestmark = pytest.mark.slow

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = {"sh", "console", "python", "pycon", "py", "js", "json", "text", "html", "mermaid", "yaml", "toml"}
"""Of blocks; those from `js` on are not run here. `py` is an excerpt of a source file."""
NOT_RUN = {
    "pytest": "README's test command: this very run",
}
"""The commands that are not run, word for word, and why."""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path | None) -> Iterator[Reader]:
    with Reader(tmp_path, NOT_RUN) as reader:
        monkeypatch.chdir(reader.folder)
        monkeypatch.syspath_prepend(reader.folder)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setenv("COLUMNS", "120")
        if data and "MANGOSAURUS_DATA" not in os.environ:
            monkeypatch.setenv("MANGOSAURUS_DATA", str(data))
        yield reader


@pytest.fixture(scope="session")
def data() -> Path | None:
    """The folder of reference files, if this machine has one."""
    folder = ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_everything_on_a_page_runs(page: Path, reader: Reader) -> None:
    reader.follow(page.read_text(encoding="utf-8"))


def all_commands() -> Iterator[str]:
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language in ("sh", "console"):
                for command in commands(block):
                    yield command.text


def test_what_is_not_run_still_stands_somewhere() -> None:
    assert set(NOT_RUN) <= {without_checked(command) for command in all_commands()}


def test_the_first_two_commands_set_everything_up() -> None:
    first, second = [block.text for block in blocks(PAGES[0].read_text(encoding="utf-8")) if block.language == "sh"][:2]
    assert first.startswith("pip install '.[train]' && mangosaurus train")
    assert second == "pip install '.[test]' && pytest\n"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_has_blocks_of_known_languages_and_no_commands_outside(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert {block.language for block in blocks(text)} <= LANGUAGES
    assert not ELSEWHERE.findall(outside(text)), "commands stand between fences of sh, where they are run"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_excerpts_stand_in_the_source(page: Path) -> None:
    sources = [re.sub(r"\s+", " ", path.read_text(encoding="utf-8")) for path in (ROOT / "src").rglob("*.py")]
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "py":
            assert any(re.sub(r"\s+", " ", block.text).strip() in source for source in sources), block.text


def options() -> dict[str, set[str]]:
    """Of each command."""
    group = typer.main.get_command(app)
    assert hasattr(group, "commands")
    return {
        name: {"--help", "-h"}.union(*(each.opts + each.secondary_opts for each in command.params))
        for name, command in group.commands.items()
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_and_command_named_exists(page: Path) -> None:
    known = options()
    text = outside(page.read_text(encoding="utf-8"))
    every = set().union(*known.values()) | {"--version"}
    if page.parent.name == "guides" or page.name in ("README.md", "index.md"):  # others name other programs' options
        for option in re.findall(r"`(--[a-z-]+)", text):
            assert option in every, option
    for line in re.findall(r"`mangosaurus ([a-z-][^`]*)`", text):
        command, *words = line.split()
        assert command in known or command in ("--version", "--help"), line
        for option in words:
            assert not option.startswith("--") or option in known[command], line


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_link_is_broken(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", outside(page.read_text(encoding="utf-8"))):
        if not re.match("[a-z]+:", target):
            path = target.partition("#")[0]
            assert (page.parent / path).exists(), target


# The reader itself is tested: one that is content with anything would find nothing.


def read(reader: Reader, *lines: str) -> None:
    reader.follow("\n".join(lines) + "\n")


def test_a_command_that_fails_is_found(reader: Reader) -> None:
    with pytest.raises(AssertionError, match="line 2: mangosaurus sample --nothing"):
        read(reader, "```sh", "mangosaurus sample --nothing", "```")
    with pytest.raises(AssertionError, match="ended with status 1"):
        read(reader, "```sh", "cat towns.txt | grep Atlantis", "```")


def test_an_error_that_is_shown_has_to_come(reader: Reader) -> None:
    error = "error: --temperature is -1; give a number from 0 on"
    with pytest.raises(AssertionError, match="ended with status 0"):
        read(reader, "```console", "$ mangosaurus sample --seed 1", error, "```")


def test_output_that_is_not_the_command_s_is_found(reader: Reader) -> None:
    command = "$ mangosaurus sample -n 2 --seed 1"
    read(reader, "```console", command, "Eucatasaurus", "Sachisaurus", "```")
    read(reader, "```console", command, "…", "Sachisaurus", "```")
    for wrong in (["Eucatasaurus"], ["Eucatasaurus", "Sachisaurux"], [], ["…", "Eucatasaurus"]):
        with pytest.raises(AssertionError, match="is shown as"):
            read(reader, "```console", command, *wrong, "```")
    read(reader, "```console", "$ mangosaurus sample -n 2", "Anythingosaurus", "```")


def test_what_depends_on_a_shortened_training_is_compared_loosely(reader: Reader) -> None:
    read(reader, "```sh", "mangosaurus train towns.txt --budget 9s --out t.safetensors", "```")
    read(reader, "```console", "$ mangosaurus sample t.safetensors -n 2 --seed 1", "Atlantis", "```")
    read(reader, "```sh", "mangosaurus train towns.txt --budget 0s --out 0.safetensors", "```")
    with pytest.raises(AssertionError, match="is shown as"):
        read(reader, "```console", "$ mangosaurus sample 0.safetensors -n 2 --seed 1", "Atlantis", "```")


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("loss 1.500\n", "loss 1.5004\n", True),
        ("loss 1.500\n", "loss 1.512\n", False),
        ("loss 1.5\n", "loss 1\n", False),
        ("took 0.6 s\n", "took 12 s\n", True),
        ("training, 6 s, network 1\nA\n", "counting, 0 s\nA\n", True),
        ("7 names\n", "8 names\n", False),
    ],
)
def test_numbers_may_differ_by_rounding(shown: str, printed: str, same: bool) -> None:
    assert (compare(shown, printed, True) == "") is same


def test_trainings_are_shortened() -> None:
    assert shortened("mangosaurus train a.txt --budget 2m") == "mangosaurus train a.txt --budget 0s"
    assert shortened("mangosaurus train a.txt --budget 0s") == "mangosaurus train a.txt --budget 0s"
    assert shortened("mangosaurus train a.txt") == "mangosaurus train --budget 0s a.txt"
    assert shortened("mangosaurus train --steps 500 --out b") == "mangosaurus train --steps 2 --out b"
    assert shortened("""curl -d '{"budget": "20s"}'""") == """curl -d '{"budget": 0}'"""


def test_what_is_checked_otherwise_is_checked() -> None:
    assert without_checked("pip install '.[train,serve]' && mangosaurus info") == "mangosaurus info"
    with pytest.raises(AssertionError, match="the extras are"):
        without_checked("pip install '.[tea]'")
    assert without_checked("python -m benchmarks.quality") == ""
    with pytest.raises(FileNotFoundError):
        without_checked("python -m benchmarks.tea")
    with pytest.raises(AssertionError, match="there is no --tea"):
        without_checked("python -m benchmarks.quality --tea")
    assert (
        without_checked("torchrun --nnodes 2 --nproc-per-node 4 -m mangosaurus info --json")
        == "mangosaurus info --json"
    )


def test_a_corpus_that_is_not_there_is_not_downloaded(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGOSAURUS_DATA", str(reader.folder))
    assert to_be_downloaded("mangosaurus train sonnets --budget 0s") == "sonnets"
    assert to_be_downloaded("mangosaurus write sonnets") == ""
    with pytest.raises(pytest.skip.Exception, match="from line 2 on: sonnets is not on this machine"):
        read(reader, "```sh", "mangosaurus train sonnets", "```")


def test_python_that_fails_is_found(reader: Reader) -> None:
    reader.execute(Block("python", 1, "import mangosaurus\nnames = 3\n"))
    with pytest.raises(AssertionError):
        reader.execute(Block("python", 1, "assert names == 4\n"))
    read(reader, "```pycon", ">>> names + 1", "4", "```")
    with pytest.raises(AssertionError, match="Got"):
        read(reader, "```pycon", ">>> names + 1", "5", "```")


def test_what_a_page_sets_in_the_package_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    near, entries = registry.NEAR, dict(registry.ENTRIES)
    with Reader(tmp_path) as reader:
        monkeypatch.chdir(reader.folder)
        lines = ("from mangosaurus.corpora import registry", "registry.NEAR = 3", "registry.ENTRIES.clear()")
        read(reader, "```python", *lines, "```")
        assert registry.NEAR == 3
        assert registry.ENTRIES == {}
    assert near == registry.NEAR
    assert entries == registry.ENTRIES


def test_this_process_runs_the_command_line_as_a_shell_does(reader: Reader) -> None:
    words = "mangosaurus sample -n 3 --seed 5 --prefix Tyr --not-like 3"
    assert reader._do(words) == reader._do(words + " | cat") == in_this_process(words.split()[1:])
