"""Settings of the deployable site, all from the environment.

Two shapes: *embedded* (the default: everything lies in one folder, ``GAAP_DATA``) and *real services*
(``DATABASE_URL``, ``BROKER_URL``, ``REDIS_URL``). ``docs/reference/settings.md`` lists every variable.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from gaap.theme.csp import BASE_POLICY
from gaap.theme.host_cookies import prefixed
from gaap_site.databases import databases
from gaap_site.secrets_file import embedded_secrets

PROJECT_DIR = Path(__file__).resolve().parents[2]

GAAP_ENVIRONMENT = os.environ.get("GAAP_ENVIRONMENT", "development")
DATABASE_URL = os.environ.get("DATABASE_URL", "")
BROKER_URL = os.environ.get("BROKER_URL", "memory://localhost/")
REDIS_URL = os.environ.get("REDIS_URL", "")
GAAP_EMBEDDED = os.environ.get("GAAP_EMBEDDED", "0" if DATABASE_URL else "1") == "1"

_data = os.environ.get("GAAP_DATA") or ("" if DATABASE_URL else str(PROJECT_DIR / "data" / "default"))
GAAP_DATA_DIR = Path(_data).resolve() if _data else None
_secrets = embedded_secrets(GAAP_DATA_DIR) if GAAP_DATA_DIR else {}


def _secret(name: str) -> str:
    """Return a secret from the environment, from the file it names (NAME_FILE), or from the data folder."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    if value := os.environ.get(name) or _secrets.get(name):
        return value
    raise ImproperlyConfigured(f"Set {name} (or {name}_FILE), or GAAP_DATA for an embedded instance.")


def _optional_secret(name: str) -> str:
    """Return a secret that may be left out, or an empty text."""
    try:
        return _secret(name)
    except ImproperlyConfigured:
        return ""


SECRET_KEY = _secret("SECRET_KEY")
GAAP_DIGEST_KEY = _secret("GAAP_DIGEST_KEY")
GAAP_ENCRYPTION_KEYS = tuple(_secret("GAAP_ENCRYPTION_KEYS").split(","))
GAAP_BASE_URL = os.environ.get("GAAP_BASE_URL", "http://127.0.0.1:8000/")
GAAP_WORK_LEASE_SECONDS = float(os.environ.get("GAAP_WORK_LEASE_SECONDS", "60"))
GAAP_SNAPSHOT_SECONDS = float(os.environ.get("GAAP_SNAPSHOT_SECONDS", "2"))
GAAP_HINT_SECONDS = float(os.environ.get("GAAP_HINT_SECONDS", "0.05"))
GAAP_INNER_NETWORK = os.environ.get("GAAP_INNER_NETWORK", "open")
GAAP_METRICS_TOKEN = _optional_secret("GAAP_METRICS_TOKEN")
GAAP_OTLP_ENDPOINT = os.environ.get("GAAP_OTLP_ENDPOINT", "")
GAAP_OTLP_AUTHORIZATION = _optional_secret("GAAP_OTLP_AUTHORIZATION")
GAAP_TRACE_SHARE = float(os.environ.get("GAAP_TRACE_SHARE", "1"))
GAAP_SECURITY_CONTACTS = [one.strip() for one in os.environ.get("GAAP_SECURITY_CONTACTS", "").split(",") if one.strip()]
GAAP_SECURITY_EXPIRES = os.environ.get("GAAP_SECURITY_EXPIRES", "")
GAAP_SECURITY_LANGUAGES = [
    one.strip() for one in os.environ.get("GAAP_SECURITY_LANGUAGES", "").split(",") if one.strip()
]
GAAP_SECURITY_POLICY_URL = os.environ.get("GAAP_SECURITY_POLICY_URL", "")
GAAP_BREACHED_PASSWORDS_FILE = os.environ.get("GAAP_BREACHED_PASSWORDS_FILE", "")
GAAP_ARCHIVE_DIR = os.environ.get("GAAP_ARCHIVE_DIR", "")
GAAP_FORGET_BY_MONTH = os.environ.get("GAAP_FORGET_BY_MONTH", "0") == "1"
GAAP_EVENT_WAITERS = int(os.environ.get("GAAP_EVENT_WAITERS", "4"))
GAAP_REQUESTS_AT_ONCE = int(os.environ.get("GAAP_REQUESTS_AT_ONCE", "0" if GAAP_EMBEDDED else "8"))
GAAP_REQUESTS_WAITING = int(os.environ.get("GAAP_REQUESTS_WAITING", "16"))
GAAP_REQUEST_PATIENCE_SECONDS = float(os.environ.get("GAAP_REQUEST_PATIENCE_SECONDS", "2"))
GAAP_SURGE_PER_MINUTE = float(os.environ.get("GAAP_SURGE_PER_MINUTE", "0"))
GAAP_SURGE_PASS_MINUTES = float(os.environ.get("GAAP_SURGE_PASS_MINUTES", "30"))
GAAP_WEBHOOK_LANES = int(os.environ.get("GAAP_WEBHOOK_LANES", "2"))
GAAP_BRAND = {
    key: os.environ[f"GAAP_BRAND_{key.upper()}"]
    for key in ("name", "organisation", "primary_colour", "accent_colour", "focus_colour", "logo_url", "logo_alt")
    if f"GAAP_BRAND_{key.upper()}" in os.environ
}

