"""The `manyi` command. Exit code 0 = done, 1 = failed, 2 = wrong usage, 3 = rows rejected."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from manyi import __version__
from manyi.base.env import SettingError
from manyi.base.space import is_full
from manyi.base.sqlite import AffectedSqlite
from manyi.cli import address
from manyi.kit.problems import Problem
from manyi.kit.say import say

# Command → module of this folder and what it does; each module offers `arguments(parser)` and
# `run(args) -> int`, and is imported when it is called.
COMMANDS = {
    "serve": ("serve", "serve the pages and work in the background"),
    "work": ("work", "work in the background only"),
    "setup": ("setup", "make the first owner"),
    "token": ("token", "make an API token and print it once"),
    "demo": ("demo", "load the demo"),
    "import": ("import_file", "import a file of feedback"),
    "export": ("export", "export feedback to a file"),
    "rebuild": ("rebuild", "make the lake again from the database"),
    "analyze": ("analyze", "make a report from a file, without a server"),
    "analyse": ("analyze", "the same as analyze"),
    "recount": ("recount", "compare the lake with the database and mend it"),
    "backup": ("backup", "write a consistent backup while serving"),
    "restore": ("restore", "restore a backup into an empty data folder"),
    "doctor": ("doctor", "check the installation and say what to do"),
    "verify-audit": ("verify_audit", "check the audit chain"),
    "bench": ("bench", "measure this installation"),
}
WITHOUT_DATABASE = {"analyze", "analyse", "restore"}
DONE, FAILED, WRONG_USAGE, SOME_REJECTED = 0, 1, 2, 3
# Several requests are answered at once, and matrices here are small: threads of their own only
# fight for the cores (1000 bootstraps of LMG on two cores take seven times the work).
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are one sentence on stderr."""
    # Read when numpy is first imported, and by the processes that serve.
    os.environ.update({name: os.environ.get(name, "1") for name in THREADS})
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in COMMANDS:
        _overview().parse_args(words or ["--help"])
        return WRONG_USAGE
    name = words[0]
    try:
        return _run(name, words[1:])
    except (SettingError, AffectedSqlite) as error:
        return _fail(str(error))
    except Problem as problem:
        return _fail(say(problem.code, language(), problem.params), problem)
    except KeyboardInterrupt:
        return FAILED
    except Exception as error:
        if os.environ.get("MANYI_LOG_LEVEL") == "debug" and not isinstance(error, OSError):
            raise
        return _fail(_said(error, name))


def _said(error: Exception, name: str) -> str:
    if is_full(error):
        return say("disk_full", language(), {"command": name})
    if isinstance(error, OSError):
        return f"{error.filename or name}: {error.strerror or error}"
    return f"{type(error).__name__}: {error}. Set MANYI_LOG_LEVEL=debug to see where."


def _run(name: str, words: list[str]) -> int:
    if name == "serve":
        address.assume(words)
    if name not in WITHOUT_DATABASE:
        start_django()
    module = importlib.import_module(f"manyi.cli.{COMMANDS[name][0]}")
    parser = argparse.ArgumentParser(prog=f"manyi {name}", description=COMMANDS[name][1])
    module.arguments(parser)
    return int(module.run(parser.parse_args(words)))


def start_django() -> None:
    """Read the settings and make the tables known."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manyi.config.settings")
    import django

    django.setup()


def language() -> str:
    """Return the language to speak on this terminal."""
    given = os.environ.get("MANYI_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    return "zh-Hans" if (given or "").lower().startswith("zh") else "en"


def _overview() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manyi",
        description="Measure, explain, improve and prove customer satisfaction.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:14}{about}" for name, (_, about) in COMMANDS.items()),
    )
    parser.add_argument("--version", action="version", version=f"manyi {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    return parser


def _fail(sentence: str, problem: Problem | None = None) -> int:
    print(sentence, file=sys.stderr)
    for one in problem.errors if problem else ():
        print(f"  {one.pointer}: {say(one.code, language(), one.params)}", file=sys.stderr)
    return FAILED
