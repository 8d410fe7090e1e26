"""What makes a name one of the best, worked out by hand; and that the best are spread if they are to be diverse."""

from __future__ import annotations

from itertools import combinations
from statistics import median

import pytest
from rapidfuzz.distance import Levenshtein

import mangosaurus
from mangosaurus import Ranking
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters
from mangosaurus.generation.ranking import Enough, Ranked, best, rank
from mangosaurus.models.saying import nats_to_say

ELVES = ["Galadriel", "Elrond", "Legolas", "Thranduil", "Arwen", "Celeborn", "Glorfindel", "Haldir"]


NOTHING = Enough(0.0, None)


def test_the_score_is_the_share_of_edits_minus_the_losses() -> None:
    known = ["anna", "otto", "anna"]
    first, second, third = rank(["hanno", "anna", "anne"], [1, 0.5, 0.75], [3, 2, 1.5], known, NOTHING)
    assert (first.text, first.nearest, first.edits, first.score) == ("anne", "anna", 1, 1 / 4 - 0.75 - 0.75)
    assert (second.text, second.edits, second.length, second.score) == ("anna", 0, 4, -0.5 - 1)
    assert (third.text, third.nearest, third.edits, third.length) == ("hanno", "anna", 2, 5)
    assert third.score == pytest.approx(2 / 5 - 1 - 1.5)
    assert (third.nats_per_symbol, third.prior_nats_per_symbol) == (1.0, 3.0)


def test_more_than_enough_is_worth_no_more() -> None:
    enough = Enough(1.0, 2.0)
    found = rank(["olga", "ines", "emma"], [0.1, 1.0, 0.5], [2.5, 0.1, 2.0], ["zzzzz"], enough)
    assert {each.text: each.score for each in found} == {"emma": 1 - 1 - 1, "ines": 1 - 1 - 1, "olga": 1 - 1 - 1.25}
    assert [each.text for each in found] == ["ines", "emma", "olga"], "of two that are as good, the first stays first"
    assert found[1].nats_per_symbol == 0.5, "the figures themselves stay as they are"


def test_enough_is_a_quarter_of_the_candidates_and_the_middle_of_the_list() -> None:
    assert Enough.of([4.0, 3.0, 1.0, 2.0], [5.0, None, 1.0, 2.0]) == Enough(2.0, 2.0)
    assert Enough.of([4.0], [None]) == Enough(4.0, None)
    assert Enough.of([], []) == NOTHING


def test_what_the_prior_cannot_say_counts_as_the_others_do_on_average() -> None:
    known, names = ["anna"], ["olga", "ⴰⴱⴳⴷ", "ines"]
    some = {each.text: each.score for each in rank(names, [1.0] * 3, [1.0, None, 4.0], known, Enough(0, 2.0))}
    assert some["ⴰⴱⴳⴷ"] == 4 / 4 - 1 - 1.5
    (none,) = rank(["ⴰⴱⴳⴷ"], [1.0], [None], known, NOTHING)
    assert (none.score, none.prior_nats_per_symbol) == (4 / 4 - 1, None)


def test_the_diverse_best_are_three_edits_apart_and_the_better_of_two_stays() -> None:
    ranked = [Ranked(text, -place, 1.0, "x", 9, 1.0, len(text)) for place, text in enumerate(("anna", "anne", "otto"))]
    assert [each.text for each in best(ranked, 2, True, str)] == ["anna", "otto"]
    assert [each.text for each in best(ranked, 2, False, str)] == ["anna", "anne"]