DEBUG = False
ALLOWED_HOSTS = os.environ.get("GAAP_ALLOWED_HOSTS", "*" if GAAP_EMBEDDED else "").split(",")
ROOT_URLCONF = "gaap_site.urls"
WSGI_APPLICATION = "gaap_site.wsgi.application"
APPEND_SLASH = False
# A letter of 5 MB comes as base64.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Before the admin and allauth, whose templates they take the place of.
    "gaap",
    "gaap.console",
    "gaap.operators.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "gaap_site",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
    "gaap_identity",
    "gaap_payments",
    "gaap_notify",
]

MIDDLEWARE = [
    "gaap.observing.requests.RequestMiddleware",
    "gaap.security.middleware.SecurityEventsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "gaap.theme.csp.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gaap.theme.headers.KeptNowhereMiddleware",
    "gaap.theme.people.SessionMiddleware",
    "gaap.theme.middleware.LanguageMiddleware",
    "gaap.surge.middleware.SurgeMiddleware",
    "gaap.theme.errors.ErrorPageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "gaap.theme.people.CsrfViewMiddleware",
    "gaap.theme.people.AuthenticationMiddleware",
    "gaap.operators.middleware.ActorMiddleware",
    "gaap.theme.people.MessageMiddleware",
    "gaap.operators.staff_sessions.StaffSessionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gaap.theme.context.theme",
            ],
        },
    },
]
FORM_RENDERER = "gaap.theme.forms.ThemeRenderer"

# --- database, cache, files -------------------------------------------------------------------------------------------

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": str(GAAP_DATA_DIR / "gaap.sqlite3") if GAAP_DATA_DIR else ":memory:",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES: dict[str, Any] = databases(os.environ) if DATABASE_URL else {"default": SQLITE}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
STATIC_URL = "/static/"
STATIC_ROOT = None if GAAP_EMBEDDED else os.environ.get("GAAP_STATIC_ROOT", str(PROJECT_DIR / "staticfiles"))
# Letters and files by email, sealed; any storage of Django's, such as one that speaks S3.
GAAP_FILES = os.environ.get("GAAP_FILES") or str((GAAP_DATA_DIR or PROJECT_DIR / "data") / "files")
PRIVATE_STORAGE: dict[str, Any] = json.loads(os.environ.get("GAAP_FILE_STORAGE", "{}")) or {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": GAAP_FILES, "base_url": None, "file_permissions_mode": 0o600},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": PRIVATE_STORAGE,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if GAAP_EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = GAAP_EMBEDDED
WHITENOISE_AUTOREFRESH = False

# --- people and their browsers ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("cy", "Cymraeg"), ("vi", "Tiếng Việt")]
# Django's own English writes dates as Americans do.
FORMAT_MODULE_PATH = ["gaap.formats"]
TIME_ZONE = os.environ.get("GAAP_TIME_ZONE", "Europe/London")
USE_TZ = True

PASSWORD_HASHERS = ["gaap.hashers.StaffPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "gaap.console.passwords.LengthRule", "OPTIONS": {"min_length": 12}},
    {"NAME": "gaap.console.passwords.CommonRule"},
    {"NAME": "gaap.console.passwords.SimilarityRule"},
    {"NAME": "gaap.console.passwords.BreachRule"},
]
# A message may hold a key that is shown once; Django's default would put it into a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
IS_HTTPS = GAAP_BASE_URL.startswith("https://")
SESSION_COOKIE_NAME = prefixed("gaap_session", is_https=IS_HTTPS)
SESSION_COOKIE_SECURE = IS_HTTPS
GAAP_STAFF_IDLE_MINUTES = float(os.environ.get("GAAP_STAFF_IDLE_MINUTES", "60"))
GAAP_STAFF_SESSION_HOURS = float(os.environ.get("GAAP_STAFF_SESSION_HOURS", "12"))
SESSION_COOKIE_AGE = int(GAAP_STAFF_SESSION_HOURS * 60 * 60)
CSRF_COOKIE_NAME = prefixed("gaap_csrf", is_https=IS_HTTPS)
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "gaap.theme.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("GAAP_BEHIND_PROXY") == "1" else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_SSL_REDIRECT = False
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": dict(BASE_POLICY)}

# --- signing in of team members and operators (docs/adr/0013-team-sign-in.md) ----------------------------------------

GAAP_CONSOLE = {
    "SECOND_FACTOR": os.environ.get("GAAP_CONSOLE_SECOND_FACTOR", "0" if GAAP_EMBEDDED else "1") == "1",
    "EMAIL_DOMAINS": [domain for domain in os.environ.get("GAAP_CONSOLE_EMAIL_DOMAINS", "").split(",") if domain],
}
GAAP_OPERATOR_SIGN_IN = "gaap.console.operator_sign_in.ConsoleSignIn"
GAAP_OPERATOR_MFA = os.environ.get("GAAP_OPERATOR_MFA", "0" if GAAP_EMBEDDED else "1") == "1"
GAAP_STUCK_AFTER_SECONDS = float(os.environ.get("GAAP_STUCK_AFTER_SECONDS", "300"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "gaap-console"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if os.environ.get("GAAP_BEHIND_PROXY") == "1" else 0
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_ADAPTER = "gaap.console.adapters.ConsoleAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "gaap.console.forms.account.SignInForm",
    "signup": "gaap.console.forms.account.SignUpForm",
    "confirm_email_verification_code": "gaap.console.forms.account.ConfirmEmailForm",
    "reset_password": "gaap.console.forms.account.ForgottenPasswordForm",
    "reset_password_from_key": "gaap.console.forms.account.NewPasswordForm",
    "change_password": "gaap.console.forms.account.ChangePasswordForm",
    "reauthenticate": "gaap.console.forms.account.ConfirmPasswordForm",
}
MFA_ADAPTER = "gaap.console.adapters.ConsoleMFAAdapter"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "gaap.console.forms.account.SecondFactorForm",
    "reauthenticate": "gaap.console.forms.account.ConfirmCodeForm",
    "activate_totp": "gaap.console.forms.account.SetUpAppForm",
}

# --- APIs -------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["gaap.keys.authentication.BearerKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["gaap.keys.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["gaap.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "gaap.api.errors.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Platform APIs",
    "DESCRIPTION": "Identity, Pay and Notify behind one host and one key.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "WebhookStatus": "gaap.webhooks.api.serializers.WEBHOOK_STATUSES",
        "DeliveryStatus": "gaap.webhooks.models.Delivery.Status",
    },
}

