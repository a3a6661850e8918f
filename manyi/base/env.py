"""Every setting of an installation, read once from the environment and refused loudly.

Each name may also be given as NAME_FILE, whose file holds the value (for secrets).
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from manyi.base import llm

NAMES = {
    "MANYI_DATA": "data folder",
    "MANYI_DATABASE_URL": "postgresql://…; SQLite in the data folder without it",
    "MANYI_BASE_URL": "address under which people reach the installation",
    "MANYI_ALLOWED_HOSTS": "host names to answer to, separated by commas",
    "MANYI_LOG_LEVEL": "debug, info, warning or error",
    "MANYI_SECRET_KEY": "at least 50 characters; generated into the data folder when absent",
    "MANYI_SECRET_KEY_OLD": "former keys, separated by commas: still read, never written with",
    "MANYI_EMAIL_URL": "smtp://user:password@host:port or smtps://…",
    "MANYI_EMAIL_FROM": "sender of mails",
    "MANYI_EGRESS_ALLOW": "CIDRs of private networks that webhooks and connectors may reach",
    "MANYI_TRUSTED_PROXIES": "CIDRs of reverse proxies whose X-Forwarded-For is believed",
    "MANYI_LANGUAGE": "zh-Hans or en",
    "MANYI_TIME_ZONE": "IANA name",
    "MANYI_TEXT_TIER": "best, fast or accurate: which model reads texts",
    "MANYI_LLM_URL": "OpenAI-compatible endpoint, up to /v1; no outside model without it",
    "MANYI_LLM_MODEL": "name of the model at that endpoint",
    "MANYI_LLM_KEY": "key of that endpoint, where it asks for one",
    "MANYI_LLM_TOKENS": "tokens a day that all organisations together may use",
    "MANYI_ENGINE": "reserved",
    "MANYI_LAKE_URL": "reserved",
}
KEY = "secret-key"
OLD_KEY = "secret-key-old"
DATABASE = "manyi.sqlite3"
# What may stand behind the “?” of MANYI_DATABASE_URL, with the name that PostgreSQL's tools read.
POSTGRESQL_OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
}
LOG_LEVELS = ("debug", "info", "warning", "error")
LANGUAGES = ("zh-Hans", "en")
_HOST = re.compile(r"\*|\.?\w[\w.-]*|\[?[0-9a-fA-F:.]+\]?")
_SENDER = re.compile(r"([^<>@]*<)?[^\s<>@]+@[^\s<>@]+>?")
TEXT_TIERS = ("best", "fast", "accurate")


class SettingError(Exception):
    """A setting that cannot be used; its text is the sentence to print."""


@dataclass(frozen=True)
class Env:
    data: Path
    database_url: str
    base_url: str
    allowed_hosts: tuple[str, ...]
    log_level: str
    secret_key: str
    old_keys: tuple[str, ...]
    email_url: str
    email_from: str
    egress_allow: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    language: str
    time_zone: str
    text_tier: str
    llm: llm.Llm | None

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def on_sqlite(self) -> bool:
        return not self.database_url


def read(environ: Mapping[str, str]) -> Env:
    """Return the settings, or raise SettingError with one sentence that says what to do."""
    values = _values(environ)
    data = data_folder(environ)
    _make_folder(data)
    secret_key = _secret_key(values.get("MANYI_SECRET_KEY", ""), data)
    base_url = _base_url(values.get("MANYI_BASE_URL") or "http://127.0.0.1:8000")
    return Env(
        data=data,
        database_url=_database_url(values.get("MANYI_DATABASE_URL", "")),
        base_url=base_url,
        allowed_hosts=_hosts(values.get("MANYI_ALLOWED_HOSTS", ""), base_url),
        log_level=_choice(values, "MANYI_LOG_LEVEL", LOG_LEVELS, "info"),
        secret_key=secret_key,
        old_keys=_old_keys(values.get("MANYI_SECRET_KEY_OLD", ""), data, secret_key),
        email_url=_email_url(values.get("MANYI_EMAIL_URL", "")),
        email_from=_email_from(values.get("MANYI_EMAIL_FROM", ""), base_url),
        egress_allow=_networks(values, "MANYI_EGRESS_ALLOW"),
        trusted_proxies=_networks(values, "MANYI_TRUSTED_PROXIES"),
        language=_choice(values, "MANYI_LANGUAGE", LANGUAGES, "zh-Hans"),
        time_zone=_time_zone(values.get("MANYI_TIME_ZONE") or "Asia/Shanghai"),
        text_tier=_choice(values, "MANYI_TEXT_TIER", TEXT_TIERS, "best"),
        llm=_llm(values),
    )


def data_folder(environ: Mapping[str, str]) -> Path:
    """Return where the data lies or will lie, without making anything."""
    return Path(_values(environ).get("MANYI_DATA") or "data").resolve()


def _values(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, value in environ.items():
        if not name.startswith("MANYI_"):
            continue
        plain = name.removesuffix("_FILE")
        if name not in NAMES and plain not in NAMES:
            raise SettingError(
                f"{name} is not a setting of Manyi. Known names: {', '.join(NAMES)}."
            )
        if name in NAMES:
            found[name] = value.strip()
        elif plain in environ:
            raise SettingError(f"Give either {plain} or {name}, not both.")
        else:
            found[plain] = _file_value(name, value)
    return found


def _file_value(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingError(f"{name} names {path}, which cannot be read: {said}.") from error


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(
            f"The data folder {data} cannot be made: {error.strerror}. Set MANYI_DATA."
        ) from error


def _database_url(url: str) -> str:
    if not url:
        return url
    parts = _parts(url)
    named = parts is not None and parts.path.strip("/")
    if parts is None or parts.scheme not in {"postgresql", "postgres"} or not named:
        raise SettingError(
            "MANYI_DATABASE_URL has to begin with postgresql:// and go on like "
            "user:password@host:5432/name, or be absent for SQLite."
        )
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in POSTGRESQL_OPTIONS:
            raise SettingError(
                f"MANYI_DATABASE_URL holds “{name}”; behind its question mark may stand "
                f"{', '.join(POSTGRESQL_OPTIONS)}."
            )
    return url


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address, or None for one that no program can call."""
    if not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _base_url(url: str) -> str:
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or not _is_bare(parts):
        raise SettingError(
            f"MANYI_BASE_URL is “{url}”; write it as https://cx.example.com without a path."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_bare(parts: SplitResult) -> bool:
    """Whether an address is a host, perhaps with a port, and nothing else."""
    has_more = parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc
    return _is_host(parts.hostname or "") and not has_more


def _is_host(text: str) -> bool:
    # As Django compares them: a name, one with a dot before it for all below, or an address.
    return len(text) <= 253 and _HOST.fullmatch(text) is not None


def _hosts(text: str, base_url: str) -> tuple[str, ...]:
    given = tuple(host.strip() for host in text.split(",") if host.strip())
    for host in given:
        if not _is_host(host):
            raise SettingError(
                f"MANYI_ALLOWED_HOSTS holds “{host}”; write names of hosts without http:// and "
                "without a port, separated by commas."
            )
    own = urlsplit(base_url).hostname or ""
    return tuple(dict.fromkeys((*given, own, "127.0.0.1", "localhost", "[::1]")))


def _choice(values: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = values.get(name) or default
    if value not in allowed:
        raise SettingError(f"{name} is “{value}”; use one of {', '.join(allowed)}.")
    return value


def _llm(values: Mapping[str, str]) -> llm.Llm | None:
    try:
        return llm.read(values)
    except ValueError as error:
        raise SettingError(str(error)) from error


def _secret_key(given: str, data: Path) -> str:
    if given:
        if _is_weak(given):
            raise SettingError(
                "MANYI_SECRET_KEY is too short or too simple; use at least 50 random characters."
            )
        return given
    path = data / KEY
    if not path.exists():
        _make_key(path)
    key = _key_in(path)
    if _is_weak(key):  # a power cut may leave a file of zeros
        raise SettingError(
            f"{path} does not hold a secret key. Put back the file that stood there; where there "
            "never was another, remove it, and a key is made."
        )
    return key


def _is_weak(key: str) -> bool:
    return len(key) < 50 or len(set(key)) < 10


def _make_key(path: Path) -> None:
    """Make the key of a new installation: whole or not at all, and one for all who start now."""
    if (path.parent / DATABASE).exists() and not (path.parent / OLD_KEY).exists():
        raise SettingError(
            f"{path} is gone, and the database beside it is sealed with it. Put it back from a "
            "backup, or set MANYI_SECRET_KEY to the key of this installation."
        )
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".key-") as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            os.fsync(file.fileno())
            os.link(file.name, path)
    except FileExistsError:
        return  # another process was quicker: its key is ours
    except OSError as error:
        raise SettingError(
            f"The data folder {path.parent} cannot be written: {error.strerror}."
        ) from error


def _key_in(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingError(f"{path} holds a secret key and cannot be read: {said}.") from error


def _old_keys(given: str, data: Path, present: str) -> tuple[str, ...]:
    """Return the keys before `present`: those given, and one laid aside in the data folder."""
    aside = data / OLD_KEY
    texts = [*given.split(","), _key_in(aside) if aside.exists() else ""]
    keys = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if any(len(key) < 50 for key in keys):
        raise SettingError("MANYI_SECRET_KEY_OLD holds a key of less than 50 characters.")
    if present in keys:
        raise SettingError(
            "The present secret key is also named as an old one. Make a new MANYI_SECRET_KEY, or "
            f"remove it from MANYI_SECRET_KEY_OLD and {aside}."
        )
    return keys


def _email_url(url: str) -> str:
    parts = _parts(url)
    if url and (parts is None or parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
        raise SettingError("MANYI_EMAIL_URL has to look like smtp://user:password@host:587.")
    return url


def _email_from(given: str, base_url: str) -> str:
    sender = given or "manyi@" + (urlsplit(base_url).hostname or "localhost")
    if not sender.isprintable() or not _SENDER.fullmatch(sender):
        raise SettingError(
            f"MANYI_EMAIL_FROM is “{sender}”; write an address such as manyi@example.com."
        )
    return sender


def _networks(
    values: Mapping[str, str], name: str
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(p.strip()) for p in values.get(name, "").split(",") if p.strip()
        )
    except ValueError as error:
        raise SettingError(f"{name} holds a network that cannot be read: {error}.") from error


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder's name, a long one
        raise SettingError(
            f"MANYI_TIME_ZONE is “{name}”; use a name such as Asia/Shanghai."
        ) from error
    return name


def database(env: Env) -> dict[str, object]:
    """Return Django's settings of the database."""
    if env.on_sqlite:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(env.data / DATABASE),
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": str(env.data / "test.sqlite3")},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA mmap_size=0; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
                " PRAGMA wal_autocheckpoint=4000;",
            },
        }
    parts = urlsplit(env.database_url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def email(env: Env) -> dict[str, object]:
    """Return Django's settings of the mail transport; without a URL no mail is sent."""
    if not env.email_url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(env.email_url)
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
    }
