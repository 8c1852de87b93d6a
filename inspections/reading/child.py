"""在子进程中读台账: the file in, what the ledger says out. The one function of this package that a child is asked for."""

from typing import IO

from accountability.collecting import uncollected
from inspections.reading.cells import read_sheets
from inspections.reading.ledger import read_ledger
from inspections.reading.names import Refused


@uncollected()
def read_book(file: IO[bytes]) -> dict:
    """``refusal`` in words, or ``book``, as JSON can say it."""
    seen = read_sheets(file)
    if seen["refusal"]:
        return {"refusal": seen["refusal"], "book": None}
    try:
        return {"refusal": "", "book": read_ledger(seen).as_data()}
    except Refused as error:
        return {"refusal": str(error), "book": None}
