"""Completion of commands and options by the TAB key: `--install-completion` and `--show-completion`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from click.shell_completion import CompletionItem, FishComplete, add_completion_class, get_completion_class

from mangosaurus.cli.help import VARIABLE
from mangosaurus.core.errors import OptionError

NAME = "mangosaurus"
SHELLS = ("bash", "zsh", "fish", "powershell")


@add_completion_class
class PowerShell(FishComplete):
    """Completion in PowerShell, which asks as fish does."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $Env:%(complete_var)s = "powershell_complete"
    $Env:COMP_WORDS = $commandAst.ToString()
    $Env:COMP_CWORD = $wordToComplete
    %(prog_name)s | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD -ErrorAction SilentlyContinue
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        os.environ.setdefault("COMP_CWORD", "")  # PowerShell has no empty variables
        return super().get_completion_args()

    def format_completion(self, item: CompletionItem) -> str:
        return str(item.value)

    def complete(self) -> str:
        """The completions, a line each. PowerShell completes files itself if there are none."""
        found: list[Any] = self.get_completions(*self.get_completion_args())
        return "\n".join(self.format_completion(item) for item in found if item.type == "plain")


def asked(shell: str) -> str:
    """The shell that was named, or the one that runs this. Raises OptionError for another."""
    if not shell:
        shell = Path(os.environ.get("SHELL", "powershell" if os.name == "nt" else "")).stem
        if shell not in SHELLS:
            raise OptionError(f"the shell is not known; name it: {', '.join(SHELLS[:-1])} or {SHELLS[-1]}")
    shell = "powershell" if shell == "pwsh" else shell
    if shell not in SHELLS:
        raise OptionError(f"the shell is {shell!r}; it must be {', '.join(SHELLS[:-1])} or {SHELLS[-1]}")
    return shell


def script(shell: str) -> str:
    """What the shell must run."""
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(None, {}, NAME, VARIABLE).source()  # type: ignore[arg-type]  # a script needs no command


def install(shell: str) -> Path:
    """Keeps the script where the shell reads it. Returns its file."""
    home = Path.home()
    if shell == "bash":
        path, profile = home / ".bash_completions" / f"{NAME}.sh", home / ".bashrc"
        _add(profile, f"source '{path}'")
    elif shell == "zsh":
        path = home / ".zfunc" / f"_{NAME}"
        _add(home / ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit")
    elif shell == "fish":
        path = home / ".config" / "fish" / "completions" / f"{NAME}.fish"
    else:
        path = _powershell_profile()
        _add(path, script(shell))
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script(shell), encoding="utf-8")
    return path


def _add(profile: Path, text: str) -> None:
    """Adds text to the end of a file, unless it is there."""
    before = profile.read_text(encoding="utf-8") if profile.exists() else ""
    if text not in before:
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text(f"{before}\n{text}\n", encoding="utf-8")


def _powershell_profile() -> Path:
    """The file that PowerShell runs when it starts."""
    import shutil
    import subprocess

    program = shutil.which("pwsh") or shutil.which("powershell")
    if program is None:
        raise OptionError("PowerShell is not found: add what --show-completion powershell prints to its profile")
    words = [program, "-NoProfile", "-Command", "echo $PROFILE"]
    return Path(subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip())
