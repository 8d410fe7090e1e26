"""Rude words are kept out in JavaScript as in Python: the same lists, and the same rule for short words."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from node import ask_learner, in_javascript, in_node, needs_node

import mangosaurus
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.webpage import learning_script
from mangosaurus.generation.constraints.rude import free_of_rude_words, rude_words, rude_words_file

pytestmark = needs_node

SCRIPTS = {"Latin": "a-z\u00df-\u024f", "Cyrillic": "\u0400-\u04ff", "Arabic": "\u0600-\u06ff", "wide": "\u3040-\u9fff"}
HARMLESS = ["Cassandra", "Scunthorpe", "Sussex", "Hancock", "Bass Clef", "Janita", "Petronila", "Fück", "Ass-1", "Œß"]
MOST = 120
"""Words of a script that are tried, so that the automaton stays small."""


def tried(words: list[str], rng: random.Random) -> list[str]:
    """Names with these words in them: alone, at each end, inside, after a sign, in capitals, and in two pieces."""
    letters = "".join(words).replace(" ", "")
    found = []
    for word in words:
        bare, one, other = word.strip(), rng.choice(letters), rng.choice(letters)
        found += [bare, one + bare, bare + other, one + bare + other, f"{one}-{bare}", f"{bare} {other}", bare.upper()]
        found += [bare[: len(bare) // 2] + other + bare[len(bare) // 2 :], letters[:3], "".join(rng.sample(letters, 3))]
    return [name for name in found if name]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_same_names_are_refused(script: str) -> None:
    rng = random.Random(1)
    own = [word for word in rude_words() if re.fullmatch(f"[ {SCRIPTS[script]}]+", word)]
    words = sorted(rng.sample(own, min(len(own), MOST)))
    names = [*tried(words, rng), *(HARMLESS if script == "Latin" else [])]
    vocabulary = Vocabulary.of(names)
    names = [name for name in names if (vocabulary.find(name) > 0).all()]
    dfa = free_of_rude_words(vocabulary)
    python = []
    for name in names:
        state = dfa.start
        for symbol in vocabulary.encode(name):
            state = int(dfa.moves[state, dfa.columns[symbol]]) if state >= 0 else state
        python.append(bool(state >= 0 and dfa.accepting[state]))
    asked = json.dumps({"rude": rude_words_file().decode(), "names": names})
    last = f"""
    const {{ rude, names }} = {asked}, vocabulary = vocabularyOf(names);
    const dfa = freeOfRudeWords(rudeWordsIn(new TextEncoder().encode(rude)), vocabulary);
    const accepted = (name) => {{
      const end = Array.from(vocabulary.encode(name)).reduce(
        (state, symbol) => (state === DEAD ? DEAD : dfa.moves[state * dfa.width + dfa.columns[symbol]]), dfa.start);
      return end !== DEAD && dfa.needed[end] === 0;
    }};
    process.stdout.write(JSON.stringify(names.map(accepted)));
    """
    found = json.loads(in_node(f"{learning_script().removesuffix('})();')}{last}}})();"))
    assert [name for name, mine, wanted in zip(names, found, python, strict=True) if mine != wanted] == []
    assert 0 < sum(python) < len(names)


def test_names_are_drawn_without_rude_words_as_in_python() -> None:
    names = ["Bass Ass", "Assa", "Fucka", "Kufuck", "Bitcha", "Sussa", "Cunta", "Basta", "Facka", "Kassa"]
    options: dict[str, Any] = {"clean": True, "n": 30, "seed": 5, "max_length": 9}
    asked = [{"model": "learnt-1", **in_javascript(each)} for each in (options, options | {"avoid": ["Ass"]})]
    _, clean, both = ask_learner(("learn", {"names": names}), *(("sample", each) for each in asked))
    wanted = mangosaurus.fit(names, budget=0).sample(**options)
    assert [each["text"] for each in clean["result"]["samples"]] == [*wanted]
    assert clean["result"]["avoided"] == wanted.avoided
    (remark,) = [parts for parts in both["result"]["remark_parts"] if {"option": "clean", "value": None} in parts]
    assert [part.get("text", part.get("option")) for part in remark[:3]] == ["avoid", " and ", "clean"]
