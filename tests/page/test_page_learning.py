"""Lists that the workshop learns in a browser: the model is the one that Python's `fit` makes without a network."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Watched

import mangosaurus

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

TOLERANCE = 1e-4
"""Nats per symbol, as promised."""
HELD_OUT = 6
LISTS = {
    "three": (3, "Ka Lo Mir Te", "ra ni vel", "n th s"),
    "a dozen": (12, "Ash Bel Cor Dun", "wi o e", "ton ford by"),
    "accents": (25, "Jö Mä Šá Żu Ñe", "rø lé ki ço", "n s ß å"),
    "Greek": (40, "Νε Ιό Φαί Θά Ευ", "φέ δρα λει νί", "λη α ς ώ"),
    "Cyrillic": (60, "Во Ро Зла На Ми", "ло сти ро ле", "слав мир на ка"),
    "Hebrew": (20, "יו אב דנ מי", "ה ר ו", "אל ים ית"),
    "Arabic": (30, "سل مر عب نو", "ا ي و", "ن م د ة"),
    "Hindi, in clusters": (35, "प्रि नी कृ सु", "या लि ष्ण मि", "मा णा त्रा"),
    "kana": (80, "あ か さ た な は", "き ん め る ゆ", "こ み お と"),
    "a hundred and fifty": (150, "Bran Eld Gal Hor Ith Mor", "a i o ui e", "dir wen las rond mir thil"),
}
"""How many names, and the syllables that they begin with, go on with and end with."""
LEARN = """async ([lists]) => {
  const text = (id) => document.getElementById(id).textContent.trim();
  const packed = Uint8Array.from(atob(text("prior")), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const worker = new Worker(URL.createObjectURL(new Blob([text("engine")], { type: "text/javascript" })));
  const answer = (message) => new Promise((resolve, reject) => {
    worker.onerror = reject;
    worker.onmessage = ({ data }) => resolve(data.result ?? data);
    worker.postMessage(message);
  });
  await answer({ prior: new Uint8Array(await new Response(stream).arrayBuffer()) });
  const found = [];
  for (const { names, texts } of lists) {
    const { id: model } = await answer({ id: 1, call: "learn", options: { names } }), nats = [];
    for (const { text, ids } of texts) {
      const rows = await answer({ id: 1, call: "logProbabilities", options: { model, text } });
      nats.push(-rows.reduce((sum, row, place) => sum + row[ids[place] ?? 0], 0) / rows.length);
    }
    found.push(nats);
  }
  worker.terminate();
  return found;
}"""


def invented(what: str) -> tuple[list[str], list[str]]:
    """The names of a list, and others of its letters that are held out."""
    count, *parts = LISTS[what]
    rng = random.Random(what)
    starts, middles, ends = (part.split() for part in parts)
    found: dict[str, None] = {}
    while len(found) < count + HELD_OUT:
        inner = rng.choices(middles, k=rng.choice((0, 1, 1, 2)))
        found["".join([rng.choice(starts), *inner, rng.choice(ends)])] = None
    return [*found][:count], [*found][count:]


def test_ten_lists_are_learnt_as_in_python(chrome: Browser, tmp_path: Path) -> None:
    mangosaurus.export_workshop(tmp_path / "workshop.html")
    watched = Watched(chrome)
    page = watched.open()
    page.goto((tmp_path / "workshop.html").as_uri())
    asked, wanted = [], []
    for what in LISTS:
        names, held_out = invented(what)
        model = mangosaurus.fit(names, budget=0)
        texts = [*names[:HELD_OUT], *(name for name in held_out if (model.vocabulary.find(name) > 0).all())]
        ids = [model.vocabulary.encode(text).tolist() for text in texts]
        asked.append(
            {"names": names, "texts": [{"text": text, "ids": each} for text, each in zip(texts, ids, strict=True)]}
        )
        wanted.append(model.losses(texts))
    for what, losses, found in zip(LISTS, wanted, page.evaluate(LEARN, [asked]), strict=True):
        assert found == pytest.approx(losses, abs=TOLERANCE), what
    assert watched.complaints == []