def test_the_best_of_a_model_with_all_that_they_are_made_of() -> None:
    model = mangosaurus.like(ELVES)
    found = model.best(12, 100, seed=1, training=ELVES, diverse=True)
    assert isinstance(found, Ranking)
    assert (found.asked, found.candidates, found.seed, len(found)) == (12, 100, 1, 12)
    drawn = model.sample(100, seed=1)
    for each in found:
        assert each.text in drawn
        assert each.nats_per_symbol == pytest.approx(model.losses([each.text])[0], abs=1e-5)
        assert each.prior_nats_per_symbol == pytest.approx(nats_to_say([each.text], model.vocabulary)[0], abs=1e-5)
        assert each.edits == min(Levenshtein.distance(each.text, elf) for elf in ELVES)
        assert Levenshtein.distance(each.text, each.nearest) == each.edits
        assert each.length == len(each.text)
    quarter, easy = found.enough.nats_per_symbol, found.enough.prior_nats_per_symbol
    assert quarter == pytest.approx(sorted(model.losses(list(drawn)))[25], abs=1e-5)
    said = [nats for nats in nats_to_say(ELVES, model.vocabulary) if nats is not None]
    assert easy == pytest.approx(median(said), abs=1e-5)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert min(Levenshtein.distance(*pair) for pair in combinations([each.text for each in found], 2)) >= 3
    columns = ("text", "score", "nats_per_symbol", "nearest", "edits", "prior_nats_per_symbol", "length")
    assert found.table().columns == columns
    assert found.table().rows[0][0] == found[0].text
    assert list(found.to_frame().columns) == [*columns]
    assert found.remarks() == []
    assert [each.text for each in model.best(12, 100, seed=1, training=ELVES)] != [each.text for each in found]


def test_why_there_are_fewer_of_the_best_than_asked_for() -> None:
    names = ["Abe", "Ada", "Bea", "Dab"]
    few = mangosaurus.like(names).best(60, seed=1, n=60, training=names, diverse=True)
    assert len(few) < few.candidates == 60
    assert few.remarks() == [
        f"only {len(few)} of the 60 names to choose from are 3 edits or more from each other (diverse); "
        "a larger n gives more"
    ]


def test_the_best_are_of_fewer_where_new_names_are_rare() -> None:
    names = ["Abe", "Ada", "Bea", "Dab"]
    model = mangosaurus.like(names)
    found = model.best(2, seed=1, training=names, max_length=4)
    candidates, drawn = found.candidates, found.samples.drawn
    assert 20 <= candidates < 1000
    assert 2000 <= drawn < 4000
    assert found.remarks() == [
        f"the best of {candidates}: new names were rare among {drawn:,} drawn; n 1000 searches longer"
    ]
    assert found.samples.documents == model.sample(found.candidates, seed=1, max_length=4).documents
    assert model.best(2, 30, seed=1, training=names, max_length=4).candidates == 30


def test_a_search_says_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    model = mangosaurus.like(["Abe", "Ada", "Bea", "Dab"])
    model.draw(70, Constraints(), SamplingParameters(seed=1), Drawing(), watch=lambda *each: told.append(each))
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, 70), (70, 70))


def test_names_that_the_prior_cannot_say_are_told_of() -> None:
    names = ["東京", "大阪", "横浜", "名古屋"]
    found = mangosaurus.like(names).best(3, 20, seed=1, training=names)
    assert [each.prior_nats_per_symbol for each in found] == [None] * 3
    (remark,) = found.remarks()
    assert remark.startswith("how easy these names are to say is not known")


def test_diverse_samples_are_the_first_of_the_seed_that_are_apart() -> None:
    model = mangosaurus.like(ELVES)
    many = list(model.sample(300, seed=3))
    kept: list[str] = []
    for name in many:
        if all(Levenshtein.distance(name, other) >= 3 for other in kept):
            kept.append(name)
    assert len(kept) > 40
    for n in (10, 40):
        assert list(model.sample(n, seed=3, diverse=True)) == kept[:n]
    assert model.sample(40, seed=3, diverse=True).alike > 0


def test_fewer_diverse_samples_than_asked_for_are_explained() -> None:
    model = mangosaurus.fit(["anna", "otto"], budget=0, prior=False)
    found = model.sample(30, seed=1, diverse=True, length=3)
    assert len(found) < 30
    assert "were within two edits of one before (diverse)" in (found.shortfall() or "")
    assert "allow_duplicates" not in (found.shortfall() or "")


def test_names_are_spread_as_they_are_written() -> None:
    names = ["Anna", "ANNE", "Otto", "OTIS", "Hanna", "HANNES"]
    model = mangosaurus.like(names)
    found = [*model.sample(12, seed=1, diverse=True, case="lower")]
    best = [each.text for each in model.best(12, 60, seed=1, diverse=True, case="lower", training=names)]
    for spread in (found, best):
        assert all(name == name.lower() for name in spread)
        assert min(Levenshtein.distance(*pair) for pair in combinations(spread, 2)) >= 3
