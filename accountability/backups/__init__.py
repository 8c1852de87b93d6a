"""备份与恢复: database, files and audit anchor in one archive that proves itself (GB/T 22239-2019 8.1.4.9).

manifest.py    清单: what an archive holds, as data
reading.py     tables counted and digested, the same way before and after
sqlite.py, postgres.py   how each engine is copied and put back
archive.py     the file: written, read through, refused when a byte of it is not what was written
making.py      备份        restoring.py   恢复        places.py   folders, free space, who still runs
"""

from accountability.services import audit

BACKUP = audit.register("backup", "备份")
RESTORE = audit.register("restore", "恢复")

PACKING_LEVEL = 1  # of gzip: a fifth of the time of the usual 6, for an archive a tenth larger


class Refusal(Exception):
    """拒绝: a Chinese sentence for whoever runs the command; nothing was changed."""
