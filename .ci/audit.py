"""Known weaknesses of what is locked: pip-audit in a throw-away environment, read with the list of those accepted for a while.

    python .ci/audit.py

Ends with 1 when a locked version has a known weakness that .ci/accepted-weaknesses.txt does not name, or no longer. Where the
installer or the data about weaknesses cannot be reached it says so and ends with 0: a network that is away is no weakness.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = ROOT / ".ci/accepted-weaknesses.txt"
PATIENCE = 240  # seconds for each step


@dataclass(frozen=True)
class Accepted:
    until: date
    reason: str


def accepted_in(text: str) -> dict[str, Accepted]:
    """``ID until-day reason`` a line; # begins a remark."""
    found = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        weakness, until, reason = line.split(maxsplit=2)
        found[weakness] = Accepted(date.fromisoformat(until), reason)
    return found


def verdict(report: dict, accepted: dict[str, Accepted], today: date) -> tuple[list[str], bool]:
    """What to say, and whether that is a failure."""
    asked = [each for each in report["dependencies"] if "skip_reason" not in each]
    if not asked:
        return ["the data about weaknesses cannot be reached: nothing was audited"], False
    said, failed = [f"{len(asked)} of {len(report['dependencies'])} locked packages audited"], False
    for package in asked:
        for found in package["vulns"]:
            names = {found["id"], *found.get("aliases", ())}
            known = next((accepted[name] for name in names if name in accepted), None)
            what = f"{package['name']} {package['version']}: {', '.join(sorted(names))}"
            if known and known.until >= today:
                said.append(f"accepted until {known.until}: {what} ({known.reason})")
            else:
                mended = ", ".join(found.get("fix_versions", ())) or "none"
                said.append(f"{'NO LONGER ACCEPTED' if known else 'WEAK'}: {what}; mended in: {mended}")
                failed = True
    return said, failed


def report_of(lock: Path) -> dict | None:
    """pip-audit's answer, or none when it cannot be installed or does not answer."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin/python"
        order = [
            "-r",
            str(lock),
            "--disable-pip",
            "--require-hashes",
            "--progress-spinner",
            "off",
            "--timeout",
            "10",
            "--format",
            "json",
        ]
        try:
            for step in (
                [sys.executable, "-m", "venv", folder],
                [str(python), "-m", "pip", "install", "--quiet", "pip-audit"],
            ):
                subprocess.run(step, check=True, capture_output=True, timeout=PATIENCE)  # noqa: S603 - written above
            done = subprocess.run(  # noqa: S603 - written above
                [str(python), "-m", "pip_audit", *order], capture_output=True, timeout=PATIENCE, check=False
            )
            return json.loads(done.stdout)
        except (subprocess.SubprocessError, ValueError, OSError) as error:
            print(f"pip-audit did not answer: {type(error).__name__}")
            return None


def main() -> int:
    report = report_of(ROOT / "requirements.lock")
    if report is None:
        print("nothing was audited")
        return 0
    said, failed = verdict(report, accepted_in(ACCEPTED.read_text(encoding="utf-8")), datetime.now(UTC).date())
    print("\n".join(said))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
