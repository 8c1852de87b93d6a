"""清单: what an archive holds, and by what one knows that all of it came back."""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields

import django
from django.conf import settings

from accountability.backups import Refusal

FORM = 1  # of the archive; raised when an older command could no longer read it
# What must be kept elsewhere: none of these stands in an archive.
SECRETS = ("SECRET_KEY", "AUDIT_KEY", "DATABASE_URL", "POSTGRES_PASSWORD", "REDIS_URL", "EMAIL_URL", "METRICS_TOKEN")
SECRETS_BEGIN = ("ROBOT_", "OIDC_", "CAS_")
KEYS = ("SECRET_KEY", "AUDIT_KEY")  # whose loss, or change, makes itself felt in the data


@dataclass(frozen=True)
class Table:
    """表: rows and a SHA-256 over them, columns by name, rows by primary key."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Kept:
    """文件: size in bytes and SHA-256."""

    size: int
    sha256: str


@dataclass
class Manifest:
    """清单. ``missing`` are files that rows name and the disk no longer had; ``audit`` is the chain's last seal."""

    engine: str
    started_at: str
    finished_at: str = ""
    form: int = FORM
    commit: str = ""
    django: str = ""
    database: str = ""  # the member that holds it
    migrations: list[str] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    files: dict[str, Kept] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    audit: dict[str, str | int] | None = None
    secrets: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        try:
            facts = json.loads(content)
            if facts["form"] > FORM:
                raise Refusal(f"备份由更新版本的程序写成（格式 {facts['form']}），请用不早于它的程序版本。")
            known = {each.name for each in fields(cls)}
            manifest = cls(**{name: value for name, value in facts.items() if name in known})
            manifest.tables = {name: Table(**table) for name, table in facts["tables"].items()}
            manifest.files = {name: Kept(**kept) for name, kept in facts["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refusal("备份的清单读不懂，文件已损坏。") from error
        return manifest

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def size_of_files(self) -> int:
        return sum(kept.size for kept in self.files.values())


def begin(engine: str, started_at: str) -> Manifest:
    return Manifest(
        engine=engine,
        started_at=started_at,
        commit=commit(),
        django=django.get_version(),
        secrets=secret_names(os.environ),
        keys={name: fingerprint(value) for name in KEYS if (value := _key(name))},
    )


def secret_names(environment: Iterable[str]) -> list[str]:
    """须另行保管: the variables set here that an archive does not hold, by name alone."""
    found = {name for name in environment if name in SECRETS or name.startswith(SECRETS_BEGIN)}
    return sorted(found | {"SECRET_KEY"})


def changed_keys(manifest: Manifest) -> list[str]:
    """Keys that are not those under which the backup was made."""
    return [name for name, print_ in manifest.keys.items() if fingerprint(_key(name)) != print_]


def fingerprint(key: str) -> str:
    """Tells whether two keys are the same and nothing else of them; they are long and random."""
    return hmac.new(key.encode(), b"four-responsibilities backup", hashlib.sha256).hexdigest()[:16]


def _key(name: str) -> str:
    value = getattr(settings, name, "")
    return value if isinstance(value, str) else ""


def commit() -> str:
    """The commit that runs, where it is known: from ``COMMIT`` in the environment, or from git."""
    if settings.COMMIT or not (settings.BASE_DIR / ".git").exists() or not (git := shutil.which("git")):
        return settings.COMMIT
    asked = subprocess.run(  # noqa: S603
        [git, "-C", str(settings.BASE_DIR), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()
