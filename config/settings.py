"""
All settings, read once from the environment, top to bottom.

Nothing has to be set: without any variable Reelay runs for itself on 127.0.0.1, with its own
PostgreSQL and Redis, and a sandbox that plays every provider. `manage.py check` explains what is
wrong; `docs/settings.md` lists every name.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.templatetags.static import static

from config import about_the_api, embedded, env, providers, social
from config.embedded import BASE_DIR, VAR
from config.services import celery_broker_url

# The site ------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.kept_secret("SECRET_KEY", VAR / "secret_key", lambda: secrets.token_urlsafe(48))
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

PUBLIC_URL = env.address("PUBLIC_URL")
PORT = env.integer("PORT", 8000, least=0)
#: How links of ours begin: the public address, or where we listen when nobody set one.
SITE_URL = PUBLIC_URL or f"http://127.0.0.1:{PORT}"
_public = urlsplit(PUBLIC_URL)
_https = _public.scheme == "https"

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
if _public.hostname and _public.hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public.hostname)
#: Files of customers come from this host and nothing else does: no page and no session is there.
MEDIA_HOST = env.host("MEDIA_HOST")
if MEDIA_HOST:
    ALLOWED_HOSTS.append(MEDIA_HOST.partition(":")[0])
#: How links to files begin.
MEDIA_SITE = f"{urlsplit(SITE_URL).scheme}://{MEDIA_HOST}" if MEDIA_HOST else SITE_URL

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "generations.apps.GenerationsConfig",
    "billing.apps.BillingConfig",
    "accounts.apps.AccountsConfig",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "config.middleware.RequestIDMiddleware",
    "config.middleware.MediaHostMiddleware",
    "config.middleware.InClearMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.WorkspaceMiddleware",
    "accounts.middleware.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.ImpersonationMiddleware",
    "config.middleware.StaffMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.UnavailableMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]

# PostgreSQL and Redis ------------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(embedded.database_url(), conn_health_checks=True)
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "pool": {
            "min_size": 1,
            "max_size": env.integer("DATABASE_POOL", 16, least=1),
            "timeout": 3,  # then it is a 503 that says when to come back
        },
        # A statement, a lock or a forgotten transaction may never hold the wallets of others.
        "options": "-c statement_timeout=30000 -c lock_timeout=5000 "
        "-c idle_in_transaction_session_timeout=30000",
    }
)

REDIS_URL = embedded.redis_url()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"serializer": "config.caching.PlainSerializer"},
        "VERSION": 2,  # what was pickled before is not read
    }
}

CELERY = {
    "broker_url": celery_broker_url(REDIS_URL),
    "broker_connection_retry_on_startup": True,
    # Tasks are nudges: the rows say what is due. Nothing waits in the broker, nothing is kept.
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 500,
    "worker_soft_shutdown_timeout": 30,
    "worker_enable_remote_control": False,
    "task_send_sent_event": False,
    "task_time_limit": 1800,
    "task_serializer": "json",
    "accept_content": ["json"],
    "broker_transport_options": {
        "queue_order_strategy": "priority",  # a poster is drawn when nothing else is to do
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # A broker that is down must not hold up an order: the nudge is given up at once.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "connect_retries_timeout": 1,
        "health_check_interval": 10,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
    },
    "timezone": "UTC",
}

# People --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "accounts.passwords.LongestPasswordValidator"},
    {"NAME": "accounts.passwords.KnownPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/studio"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
#: Whoever changes what somebody signs in with proves to be them, and they get a letter about it.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True

MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Reelay"
MFA_TOTP_TOLERANCE = 1  # periods of 30 s that a phone's clock may be wrong
MFA_FORMS = {
    "add_webauthn": "accounts.second_factor.PasskeyForm",
    "authenticate_webauthn": "accounts.second_factor.PasskeyStepForm",
    "edit_webauthn": "accounts.second_factor.PasskeyNameForm",
    "login_webauthn": "accounts.second_factor.PasskeyLoginForm",
    "reauthenticate_webauthn": "accounts.second_factor.PasskeyProofForm",
}

SOCIALACCOUNT_ADAPTER = "accounts.social.Adapter"
#: Google and GitHub, as far as they are configured.
SOCIALACCOUNT_PROVIDERS = social.from_environment()
#: An address that somebody else vouches for opens no account of ours: it is connected from inside.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

UNFOLD = {
    "SITE_TITLE": "Reelay",
    "SITE_HEADER": "Reelay",
    "SITE_SYMBOL": "movie",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/img/icon.svg"}],
    "STYLES": [lambda request: static("css/admin.css")],
    "DASHBOARD_CALLBACK": "config.staff.dashboard.callback",
    "COMMAND": {"search_callback": "config.staff.views.command"},
    "SIDEBAR": {"show_search": True, "command_search": True},
    "COLORS": {
        "primary": {  # the projector's amber, as on the site
            "50": "#fff8eb",
            "100": "#feecc7",
            "200": "#fdd98a",
            "300": "#fbc04d",
            "400": "#f5a83c",
            "500": "#e18b16",
            "600": "#b96a0b",
            "700": "#94500d",
            "800": "#7a4112",
            "900": "#673613",
            "950": "#3c1b06",
        }
    },
}

# Money ---------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET")
#: Another address than Stripe's own: the local stand-in, never with a live key.
STRIPE_API_BASE = env.address("STRIPE_API_BASE")
STRIPE_AUTOMATIC_TAX = env.flag("STRIPE_AUTOMATIC_TAX")
#: What somebody gets who confirms an address, in micro-dollars.
SIGN_UP_BONUS = env.dollars("SIGN_UP_BONUS", "0")
#: Nothing dearer is sold, and in a day (UTC) no more than that in all; micro-dollars, None: no end.
MAX_PRICE_PER_CLIP = env.dollars("MAX_PRICE_PER_CLIP", "5") or None
MAX_SPEND_PER_DAY = env.dollars("MAX_SPEND_PER_DAY", "0") or None
#: What one member of staff moves alone, in micro-dollars; more waits for a second one.
STAFF_ALONE_LIMIT = env.dollars("STAFF_ALONE_LIMIT", "50")
#: Lines of the address that statements come from, the name first.
STATEMENT_ISSUER = env.words("STATEMENT_ISSUER") or ["Reelay"]

# Providers, and what plays them --------------------------------------------------------------

#: name -> key, address and whether the sandbox plays it. A provider that is not here is off.
PROVIDERS = providers.from_environment()
SANDBOX = any(provider.sandbox for provider in PROVIDERS.values())
#: Demo accounts and demo credit exist only while nothing real can be spent.
SANDBOX_PLAYS_ALL = SANDBOX and all(provider.sandbox for provider in PROVIDERS.values())

STAFF_NEED_MFA = not (SANDBOX_PLAYS_ALL or DEBUG)
#: Who makes an API key, which orders without asking anybody, has a second factor.
KEYS_NEED_MFA = env.flag("KEYS_NEED_MFA", not (SANDBOX_PLAYS_ALL or DEBUG))
#: Where staff may come from; empty: from anywhere.
STAFF_ADDRESSES = env.networks("STAFF_ADDRESSES")
#: Minutes without a look at the admin, after which staff prove again who they are.
STAFF_IDLE_MINUTES = env.integer("STAFF_IDLE_MINUTES", 30, least=1)

#: Seconds that the database may take for what staff search for.
STAFF_SEARCH_SECONDS = 5

#: Every frame of a clip is decoded before anybody is charged; else only its boxes are walked.
FULL_DECODE = env.flag("FULL_DECODE", default=True)
#: What failing over to a dearer provider may cost us, in micro-dollars: a clip, and a day (UTC).
MAX_FAILOVER_LOSS = env.dollars("MAX_FAILOVER_LOSS", "0.25")
MAX_FAILOVER_LOSS_PER_DAY = env.dollars("MAX_FAILOVER_LOSS_PER_DAY", "25")
#: Seconds that a stopping worker waits for submissions that are held open.
SHUTDOWN_GRACE = env.integer("SHUTDOWN_GRACE", 30, least=0)
#: host:port pairs that may be reached although they are private (test doubles, a local S3).
OUTBOUND_ALLOW = env.pairs("OUTBOUND_ALLOW")
if SANDBOX:
    OUTBOUND_ALLOW.append(urlsplit(providers.SANDBOX_URL).netloc)

# Files ---------------------------------------------------------------------------------------

S3_BUCKET = env.text("S3_BUCKET")
_files: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": VAR / "media", "file_permissions_mode": 0o600},
}
if S3_BUCKET:
    _files = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.address("S3_ENDPOINT_URL") or None,
            "access_key": env.text("S3_ACCESS_KEY_ID") or None,
            "secret_key": env.text("S3_SECRET_ACCESS_KEY") or None,
            "region_name": env.text("S3_REGION", "us-east-1"),
            "addressing_style": env.text("S3_ADDRESSING_STYLE", "path"),
            "signature_version": "s3v4",
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,  # names are ours and hold the content's hash
            "max_memory_size": 8 << 20,
        },
    }
#: Where browsers reach the storage; it stands in every link, as the host is part of what is signed.
S3_PUBLIC_ENDPOINT_URL = env.address("S3_PUBLIC_ENDPOINT_URL") or env.address("S3_ENDPOINT_URL")
_reached = {"endpoint_url": S3_PUBLIC_ENDPOINT_URL or None} if S3_BUCKET else {}
STORAGES = {
    "default": _files,
    "links": _files | {"OPTIONS": _files["OPTIONS"] | _reached},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
#: How long a signed link of ours opens without a key, in seconds.
LINK_SECONDS = env.integer("LINK_SECONDS", 3600, least=60)
#: How long the storage's own links open, to which ours lead; a download only has to begin by then.
S3_LINK_SECONDS = min(LINK_SECONDS, 300)
#: What first frames of one workspace may take, in bytes and in number; None: no end.
UPLOADS_MAX_BYTES = env.integer("UPLOADS_MAX_GB", 50, least=0) << 30 or None
UPLOADS_MAX_FILES = env.integer("UPLOADS_MAX_FILES", 100_000, least=0) or None
#: Likewise clips; one that was ordered is kept all the same.
CLIPS_MAX_BYTES = env.integer("CLIPS_MAX_GB", 0, least=0) << 30 or None
CLIPS_MAX_FILES = env.integer("CLIPS_MAX_FILES", 0, least=0) or None
#: Where files lie while they are brought home and judged.
SPOOL = VAR / "spool"
MAX_CLIP_BYTES = 512 << 20

STATIC_URL = "static/"
STATIC_ROOT = env.text("STATIC_ROOT") or VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# What is kept, and for how long -------------------------------------------------------------

#: Days that a workspace's things are kept where it chose no time of its own; 0: for ever.
CLIPS_KEPT_DAYS = env.integer("CLIPS_KEPT_DAYS", 0, least=0)
UPLOADS_KEPT_DAYS = env.integer("UPLOADS_KEPT_DAYS", 0, least=0)
LOGS_KEPT_DAYS = env.integer("LOGS_KEPT_DAYS", 30, least=1)
#: Days between the end of an account and the moment it is forgotten.
ERASURE_GRACE_DAYS = env.integer("ERASURE_GRACE_DAYS", 7, least=0)

# Letters -------------------------------------------------------------------------------------

_mail = dj_email_url.parse(env.text("EMAIL_URL") or "file:")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"] or VAR / "mail"
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Reelay <reelay@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
#: Whom customers are told to write to; empty: where our letters come from.
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL")

# The API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerKey"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.HasWorkspace"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "accounts.api.schema.Schema",
    "DEFAULT_PAGINATION_CLASS": None,
    "EXCEPTION_HANDLER": "accounts.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "iso-8601",
    "URL_FORMAT_OVERRIDE": None,
}
#: Requests a minute of one API key, and how many of them at once; a workspace has five times that.
#: Columns of keys and workspaces replace them.
API_PAID_PER_MINUTE = env.integer("API_PAID_PER_MINUTE", 120, least=0)
API_PAID_BURST = env.integer("API_PAID_BURST", 40, least=1)
API_OTHER_PER_MINUTE = env.integer("API_OTHER_PER_MINUTE", 1200, least=0)
API_OTHER_BURST = env.integer("API_OTHER_BURST", 200, least=1)
#: Tries of keys that do not open, from one address.
API_FAILED_PER_MINUTE = env.integer("API_FAILED_PER_MINUTE", 60, least=1)
#: Event streams: seconds between two signs of life, and between two looks at who listens.
STREAM_PING = 15
STREAM_CHECK = 60
#: In one process: of one workspace's programs, and of one browser (all its tabs share one).
STREAMS_PER_WORKSPACE, STREAMS_PER_SESSION = 100, 6
#: Threads of a WSGI process, as its server is started; a quarter of them may wait (`Prefer: wait`).
WEB_THREADS = env.integer("WEB_THREADS", 8, least=1)

SPECTACULAR_SETTINGS = {
    "TITLE": "Reelay API",
    "DESCRIPTION": about_the_api.TEXT,
    "TAGS": about_the_api.TAGS,
    "SERVERS": [{"url": SITE_URL, "description": "This Reelay."}],
    "CONTACT": {"name": "The people who run it", "url": f"{SITE_URL}/docs"},
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.description.complete",
    ],
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Several kinds of things have a status of their own.
    "ENUM_NAME_OVERRIDES": {
        "GenerationStatus": ["queued", "running", "succeeded", "failed", "canceled"],
        "TopUpStatus": ["open", "paid", "failed", "expired"],
        "APIKeyStatus": ["active", "expired", "revoked"],
        "VideoStatus": ["queued", "in_progress", "completed", "failed"],
    },
}

# Safety --------------------------------------------------------------------------------------

#: A session ends when nobody was there for so long, and so many days after they signed in.
SESSION_COOKIE_AGE = env.integer("SESSION_IDLE_HOURS", 12, least=1) * 3600
SESSION_MOST_DAYS = env.integer("SESSION_MOST_DAYS", 14, least=1)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-sessionid" if _https else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _https else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SECURE_SSL_REDIRECT = _https and env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
#: What the proxy in front says of a request is believed: see `accounts/addresses.py`, too.
BEHIND_PROXY = env.flag("BEHIND_PROXY", _https)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
WHITENOISE_ALLOW_ALL_ORIGINS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 1

_media = [S3_PUBLIC_ENDPOINT_URL] if S3_BUCKET and S3_PUBLIC_ENDPOINT_URL else []
_media += [MEDIA_SITE] if MEDIA_HOST else []
_stripe = ["https://checkout.stripe.com", "https://billing.stripe.com"]
_payment_pages = ([STRIPE_API_BASE] if STRIPE_API_BASE else _stripe) if STRIPE_SECRET_KEY else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_media],
        "media-src": [SELF, "blob:", *_media],
        "connect-src": [SELF],
        # A form that leads elsewhere is let through by where it leads, too.
        "form-action": [SELF, *_payment_pages, *social.pages(SOCIALACCOUNT_PROVIDERS)],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        # What a browser stops is told to us: by the older name, and by the newer one.
        "report-uri": ["/csp-reports"],
        "report-to": ["csp"],
    }
}

# What is written down ------------------------------------------------------------------------

#: Opens /metrics to other machines, as a bearer token.
METRICS_TOKEN = env.text("METRICS_TOKEN")
SENTRY_DSN = env.text("SENTRY_DSN")
OTEL_EXPORTER_OTLP_ENDPOINT = env.address("OTEL_EXPORTER_OTLP_ENDPOINT")

LOG_FORMAT = env.choice("LOG_FORMAT", "json" if _https else "plain", ["json", "plain"])
_lines = "INFO" if LOG_FORMAT == "json" else "WARNING"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "config.logging.MaskSecrets"}},
    "formatters": {
        "plain": {
            "()": "config.logging.Plain",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "config.logging.JSON"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["mask"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "celery": {"level": "WARNING"},
        # A line for every request, and for every act, is for machines that gather them.
        "config.observing.requests": {"level": _lines},
        "reelay.security": {"level": _lines},
        "httpx": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
