"""Settings, all from the environment; the same code path embedded and in production.

Embedded (no variable set but DEBUG): SQLite and a file broker below DATA_DIR.
Production: DATABASE_URL, REDIS_URL, SECRET_KEY, ALLOWED_HOSTS.
"""

import hashlib
from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from accountability.transport.timely import TimelySession
from config import limits

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ── mode ──────────────────────────────────────────────────────────────────────────────────────
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="dev-only-not-for-production" * 3 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be set when DEBUG is off.")
if not DEBUG and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
    raise ImproperlyConfigured("SECRET_KEY must have at least 50 random characters.")
# Keys of yesterday: what they signed is still read while a new key takes over (docs/security.md).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
for folder in ("media", "uploads", "static", "fonts", "broker/queue", "broker/done", "broker/control"):
    (DATA_DIR / folder).mkdir(parents=True, exist_ok=True)

# The commit that runs, where no git tells it: written into the manifest of a backup.
COMMIT = env.str("COMMIT", default="")

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
    "axes",
    "accountability",
    "meetings",
    "inspections",
    "supervision",
]
MIDDLEWARE = [
    "accountability.metrics.counting.counted",
    "accountability.middleware.health_asks_nobody",
    # These four stand outermost, so that files of ours, redirects and errors of any kind bear the headers too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accountability.headers.closed_doors",
    "accountability.headers.head_has_no_body",
    "accountability.auditing.requests.audited",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accountability.logs.tell_requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Before the one that reads the body; it asks who calls, which is known by then.
    "accountability.rates.keep_measure",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accountability.session_limits.SessionLimits",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accountability.gates.second_factor_first",
    "accountability.gates.ProofFirst",
    "accountability.middleware.clear_refusals",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["accountability.templatetags.signs"],
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
# simple-history writes its row beside the business row: without a transaction a crash parts them. Calls that only read
# are taken out again (accountability/transactions.py).
DATABASES["default"]["ATOMIC_REQUESTS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE + WAL: with Django's defaults nine of ten concurrent writes fail (docs/decisions).
    # Opening it and reading its schema takes longer than most pages: it stays open, as a restore sees (backups/sqlite.py).
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Nothing here runs long enough to be worth compiling: what the planner takes for dear is compiled for longer than it runs.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")

# ── people and permissions ────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accountability.Person"
AUTHENTICATION_BACKENDS = [
    "accountability.lockout.Gate",
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
# 口令规则: how long, of how many of four classes, and which of the last are not taken again.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name, "OPTIONS": options}
    for name, options in (
        ("accountability.passwords.LongEnough", {"at_least": env.int("PASSWORD_LENGTH", default=10)}),
        ("accountability.passwords.SeveralClasses", {"at_least": env.int("PASSWORD_CLASSES", default=3)}),
        ("accountability.passwords.NotUsedBefore", {"last": env.int("PASSWORD_HISTORY", default=5)}),
        ("django.contrib.auth.password_validation.UserAttributeSimilarityValidator", {}),
        ("django.contrib.auth.password_validation.CommonPasswordValidator", {}),
    )
]
# 口令有效期, in days from the last change; 0 means for ever.
PASSWORD_MAX_DAYS = env.int("PASSWORD_MAX_DAYS", default=90)
# 登录失败处理: so many failures lock a name, so many from one address (a campus may sit behind one) lock the address.
LOGIN_FAILURES = env.int("LOGIN_FAILURES", default=5)
LOGIN_FAILURES_PER_ADDRESS = env.int("LOGIN_FAILURES_PER_ADDRESS", default=20)
LOGIN_LOCK_MINUTES = env.int("LOGIN_LOCK_MINUTES", default=15)
# 可信代理: how many proxies of ours stand in front and add to X-Forwarded-For; 0 believes none of it.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# 三员分立: nobody may do everything where the product is in use.
SUPERUSERS_MAY_SIGN_IN = DEBUG
# 长期未使用: accounts nobody signed in to for so long are suspended; 0 means never.
ACCOUNT_UNUSED_DAYS = env.int("ACCOUNT_UNUSED_DAYS", default=180)
AXES_HANDLER = "accountability.lockout.Handler"
AXES_LOCKOUT_CALLABLE = "accountability.lockout.answer"
AXES_CLIENT_IP_CALLABLE = "accountability.addresses.address_or_none"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = LOGIN_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=LOGIN_LOCK_MINUTES)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else whoever keeps guessing keeps the account locked
AXES_ENABLE_ADMIN = False  # 运行状况 shows what stands, in Chinese
AXES_DISABLE_ACCESS_LOG = True  # the audit log tells it
AXES_VERBOSE = False
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# 统一身份认证: extras, each on when its address is set (docs/sign-in.md).
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
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else's page has to do with ours
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
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"  # a large upload on its way; what a killed process left is cleared at night
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
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # a worker writes the same lines as the web (accountability/logs.py)
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
    # 账号核查 and what is left behind by logins, in the night; a second look the same night finds nothing new.
    "accounts": {
        "task": "accountability.tasks.review_accounts",
        "schedule": crontab(minute=5, hour="1,3"),
        "options": {"expires": 3600},
    },
    # Events that no seal follows yet: their process died, or their transaction was long.
    "seal": {"task": "accountability.tasks.seal_events", "schedule": 60.0, "options": {"expires": 120}},
    # The whole chain, each night.
    "verify": {
        "task": "accountability.tasks.verify_audit",
        "schedule": crontab(minute=50, hour=3),
        "options": {"expires": 3600},
    },
    # Traces that served their time.
    "clear": {
        "task": "accountability.tasks.clear_old",
        "schedule": crontab(minute=15, hour=4),
        "options": {"expires": 3600},
    },
    "rates": {
        "task": "accountability.tasks.sweep_rates",
        "schedule": crontab(minute=50, hour=3),
        "options": {"expires": 3600},
    },
    # After what is old has gone: SQLite's planner counts by it.
    "statistics": {
        "task": "accountability.tasks.gather_statistics",
        "schedule": crontab(minute=25, hour=4),
        "options": {"expires": 3600},
    },
    # What was kept unscanned is scanned once the scanner answers again.
    "scan": {"task": "accountability.tasks.scan_missed", "schedule": crontab(minute=40), "options": {"expires": 600}},
}
HEARTBEAT_SECONDS = 60