# --- background work --------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"polling_interval": 0.05} if BROKER_URL.startswith(("memory", "filesystem")) else {}
)
if BROKER_URL.startswith("amqp"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
GAAP_QUEUE_PREFIX = os.environ.get("GAAP_QUEUE_PREFIX", "")

# --- components -------------------------------------------------------------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "gaap_identity.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "gaap_identity.AuthorizationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "gaap_identity.AccessToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "gaap_identity.RefreshToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "gaap_identity.IDToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER = {
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": False,
}
GAAP_IDENTITY = {
    key: os.environ[variable]
    for key, variable in (("SUBJECT_NAMESPACE", "GAAP_SUBJECT_NAMESPACE"),)
    if variable in os.environ
}

GAAP_NOTIFY = json.loads(os.environ.get("GAAP_NOTIFY", "{}"))
GAAP_PAYMENTS_PROVIDER_ADDRESSES = json.loads(os.environ.get("GAAP_PAYMENTS_PROVIDER_ADDRESSES", "{}"))

EMAIL_BACKEND = os.environ.get("GAAP_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = os.environ.get("GAAP_EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("GAAP_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("GAAP_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = _secret("GAAP_EMAIL_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = os.environ.get("GAAP_EMAIL_USE_TLS", "0") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("GAAP_EMAIL_FROM", f"no-reply@{urlsplit(GAAP_BASE_URL).hostname}")

# --- logs -------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "gaap.observing.logs.LineFormatter",
            "fmt": "{asctime} {levelname} {name} [{request_id}]: {message}",
            "style": "{",
        },
        "json": {"()": "gaap.observing.logs.JsonFormatter"},
    },
    "filters": {"request_id": {"()": "gaap.observing.logs.RequestIdFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": os.environ.get("GAAP_LOG_FORMAT", "line"),
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("GAAP_LOG_LEVEL", "INFO")},
    "loggers": {
        # Their lines name the path, and a path may hold a one-time token.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        # It tells whole requests, and a query for a message names the recipient's number.
        "twilio.http_client": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # Warns, once for each queue, about tasks with a countdown; there are none.
        "kombu.transport.native_delayed_delivery": {"level": "ERROR"},
    },
}
