"""Settings, all from the environment; the same code path embedded and in production.

Embedded (no variable set but DEBUG): SQLite and a file broker below DATA_DIR.
Production: DATABASE_URL, REDIS_URL, SECRET_KEY, ALLOWED_HOSTS.
"""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from accountability.transport.timely import TimelySession

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ── mode ──────────────────────────────────────────────────────────────────────────────────────
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="dev-only-not-for-production" * 3 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be set when DEBUG is off.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
for folder in ("media", "static", "fonts", "broker/queue", "broker/done", "broker/control"):
    (DATA_DIR / folder).mkdir(parents=True, exist_ok=True)

# ── applications ──────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "guardian",
    "simple_history",
    "csp",
    "accountability",
    "meetings",
    "inspections",
    "supervision",
]
MIDDLEWARE = [
    "accountability.middleware.health_asks_nobody",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accountability.gates.second_factor_first",
    "accountability.gates.ProofFirst",
    "accountability.middleware.private_pages",
    "accountability.middleware.clear_refusals",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accountability.context_processors.shell",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── database ──────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
# simple-history writes its row beside the business row: without a transaction a crash parts them.
DATABASES["default"]["ATOMIC_REQUESTS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE + WAL: with Django's defaults nine of ten concurrent writes fail (docs/decisions).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# ── people and permissions ────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accountability.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# 二次验证 (8.1.4.1 d): whether those roles must have it; everybody may. Secrets are sealed with keys made of the first
# of SECOND_FACTOR_KEYS, the others still open what was sealed before; a lost key means that all bind anew.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not DEBUG)
SECOND_FACTOR_ROLES = env.list(
    "SECOND_FACTOR_ROLES", default=["discipline", "system_admin", "security_admin", "audit_admin"]
)
SECOND_FACTOR_KEYS = env.list("SECOND_FACTOR_KEYS", default=[SECRET_KEY])
SECOND_FACTOR_ISSUER = env.str("SECOND_FACTOR_ISSUER", default="四责协同")
# After n wrong codes the next is read no earlier than this many seconds times 2^(n-1) later.
SECOND_FACTOR_THROTTLE_SECONDS = env.int("SECOND_FACTOR_THROTTLE_SECONDS", default=1)
# 重新验证: how long a password or code counts as just given; how many wrong ones in a row end the session.
REAUTH_MINUTES = env.int("REAUTH_MINUTES", default=15)
REAUTH_FAILURES = env.int("REAUTH_FAILURES", default=5)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# 统一身份认证: extras, each on when its address is set (docs/single-sign-on.md).
CAS_SERVER_URL = env.str("CAS_SERVER_URL", default="")
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
# Whether it asks for a second factor itself: then ours is not asked of who comes from there.
SSO_HAS_SECOND_FACTOR = env.bool("SSO_HAS_SECOND_FACTOR", default=False)
SSO_LABEL = env.str("SSO_LABEL", default="统一身份认证")
SINGLE_SIGN_ON_BACKENDS = []
if CAS_SERVER_URL:
    CAS_SERVER_URL = CAS_SERVER_URL.rstrip("/") + "/"
    CAS_VERSION = env.str("CAS_VERSION", default="3")
    CAS_SESSION_FACTORY = TimelySession
    SINGLE_SIGN_ON_BACKENDS.append("accountability.single_sign_on.cas.CasBackend")
if OIDC_ISSUER:
    OIDC_RP_CLIENT_ID = env.str("OIDC_CLIENT_ID")
    OIDC_RP_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET")
    OIDC_RP_SIGN_ALGO = env.str("OIDC_SIGN_ALGORITHM", default="RS256")
    OIDC_RP_SCOPES = env.str("OIDC_SCOPES", default="openid profile")
    OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
    OIDC_USE_PKCE = env.bool("OIDC_USE_PKCE", default=True)
    OIDC_STORE_ACCESS_TOKEN = OIDC_STORE_ID_TOKEN = False
    OIDC_TIMEOUT = 10
    LOGIN_REDIRECT_URL_FAILURE = "login"
    SINGLE_SIGN_ON_BACKENDS.append("accountability.single_sign_on.oidc.OidcBackend")
AUTHENTICATION_BACKENDS += SINGLE_SIGN_ON_BACKENDS

# ── language and time ─────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

# ── files ─────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FONT_DIR = DATA_DIR / "fonts"
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=50 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "accountability.uploads.KeepNoMoreThanAllowed",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 20  # a form takes ten and says so; beyond this nothing is read at all
# 查毒: a command that reads standard input (clamdscan --no-summary -), or clamd's socket (a path, or host:port).
ANTIVIRUS_COMMAND = env.str("ANTIVIRUS_COMMAND", default="")
ANTIVIRUS_SOCKET = env.str("ANTIVIRUS_SOCKET", default="")
# What to do when the scanner does not answer: refuse the file, or (0) keep it and mark it 未查毒.
ANTIVIRUS_REQUIRED = env.bool("ANTIVIRUS_REQUIRED", default=True)
ANTIVIRUS_SECONDS = env.int("ANTIVIRUS_SECONDS", default=30)
# Forms carry text, not novels: a body above this is refused with 413 before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

UNIVERSITY_NAME = env.str("UNIVERSITY_NAME", default="江海经贸大学")
# 上级: to whom the school's annual report goes; each report may name another.
HIGHER_COMMITTEE = env.str("HIGHER_COMMITTEE", default="中共江海市委教育工作委员会")
HIGHER_COMMISSION = env.str("HIGHER_COMMISSION", default="中共江海市纪律检查委员会")

# ── rules of the house, all changeable without code ───────────────────────────────────────────
# 将到期: a duty wears the "soon" light this many days before its day.
SOON_DAYS = env.int("SOON_DAYS", default=30)
# 追究: how many days after its due day a duty without letter or measure counts as not pursued.
PURSUE_AFTER_DAYS = env.int("PURSUE_AFTER_DAYS", default=5)
# 干部: the roles of posts whose holders have an integrity archive (中层以上); the days within which it is to be opened.
CADRE_ROLES = env.list(
    "CADRE_ROLES", default=["secretary", "member", "unit_secretary", "department", "inspection_office"]
)
ARCHIVE_WITHIN_DAYS = env.int("ARCHIVE_WITHIN_DAYS", default=30)
# 查阅: how long an archive stays open after its purpose was given; whose posts may ask to open one; for how long at most.
ARCHIVE_OPEN_MINUTES = env.int("ARCHIVE_OPEN_MINUTES", default=30)
ARCHIVE_ASKER_ROLES = env.list(
    "ARCHIVE_ASKER_ROLES",
    default=["secretary", "member", "office", "department", "inspection_office", "discipline"],
)
ARCHIVE_GRANT_DAYS = env.int("ARCHIVE_GRANT_DAYS", default=30)
# 廉洁意见: the departments that may ask (besides the office), and the word of its numbers.
OPINION_UNITS = env.list("OPINION_UNITS", default=["组织部"])
OPINION_WORD = env.str("OPINION_WORD", default="纪廉意")
# 集中整改期, in months from the day of feedback: after an outside inspection, after every other.
RECTIFY_MONTHS_EXTERNAL = env.int("RECTIFY_MONTHS_EXTERNAL", default=6)
RECTIFY_MONTHS = env.int("RECTIFY_MONTHS", default=3)
# 整改进展月报: the day of the month it is due by, moved to a working day; 0 means the month's last working day.
PROGRESS_REPORT_DAY = env.int("PROGRESS_REPORT_DAY", default=0)
# Reports go on after that period while a unit leads a measure of an unclosed problem; 0 ends them with the period.
PROGRESS_REPORTS_AFTER_PERIOD = env.bool("PROGRESS_REPORTS_AFTER_PERIOD", default=True)
# 补录: a record entered later than this many days after the event is marked as late entry.
LATE_ENTRY_DAYS = env.int("LATE_ENTRY_DAYS", default=7)
# 形式主义提示 (四（三）): from what share of equal text on two texts are shown side by side, in per cent, and how many
# characters of its own a text must have to be compared at all.
HINT_TEXT_PERCENT = env.int("HINT_TEXT_PERCENT", default=40)
HINT_TEXT_LEAST = env.int("HINT_TEXT_LEAST", default=100)
# How many earlier working years the texts and pictures of an open year are held against.
HINT_YEARS_BACK = env.int("HINT_YEARS_BACK", default=2)
# 佐证早于要求: what was done more than so many days before it was asked for.
HINT_OLDER_DAYS = env.int("HINT_OLDER_DAYS", default=30)
# 事后很久才录入: entered more than so many days after the event.
HINT_LATE_DAYS = env.int("HINT_LATE_DAYS", default=60)
# 集中突击录入: so many records of a unit in one day; or so many of them that were due within the days named, or late.
HINT_ENTRIES_A_DAY = env.int("HINT_ENTRIES_A_DAY", default=8)
HINT_ENTRIES_LAST_DAYS = env.int("HINT_ENTRIES_LAST_DAYS", default=4)
HINT_LAST_DAYS = env.int("HINT_LAST_DAYS", default=3)
# The hour (Asia/Shanghai) at which the night's look for such signs begins.
HINT_HOUR = env.int("HINT_HOUR", default=2)
# 负担计: another table of fields and minutes than supervision/data/burden.yaml.
BURDEN_FILE = env.str("BURDEN_FILE", default="")
# 重复要求: two tasks of one unit due within so many days, with titles this much alike (per cent), are asked twice.
ASKED_TWICE_DAYS = env.int("ASKED_TWICE_DAYS", default=15)
ASKED_TWICE_PERCENT = env.int("ASKED_TWICE_PERCENT", default=70)
# The hour (Asia/Shanghai) of a working day from which the morning's digest goes out.
DIGEST_HOUR = env.int("DIGEST_HOUR", default=8)

# 监督文书的发文字号: 纪督〔2026〕3号; 告知书 have a series of their own, lest a gap in the other tell of them.
LETTER_WORD = env.str("LETTER_WORD", default="纪督")
NOTICE_LETTER_WORD = env.str("NOTICE_LETTER_WORD", default="纪告")

# 提醒函、督办函 of the office (decision 23): 党办提〔2026〕3号.
REMIND_PAPER_WORD = env.str("REMIND_PAPER_WORD", default="党办提")
URGE_PAPER_WORD = env.str("URGE_PAPER_WORD", default="党办督")

# ── mail ──────────────────────────────────────────────────────────────────────────────────────
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="四责协同 <no-reply@localhost>")
SITE_ADDRESS = env.str("SITE_ADDRESS", default="http://127.0.0.1:8000")
# 投递: how long a worker's claim on a channel and on a delivery stands before another takes over; longer than the
# slowest mail server may take for one mail (five answers of twenty seconds).
DELIVERY_LEASE_SECONDS = env.int("DELIVERY_LEASE_SECONDS", default=150)

# ── workers ───────────────────────────────────────────────────────────────────────────────────
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"  # a host, lest kombu warn of none
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 600}
    if REDIS_URL
    else {
        "data_folder_in": str(DATA_DIR / "broker/queue"),
        "data_folder_out": str(DATA_DIR / "broker/queue"),
        "processed_folder": str(DATA_DIR / "broker/done"),
        "control_folder": str(DATA_DIR / "broker/control"),
        "polling_interval": 0.2,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 100
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULER = "accountability.beating:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # Picks up jobs whose message was lost or whose worker died.
    "jobs": {"task": "accountability.tasks.resume_jobs", "schedule": 20.0, "options": {"expires": 60}},
    # Sends what waits; a delivery just made wakes a worker by itself, this finds what was lost or is tried again.
    "deliver": {"task": "accountability.tasks.deliver_due", "schedule": 20.0, "options": {"expires": 60}},
    # Every quarter of an hour, so that a missed morning is caught up the same day; rows make it idempotent.
    "remind": {"task": "supervision.tasks.remind", "schedule": crontab(minute="*/15"), "options": {"expires": 600}},
    # Twice a night, so that one missed run is made up for; a second look finds nothing new.
    "hints": {
        "task": "supervision.tasks.look_for_hints",
        "schedule": crontab(minute=30, hour=f"{HINT_HOUR},{(HINT_HOUR + 2) % 24}"),
        "options": {"expires": 3600},
    },
    # Grants follow posts, also on the day a tenure begins or ends by itself.
    "grants": {
        "task": "accountability.tasks.sync_grants",
        "schedule": crontab(minute=10, hour="*"),
        "options": {"expires": 600},
    },
    # 月报 go on month by month, and into a year just opened; what stands is left as it is.
    "rectification": {
        "task": "inspections.tasks.keep_rectification",
        "schedule": crontab(minute=20, hour="*"),
        "options": {"expires": 600},
    },
    # What was kept unscanned is scanned once the scanner answers again.
    "scan": {"task": "accountability.tasks.scan_missed", "schedule": crontab(minute=40), "options": {"expires": 600}},
}
HEARTBEAT_SECONDS = 60

# ── security ──────────────────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Its own handler would print each line a second time.
        "django": {"handlers": [], "propagate": True},
        # Tell of every style sheet read and every font table cut.
        "weasyprint.progress": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # What it has to say of a robot is told in our own words, and without the robot's address.
        "apprise": {"level": "CRITICAL"},
    },
}
