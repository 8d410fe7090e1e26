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
GROUPED = ("train", "sample", "top", "write", "evaluate", "score", "classify")
"""The commands that have so many options that they are in groups."""
COMMANDS = {
    "Make names and texts": "train sample top write serve",
    "Look at names and models": "evaluate score classify report info",
    "Other models and programs": "blend import-keras import-counts export corpora classic",
}
"""The groups of commands."""
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
    name_values(command)
    ruled = any(getattr(each, "rich_help_panel", None) == RULES for each in command.params)
    for each in command.params:
        if each.param_type_name == "argument":
            each.display_type_rich = lambda ctx: None  # its name says it
            continue
        if command.name not in GROUPED:
            each.rich_help_panel = None
        elif each.rich_help_panel is None:
            each.rich_help_panel = OPTIONS.get(each.name, OUT)
            if each.rich_help_panel == RULES and not ruled:  # the training list is for something else there
                each.rich_help_panel = OUT
        elif each.rich_help_panel == READ and command.name == "train":
            each.rich_help_panel = LEARN
    options = [each for each in command.params if each.param_type_name != "argument"]
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    command.params = arguments + sorted(options, key=lambda each: ORDER.index(each.rich_help_panel))
    command.epilog = in_markdown(command.name)


def name_values(command: Any) -> None:
    """Gives each option without a word for its value one: NUMBER, FILE or TEXT; a switch has an empty one."""
    for each in command.params:
        if each.metavar is None and each.param_type_name != "argument":
            each.metavar = _value_of(each)


def in_markdown(command: str | None) -> str | None:
    """The examples of a command, for the documentation."""
    lines = [f"    {line}" for line in EXAMPLES.get(command or "", ())]
    return "\n".join(["**Examples**:", "", *lines]) if lines and command else None


def print_examples(command: str | None) -> None:
    """Prints the examples of a command, if it has any; those of none without one."""
    lines = EXAMPLES.get(command or "", ())
    if lines:
        print("\n".join([" Examples:", "", *(f"   {line}" for line in lines), ""]))


def _value_of(option: Any) -> str:
    if getattr(option, "is_flag", False):
        return ""
    descriptor = getattr(option, "type_descriptor", None)
    kind = str(getattr(option, "type", "") if descriptor is None else descriptor.annotation).lower()
    if "int" in kind or "float" in kind:
        return "NUMBER"
    return "FILE" if "path" in kind else "TEXT"
