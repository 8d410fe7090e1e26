"""How help is arranged: groups of options and commands, words for the types of values, and examples.

An option of a record is in the group of the record, so that a new one needs no line here. Any other option that has
none is in OUT.
"""

from __future__ import annotations

from typing import Any

LEARN, READ, LONG, LARGE = "What to learn from", "How files are read", "How long", "How large"
LIKE, RULES, DRAWN = "More like these", "What a name must be like", "How it is drawn"
OUT, RARE = "What comes out", "Rare"
ORDER = (None, LEARN, LIKE, RULES, LONG, DRAWN, OUT, READ, LARGE, RARE)
"""The groups from top to bottom. None is `Options`."""
RECORDS = {
    "Reading": READ,
    "Settings": RARE,
    "Constraints": RULES,
    "Steering": LIKE,
    "SamplingParameters": DRAWN,
    "Drawing": DRAWN,
    "Output": OUT,
}
"""The group of the options that a record has itself, by its name."""
OPTIONS = {
    **dict.fromkeys(("language", "separator", "inventory", "holdout", "start"), LEARN),
    **dict.fromkeys(("budget", "steps", "epochs", "checkpoint", "every", "resume"), LONG),
    **dict.fromkeys(("cell", "hidden", "layers", "order", "members", "batch"), LARGE),
    **dict.fromkeys(("like", "unlike", "strength", "label", "column"), LIKE),
    "training": RULES,
    **dict.fromkeys(("n", "out", "best", "diverse", "scores", "force", "quiet", "as_json"), OUT),
    **dict.fromkeys(
        ("join", "prompt", "prompt_file", "until", "symbols", "sort", "unit", "html", "top", "samples"), OUT
    ),
    **dict.fromkeys(("memory", "fold"), RARE),
}
"""The group of other options, and of those that are elsewhere than the rest of their record."""
WORDS = {"number": "NUMBER", "file": "FILE"}
"""The words for values that have none of their own, by their types. Others are TEXT."""
GROUPED = ("train", "sample", "top", "write", "evaluate", "score", "classify")
"""The commands that have so many options that they are in groups."""
COMMANDS = {
    "Make names and texts": {
        "train": "Train a model on names or texts, and print ten new names or one new text.",
        "sample": "Generate names, one per line. They are distinct, not in the training list, and satisfy "
        "all constraints.",
        "top": "Print the most probable names of a model, with their probabilities. The list is exact, not sampled.",
        "write": "Continue a text. Each character is printed as soon as it is drawn.",
        "serve": "Serve the models over HTTP, with a page for the browser, until Ctrl-C.",
    },
    "Look at names and models": {
        "evaluate": "Measure the loss of a model on files, in nats per symbol (END included) and in bits per "
        "character.",
        "score": "Print each name, its nats per symbol (END included), and a remark if it is an outlier, "
        "separated by TABs.",
        "classify": "Print each name with the probability of each label, the most probable first, separated by TABs.",
        "report": "Write one HTML page about a model. It can be read offline.",
        "info": "Describe a model: its kind, its training and its held-out loss.",
    },
    "Other models and programs": {
        "blend": "Blend several models into one, such as elves and dwarves, and print ten of its names.",
        "import-keras": "Import a network that Keras trained: recurrent layers and a softmax over the characters of a "
        "text.",
        "import-counts": "Make a model of names from counts of n-grams of characters, or of phonemes and other tokens.",
        "export": "Export a model for other programs, or a page that makes models.",
        "corpora": "List the corpora that you can use by name, in place of a file, in train and evaluate.",
        "classic": "Train the RNN of Coursera's Dinosaur Island exercise from scratch, and print its loss and names.",
    },
}
"""The commands in their groups, each with the first sentences of its help: `--help` imports none of them."""
EXAMPLES = {
    "": (
        'mangosaurus sample --like "Galadriel, Elrond, Legolas"',
        "mangosaurus train towns.txt --out towns.safetensors",
        "mangosaurus sample towns.safetensors -n 100 --prefix San",
    ),
    "train": (
        "mangosaurus train towns.txt --out towns.safetensors",
        "mangosaurus train people.csv --column name --label-column country",
        "mangosaurus train novel.txt --budget 5m --out novel.safetensors",
    ),
    "sample": (
        "mangosaurus sample -n 5",
        'mangosaurus sample --like "Galadriel, Elrond, Legolas"',
        "mangosaurus sample towns.safetensors --prefix San --length 6..12",
    ),
    "top": (
        "mangosaurus top",
        "mangosaurus top towns.safetensors -n 50 --new",
        "mangosaurus top towns.safetensors --suffix ville --json",
    ),
    "write": (
        'mangosaurus write --prompt "Shall I compare thee"',
        "mangosaurus write novel.safetensors --length 2000",
        "mangosaurus write novel.safetensors --temperature 0.7 --out chapter.txt",
    ),
    "evaluate": (
        "mangosaurus evaluate towns.safetensors more-towns.txt",
        "mangosaurus evaluate towns.safetensors more-towns.txt --json",
        "mangosaurus evaluate novel.safetensors sequel.txt --window 40",
    ),
    "score": (
        "mangosaurus score towns.safetensors list.txt",
        "mangosaurus score towns.safetensors list.txt --sort",
        "mangosaurus score towns.safetensors list.txt --html list.html",
    ),
    "classify": (
        "mangosaurus classify people.safetensors list.txt",
        "mangosaurus classify people.safetensors list.txt --top 3",
        "mangosaurus classify people.safetensors list.txt --csv",
    ),
}
"""The examples of a command, and of no command."""
VARIABLE = "_MANGOSAURUS_COMPLETE"
"""The environment variable by which a shell asks for completions."""
START = """Mangosaurus learns how names or texts are spelled, and writes new ones.

  mangosaurus sample             twenty dinosaurs that never lived
  mangosaurus train towns.txt    learn your own list, and print ten new names
  mangosaurus serve              do it in the browser

mangosaurus --help lists all commands."""
"""What `mangosaurus` alone says."""


def group_of(record: type[Any], option: str) -> str | None:
    """The group of an option of a record, which may have inherited it."""
    owner = next(each for each in reversed(record.__mro__) if option in getattr(each, "__annotations__", {}))
    return OPTIONS.get(option) if owner.__name__ == "Settings" and option in OPTIONS else RECORDS.get(owner.__name__)


def arrange(command: Any) -> None:
    """Puts the options of a command into groups, in their order, and names the type of each value."""
    options = [each for each in command.params if each.param_type_name != "argument"]
    ruled = any(each.group == RULES for each in options)
    for each in options:
        each.metavar = "" if each.is_flag else each.metavar or WORDS.get(each.type.name, "TEXT")
        if command.name not in GROUPED:
            each.group = None
        elif each.group is None:
            each.group = OPTIONS.get(each.name, OUT)
            if each.group == RULES and not ruled:  # the training list is for something else there
                each.group = OUT
        elif each.group == READ and command.name == "train":
            each.group = LEARN
    command.params.sort(key=place)


def place(parameter: Any) -> int:
    """Where a parameter is in the help: arguments first, then the groups in their order."""
    return -1 if parameter.param_type_name == "argument" else ORDER.index(parameter.group)
