"""图: five kinds of drawings. Each takes an exhibit and the frozen figures, and answers with an SVG."""

from supervision.report.drawings.bars import bars
from supervision.report.drawings.progress import progress
from supervision.report.drawings.rates import rates
from supervision.report.drawings.timeline import timeline
from supervision.report.drawings.waffle import waffle

DRAWN = {"bars": bars, "progress": progress, "timeline": timeline, "rates": rates, "waffle": waffle}