# ── audit ─────────────────────────────────────────────────────────────────────────────────────
# 审计密钥: under it events are stamped and sealed. Set it by itself, or keep its value when SECRET_KEY changes: under another
# key no seal holds (docs/audit.md).
AUDIT_KEY = env.str("AUDIT_KEY", default="") or hashlib.sha256(f"audit\0{SECRET_KEY}".encode()).hexdigest()
# The anchor of the chain and its archives, outside the database.
AUDIT_DIR = Path(env.str("AUDIT_DIR", default=str(DATA_DIR / "audit")))
# 留存: events older than this may be archived; never less than six months (网络安全法第二十一条).
AUDIT_KEEP_DAYS = env.int("AUDIT_KEEP_DAYS", default=365)
if AUDIT_KEEP_DAYS < 180:
    raise ImproperlyConfigured("AUDIT_KEEP_DAYS must be 180 or more: logs are kept for six months at least.")
# ── operations ────────────────────────────────────────────────────────────────────────────────
# 指标: who asks /metrics with this as bearer token gets numbers; without a token set there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# 清理 (manage.py clear_old, each night): days that traces are kept after they served; 0 keeps them for ever.
# Jobs that finished or failed; deliveries that were sent or not needed.
KEEP_JOBS_DAYS = env.int("KEEP_JOBS_DAYS", default=90)
KEEP_DELIVERIES_DAYS = env.int("KEEP_DELIVERIES_DAYS", default=180)
# Sessions after they expired (0: in the next night), and files that an upload or a restore left half written.
KEEP_SESSIONS_DAYS = env.int("KEEP_SESSIONS_DAYS", default=0)
KEEP_TEMPORARY_DAYS = env.int("KEEP_TEMPORARY_DAYS", default=2)

# ── limits of frequency ───────────────────────────────────────────────────────────────────────
RATE_LIMITS = {
    kind: limits.parsed(env.str(f"RATE_{kind.upper()}", default="/".join(map(str, numbers))))
    for kind, numbers in limits.DEFAULTS.items()
}
RATE_LABELS, RATE_LIMITED, RATE_BRINGS_NO_FILE = limits.LABELS, limits.LIMITED, limits.BRINGS_NO_FILE

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
SESSION_ENGINE = "accountability.sessions"
# 会话期限: out after so many minutes without a sign of life (0 means never), and after so many hours in any case.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
SESSION_SEEN_SECONDS = 60  # a sign of life is written no oftener
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "accountability.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # A browser takes these names only over TLS and for this very host: no neighbour below the same domain can plant one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from within, past the proxy
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "accountability.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line" if DEBUG else "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Its own handler would print each line a second time.
        "django": {"handlers": [], "propagate": True},
        # On one's own machine the pages themselves are looked at.
        "accountability.requests": {"level": "WARNING" if DEBUG else "INFO"},
        # Tell of every style sheet read and every font table cut.
        "weasyprint.progress": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # Every failure is an audit event; a second line of it would only repeat who tried.
        "axes": {"level": "ERROR"},
        # What it has to say of a robot is told in our own words, and without the robot's address.
        "apprise": {"level": "CRITICAL"},
    },
}
