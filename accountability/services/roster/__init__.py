"""花名册: organisations, people, posts with their holders, and portfolios, in one Excel workbook and back (一（二）, 二（四）).

What was exported imports again unchanged. An import is previewed, then done whole or not at all; a row that is not in
the file is left alone.
"""

from accountability.services.roster.export import workbook_of
from accountability.services.roster.importing import confirm, drop, plan_of, receive

__all__ = ["confirm", "drop", "plan_of", "receive", "workbook_of"]
