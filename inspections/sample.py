"""样表: the rectification ledger as an office fills it in, handed out as a template and loaded by the demo."""

from pathlib import Path

SAMPLE = Path(__file__).parent / "data" / "ledger-sample.xlsx"
