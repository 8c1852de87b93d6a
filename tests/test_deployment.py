"""What ships: compose file, image, lock, commands. No engine is needed; docker-compose is asked when it is there."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from config import serve
from config.celery import app as celery_app

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = (ROOT / "config/settings.py").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
OURS = ("web", "worker", "beat", "migrate")
REQUIRED = ("SECRET_KEY", "POSTGRES_PASSWORD", "ALLOWED_HOSTS", "SITE_ADDRESS", "UNIVERSITY_NAME")


def read_by_settings() -> set[str]:
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))


# ── docker-compose.yml ────────────────────────────────────────────────────────────────────────


def test_compose_runs_the_production_set():
    assert set(COMPOSE["services"]) == {*OURS, "postgres", "redis"}
    assert "name" not in COMPOSE  # docker-compose 1.29 refuses it


@pytest.mark.parametrize("service", OURS)
def test_every_variable_in_compose_is_read_by_the_settings(service):
    variables = set(COMPOSE["services"][service]["environment"])
    assert variables <= read_by_settings()
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"} <= variables


@pytest.mark.parametrize("service", OURS)
def test_every_command_in_compose_is_known(service):
    match shlex.split(COMPOSE["services"][service]["command"]):
        case ["gunicorn", "--config", file, "--bind", _, application]:
            assert (ROOT / file).is_file()
            assert application == "config.wsgi:application"
        case ["celery", "-A", package, ("worker" | "beat") as role, *options]:
            assert import_module(package).celery_app is celery_app
            assert role == service
            assert set(options[::2]) <= {"--concurrency", "--loglevel"}
        case ["python", "manage.py", command, "--no-input"]:
            assert command in get_commands()
        case unknown:
            pytest.fail(f"{service} runs an unknown command: {unknown}")


def test_embedded_and_compose_run_the_same_programs():
    """make run and production differ in options, never in what is run."""
    embedded = {name: Path(command[0]).name for name, command in serve.commands(8000).items()}
    composed = {name: COMPOSE["services"][name]["command"].split()[0] for name in embedded}
    assert embedded == composed


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in REQUIRED:
        uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), name


def test_migrations_run_once_before_anything_serves():
    for name in ("web", "worker", "beat"):
        assert COMPOSE["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert COMPOSE["services"]["migrate"]["restart"] == "no"
    assert set(COMPOSE["services"]["migrate"]["depends_on"]) == {"postgres"}


def compose(*missing: str) -> subprocess.CompletedProcess:
    environment = {name: "value" for name in REQUIRED if name not in missing}
    return subprocess.run(
        ["docker-compose", "config", "-q"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file_and_insists_on_secrets():
    accepted = compose()
    assert accepted.returncode == 0, accepted.stderr
    for name in REQUIRED:
        assert compose(name).returncode != 0, name


# ── Dockerfile ────────────────────────────────────────────────────────────────────────────────


def test_the_image_leaves_developers_tools_behind():
    removed = re.search(r"pip uninstall --yes \\\n(.+)", DOCKERFILE).group(1).split()
    extra = [Requirement(line).name for line in PROJECT["optional-dependencies"]["dev"]]
    assert sorted(removed) == sorted(extra)


def test_the_image_holds_what_setup_installs():
    """One list of libraries and fonts in two places stays one list."""
    setup = (ROOT / "config/setup.sh").read_text()
    for package in ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk"):
        assert package in setup
        assert package in DOCKERFILE
    for font in re.search(r"fandol_fonts=\((.+)\)", setup).group(1).split():
        assert f"/fonts/{font}" in DOCKERFILE


def test_the_image_copies_every_package():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    packages = {folder.parent.name for folder in ROOT.glob("*/__init__.py")} - {"tests", "docs"}
    assert packages | {"templates", "static", "manage.py", "requirements.lock"} == kept


def test_the_image_runs_unprivileged_and_asks_for_its_health():
    assert re.search(r"^USER app$", DOCKERFILE, re.MULTILINE)
    path = re.search(r"HEALTHCHECK[^\n]*\n.*http://127\.0\.0\.1:8000(/\w+)", DOCKERFILE).group(1)
    assert resolve(path).url_name == "healthz"
    data = re.search(r"DATA_DIR=(\S+)", DOCKERFILE).group(1)
    assert COMPOSE["services"]["web"]["volumes"][0] == f"media:{data}/media"


def test_backups_leave_the_container_and_find_the_clients_of_the_server():
    """pg_dump of an older version than the server refuses; bookworm has the one of the server's image."""
    for name in ("web", "worker"):
        assert "backups:/backups" in COMPOSE["services"][name]["volumes"]
    assert {"backups", "media"} <= set(COMPOSE["volumes"])
    assert "chown -R app:app /data /backups" in DOCKERFILE
    assert "postgresql-client" in DOCKERFILE
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:15-bookworm"
    cron = re.search(r"manage\.py (\w+) (/\w+) --keep \d+", (ROOT / "docker-compose.yml").read_text())
    assert cron.groups() == ("backup", "/backups")
    assert "need pg_dump postgresql-client" in (ROOT / ".ci/run").read_text()


