"""Files made by a generator are read as they are meant, or refused."""

from __future__ import annotations

from generated_files import UNICODE, Lists, files
from hypothesis import given, seed, settings

from mangosaurus.data.read import preview


@seed(16)
@settings(max_examples=400, deadline=None, database=None)
@given(files())
def test_each_file_is_read_as_meant_or_refused_in_one_line(made: tuple[bytes, Lists, str]) -> None:
    data, (names, labels, weights), form = made
    found = preview(data, form.split(", ")[-1])
    if found.corpus is None:
        assert "\n" not in str(found.problem), form
        ways = ("encoding", "column", "format", "skip_bad_lines")
        assert any(way in str(found.problem) for way in ways), (form, str(found.problem))
        few_labels = form.startswith("labels,")  # of which three do not repeat enough
        assert few_labels or form.split(", ")[2] not in UNICODE, (form, str(found.problem))
        return
    if found.corpus.labels is None and labels is not None:  # too few for them to repeat
        assert form.startswith("labels,"), form
        return
    assert [*found.corpus.documents] == names, form
    assert (None if found.corpus.labels is None else [*found.corpus.labels]) == labels, form
    assert (None if found.corpus.weights is None else [*found.corpus.weights]) == weights, form
