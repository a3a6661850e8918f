"""Make the pictures of the README: a real server with the demo, in a real browser."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
OPEN_SURVEY = (
    "from manyi.surveys.models import Survey;"
    " print(Survey.objects.filter(state='open').first().code)"
)
# Picture → path, language, theme, size, and whether the whole page is shown.
STAFF = {
    "overview-zh": ("/", "zh-hans", "light", WIDE),
    "overview-en": ("/", "en", "light", WIDE),
    "overview-dark": ("/", "zh-hans", "dark", WIDE),
    "inbox-zh": ("/feedback/", "zh-hans", "light", WIDE),
    "inbox-en": ("/feedback/", "en", "light", WIDE),
    "themes-zh": ("/themes/", "zh-hans", "light", WIDE),
    "themes-en": ("/themes/", "en", "light", WIDE),
    "analysis-zh": ("/analysis/drivers/", "zh-hans", "light", WIDE),
    "analysis-en": ("/analysis/drivers/", "en", "light", WIDE),
}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="manyi-pictures-") as data,
        serving(data) as (port, log),
    ):
        name, password = log_in_of(log, "owner")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for picture, (path, language, theme, size) in STAFF.items():
                page = logged_in(browser, port, name, password, language, theme, size)
                page.goto(f"http://127.0.0.1:{port}{path}")
                settle(page)
                page.screenshot(path=IMAGES / f"{picture}.png")
                page.context.close()
            code = shell(data, "shell", "-c", OPEN_SURVEY).split()[-1]
            results(browser, port, name, password, code)
            respondent(browser, port, code)
            browser.close()
    shrink()


def shrink() -> None:
    """Keep 256 colours: the pages have no more, and the repository stays small."""
    for path in IMAGES.glob("*.png"):
        Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)


def results(browser: Browser, port: int, name: str, password: str, code: str) -> None:
    for language, tag in (("zh-hans", "zh"), ("en", "en")):
        page = logged_in(browser, port, name, password, language, "light", WIDE)
        page.goto(f"http://127.0.0.1:{port}/surveys/{code}/results/")
        settle(page)
        page.screenshot(path=IMAGES / f"results-{tag}.png")
        page.context.close()


def respondent(browser: Browser, port: int, code: str) -> None:
    for language, tag in (("zh-Hans", "zh"), ("en", "en")):
        page = browser.new_context(viewport=PHONE, device_scale_factor=2).new_page()
        page.goto(f"http://127.0.0.1:{port}/s/{code}/?lang={language}")
        page.screenshot(path=IMAGES / f"respond-{tag}.png")
        page.context.close()


def shell(data: str, *words: str) -> str:
    environ = {**os.environ, "MANYI_DATA": data}
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environ,
        check=True,
        capture_output=True,
    )
    return done.stdout.decode()


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)


def logged_in(
    browser: Browser, port: int, name: str, password: str, language: str, theme: str, size: dict
) -> Page:
    context = browser.new_context(
        viewport=size, color_scheme=theme, device_scale_factor=2, locale=language
    )
    context.add_cookies(
        [{"name": "manyi_language", "value": language, "url": f"http://127.0.0.1:{port}"}]
    )
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/log-in/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    return page


@contextlib.contextmanager
def serving(data: str) -> Iterator[tuple[int, Path]]:
    port, log = free_port(), Path(data) / "server.log"
    environ = {**os.environ, "MANYI_DATA": data, "MANYI_BASE_URL": f"http://127.0.0.1:{port}"}
    manyi = [sys.executable, "-m", "manyi"]
    subprocess.run([*manyi, "demo"], env=environ, check=True, stdout=subprocess.DEVNULL)
    with log.open("w") as out:
        server = subprocess.Popen([*manyi, "serve", "--port", str(port)], env=environ, stdout=out)
        try:
            wait(port)
            yield port, log
        finally:
            server.terminate()
            server.wait(20)


def log_in_of(log: Path, role: str) -> tuple[str, str]:
    for line in log.read_text().splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == role:
            return words[1], words[2]
    raise SystemExit(f"no demo log-in for {role}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(port: int) -> None:
    for _ in range(900):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