def test_whoever_stops_waits_longer_than_what_is_under_way_may_take(monkeypatch, tmp_path):
    """gunicorn's patience within the supervisor's and the container's."""
    monkeypatch.setenv(
        "PROMETHEUS_MULTIPROC_DIR", str(tmp_path)
    )  # or it would make a folder, and count there from here on
    patience = runpy.run_path(str(ROOT / "config/gunicorn.py"))["graceful_timeout"]
    assert patience < serve.PATIENCE
    assert patience < int(COMPOSE["services"]["web"]["stop_grace_period"].removesuffix("s"))


# ── commands ──────────────────────────────────────────────────────────────────────────────────


def test_readmes_name_only_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"setup", "run", "test", "demo", "lint"} <= targets
    for readme in ROOT.glob("README*.md"):
        named = set(re.findall(r"(?:^|`[^`\n]*)\bmake ([a-z]+)", readme.read_text(), re.MULTILINE))
        assert named, readme.name
        assert named <= targets, readme.name


@pytest.mark.parametrize("script", [".ci/run", "config/setup.sh"])
def test_scripts_are_executable_and_parse(script):
    assert os.access(ROOT / script, os.X_OK)
    done = subprocess.run(["bash", "-n", ROOT / script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ── dependencies ──────────────────────────────────────────────────────────────────────────────


def locked() -> dict[str, str]:
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", LOCK, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def test_the_lock_holds_every_dependency_within_its_range():
    versions = locked()
    for line in [
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["dev"],
        *PROJECT["optional-dependencies"]["sso"],
    ]:
        wanted = Requirement(line)
        assert Version(versions[canonicalize_name(wanted.name)]) in wanted.specifier, line


def test_the_lock_trusts_hashes_alone():
    entries = [entry for entry in re.split(r"\n(?=\S)", LOCK) if not entry.startswith("#")]
    assert len(entries) == len(locked())
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_tracked_file_names_a_registry():
    """Where packages come from is the machine's business: its pip and apt configuration."""
    hosts = r"\b(pypi|pythonhosted|npmjs|yarnpkg|debian)\.(org|com|net)\b|--(extra-)?index-url"
    # The pattern spells its own option, hence this file is left out.
    search = ["git", "grep", "-I", "-l", "-E", "-e", hosts, "--", ".", f":!tests/{Path(__file__).name}"]
    done = subprocess.run(search, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines() == []
    assert done.returncode == 1, done.stderr


@pytest.mark.once
def test_the_production_settings_pass_every_check(tmp_path):
    """``check --deploy`` with warnings as errors, as `make lint` runs it; the control: plain cookies are told of."""
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "0",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_=+",
        "ALLOWED_HOSTS": "example.edu.cn",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    check = "check", "--deploy", "--fail-level", "WARNING"
    done = subprocess.run(
        [sys.executable, "manage.py", *check], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = subprocess.run(
        [sys.executable, "manage.py", *check],
        cwd=ROOT,
        env=environment | {"SECURE_SSL_REDIRECT": "0"},
        capture_output=True,
        text=True,
    )
    assert told.returncode != 0
    assert "security.W008" in told.stderr
