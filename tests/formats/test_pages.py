"""How pages are put together from the files of `browser/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangosaurus.formats import pages


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "words").mkdir()
    (tmp_path / "words/en.json").write_text('{"less": "a < b", "n": {"one": "{n} a", "other": "{n} b"}}')
    return tmp_path


def test_places_are_filled_and_nothing_is_looked_for_in_what_is_given(folder: Path) -> None:
    (folder / "a/page.html").write_text("<p>{{title}}</p>{{b/part.html}}")
    (folder / "b/part.html").write_text("<b>{{name}}</b>\n")
    assert pages.filled("a/page.html", {"title": "{{name}}", "name": "x"}) == "<p>{{name}}</p><b>x</b>"
    with pytest.raises(KeyError):
        pages.filled("a/page.html", {"title": "x"})
    (folder / "b/part.html").write_text("<i title='{{words.less}}'></i><script>{{words}}</script>")
    (folder / "words/xx.json").write_text('{"less": "mehr"}')
    assert pages.filled("b/part.html", {}) == (
        "<i title='a &lt; b'></i><script>"
        '{"en": {"less": "a \\u003c b", "n": {"one": "{n} a", "other": "{n} b"}}, "xx": {"less": "mehr"}}</script>'
    )


def test_modules_are_joined_each_after_those_that_it_needs(folder: Path) -> None:
    (folder / "a/main.js").write_text('import { f, g } from "../b/f.js";\nimport { h } from "./h.js";\nf(h);\n')
    (folder / "b/f.js").write_text(
        'import { h } from "../a/h.js";\n\nexport function f() { return h; }\nexport const g = 1;\n'
    )
    (folder / "a/h.js").write_text("export let h = 2;\n")
    script = pages.joined("a/main.js")
    assert "import" not in script
    assert "export" not in script
    assert script.index("let h") < script.index("function f") < script.index("f(h);")
    assert script.count("let h") == 1
    (folder / "a/h.js").write_text("export let h = 2;\nconst g = 3;\n")
    with pytest.raises(ValueError, match="twice: g"):
        pages.joined("a/main.js")


def test_indents_and_lines_that_are_comments_are_left_out() -> None:
    script = pages.one_script("// a\nf(2); // b\n/** c\n * d */\ng(3\n  * 4);\n  // e\n", "h('http://x');")
    assert script == "(() => {\n\"use strict\";\nf(2); // b\ng(3\n* 4);\n\nh('http://x');\n})();"


def test_modules_that_pages_share_have_no_name_twice() -> None:
    for module in (pages.FOLDER / "controls").iterdir():
        if module.name.endswith(".js"):
            assert pages.joined(f"controls/{module.name}")
