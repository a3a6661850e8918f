"""The command says in one sentence what is wrong, and `serve` ends with all its children."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from manyi import __version__
from manyi.cli.main import COMMANDS, main
from manyi.cli.serve import GRACE_SECONDS
from tests.postgresql import free_port
from tests.reliability.installation import Installation
from tests.upkeep.rows import manyi


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("main") / "data"


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["serve", "--prot", "1"],
        ["serve", "--port", "many"],
        ["demo", "--scale", "0"],
        ["setup"],
        ["backup"],
        ["bench", "nothing"],
    ],
)
def test_wrong_usage_is_2_and_stores_nothing(words: list[str], capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == "" and "usage: manyi" in said.err


def test_help_and_version_are_told(tmp_path: Path):
    done = manyi(tmp_path, "--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert manyi(tmp_path, "--version").stdout.strip() == f"manyi {__version__}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"manyi {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MANYI_DATBASE_URL", "x", "is not a setting of Manyi"),
        ("MANYI_LANGUAGE", "fr", "use one of zh-Hans, en"),
        ("MANYI_TIME_ZONE", "Mars/Base", "use a name such as"),
        ("MANYI_BASE_URL", "cx.example.com", "write it as https://"),
        ("MANYI_SECRET_KEY", "short", "at least 50"),
        ("MANYI_TRUSTED_PROXIES", "10.0.0.0/99", "network that cannot be read"),
        ("MANYI_DATABASE_URL", "mysql://x", "begin with postgresql://"),
        ("MANYI_SECRET_KEY_FILE", "/nowhere/key", "cannot be read"),
        ("MANYI_DATA", "/proc/nowhere/data", "cannot be made"),
    ],
)
def test_a_bad_setting_stops_with_one_sentence(name, value, said, tmp_path: Path):
    done = manyi(tmp_path / "data", "doctor", **{name: value})
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path):
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    done = manyi(tmp_path / "data", "rebuild", MANYI_DATABASE_URL=url)
    assert done.returncode == 1 and done.stderr.strip() and "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    here = Installation(tmp_path_factory.mktemp("serving") / "data").set_up()
    here.start()
    yield here
    assert here.process is not None
    if here.process.poll() is None:
        here.kill()


def serve(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return manyi(data, "serve", *words)


def test_an_address_in_use_or_not_ours_is_said(serving: Installation, data: Path):
    taken = serve(data, "--port", str(serving.port))
    assert taken.returncode == 1 and f"Port {serving.port} is taken" in taken.stderr
    for host in ("203.0.113.7", "nowhere.invalid"):
        done = serve(data, "--host", host, "--port", str(free_port()))
        assert done.returncode == 1 and "cannot serve on" in done.stderr, done.stderr


def test_a_second_server_on_one_folder_and_more_processes_are_refused(serving: Installation):
    done = serve(serving.folder, "--port", str(free_port()))
    assert done.returncode == 1 and "Another server already uses" in done.stderr
    done = serve(serving.folder, "--port", str(free_port()), "--workers", "2")
    assert done.returncode == 1 and "one web process" in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_seconds_with_all_its_children(sign: int, serving: Installation):
    if serving.process is None or serving.process.poll() is not None:
        serving.start()
    assert serving.process is not None
    group = serving.process.pid
    assert len(members(group)) >= 3, "supervisor, web server, worker"
    started = time.monotonic()
    serving.process.send_signal(sign)
    assert serving.process.wait(120) == 0
    assert time.monotonic() - started < 2 * GRACE_SECONDS, "nobody had to be killed"
    assert within(30, lambda: not members(group)), members(group)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", serving.port))


def test_processes_that_die_are_started_again(serving: Installation):
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    if serving.process is None or serving.process.poll() is not None:
        serving.start()
    assert serving.process is not None
    group = serving.process.pid
    worker = next(pid for pid in members(group) if command(pid)[-1:] == ["work"])
    os.kill(worker, signal.SIGKILL)
    assert within(
        90, lambda: any(p != worker and command(p)[-1:] == ["work"] for p in members(group))
    )
    known = serving_pages(group)
    (serves,) = [pid for pid in known if parent(pid) in known]
    os.kill(serves, signal.SIGSEGV)  # its parent watches
    assert within(90, lambda: bool(serving_pages(group) - known))
    assert within(90, lambda: is_answering(serving.port))
    assert serving.stop() == 0


def serving_pages(group: int) -> set[int]:
    return {pid for pid in members(group) if "granian" in command(pid)}


def is_answering(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/healthz"
    with contextlib.suppress(OSError), urlopen(url, timeout=10) as answer:
        return answer.status == 200
    return False


def members(group: int) -> list[int]:
    """Return the living processes of a group."""
    done = subprocess.run(["ps", "-eo", "pid,pgid,stat"], capture_output=True, text=True)
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return [int(pid) for pid, pgid, stat in rows if int(pgid) == group and stat[0] != "Z"]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return []


def within(seconds: float, done) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(0.1)
    return False
