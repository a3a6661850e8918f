"""Django's settings, made from the environment by `manyi.base.env`."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from manyi.base import env as environment
from manyi.base import log, sqlite

ENV = environment.read(os.environ)
SQLITE_VERSION = sqlite.swap_driver() if ENV.on_sqlite else ""

PACKAGE = Path(__file__).resolve().parent.parent
DATA = ENV.data
SECRET_KEY = ENV.secret_key
SECRET_KEY_FALLBACKS = list(ENV.old_keys)
DEBUG = False
ALLOWED_HOSTS = list(ENV.allowed_hosts)
BASE_URL = ENV.base_url
VERSION_NAME = "Manyi"
TEXT_TIER = ENV.text_tier
LLM = ENV.llm

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "ninja",
    "manyi.web",  # before allauth, whose pages it draws
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "manyi.base",
    "manyi.accounts",
    "manyi.customers",
    "manyi.programmes",
    "manyi.surveys",
    "manyi.feedback",
    "manyi.lake",
    "manyi.metrics",
    "manyi.themes",
    "manyi.connectors",
    "manyi.reports",
    "manyi.upkeep",
    "manyi.loop",
    "manyi.ui",
    "manyi.respond",
    "manyi.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",  # first: refusals bear its headers too
    "manyi.base.requests.RequestId",
    "manyi.api.refusals.Refusals",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "manyi.web.middleware.CurrentMember",
    "manyi.web.middleware.Problems",
]
ROOT_URLCONF = "manyi.config.urls"
WSGI_APPLICATION = "manyi.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "manyi.web.context.shell",
            ],
        },
    }
]

DATABASES = {"default": environment.database(ENV)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ON_SQLITE = ENV.on_sqlite
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if ENV.on_sqlite
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "manyi_cache"}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/log-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "manyi.web.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "phone", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/log-in/"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Manyi"
# A phone whose clock is half a minute off still gets in; each code does so only once.
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "manyi.web.accounts.two_step.Adapter"

LANGUAGE_CODE = "zh-hans" if ENV.language == "zh-Hans" else "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "manyi_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = ENV.https
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9A-Za-z_-]{8,}\..+$"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = str(DATA / "uploads")
for _folder in ("uploads", "static"):
    (DATA / _folder).mkdir(exist_ok=True, mode=0o700)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-manyi_session" if ENV.https else "manyi_session"
CSRF_COOKIE_NAME = "__Host-manyi_csrf" if ENV.https else "manyi_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
CSRF_TRUSTED_ORIGINS = [ENV.base_url]
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
# Certificates are the proxy's: the address that people type says whether this is https.
HTTPS = ENV.https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = ENV.trusted_proxies
EGRESS_ALLOW = ENV.egress_allow
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

for _name, _value in environment.email(ENV).items():
    globals()[_name] = _value
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

LOGGING_CONFIG = None
log.configure(ENV.log_level)
