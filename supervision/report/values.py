"""值: what a cell or a bar of an exhibit says; a figure stands there as its code and is read from the frozen figures."""


def code_of(cell) -> str:
    return cell.get("figure", "") if isinstance(cell, dict) else ""


def words_of(cell, figures: dict) -> str:
    """A cell in words: its figure's value, the words beside its light, or what it says itself."""
    if code := code_of(cell):
        return told(code, figures)
    if isinstance(cell, dict):
        return cell.get("words", "")
    return "" if cell is None else str(cell)


def told(code: str | None, figures: dict) -> str:
    """The value of the figure with this code, nothing where there is none."""
    return str(figures["figures"][code]["value"]) if code else ""


def number(code: str | None, figures: dict) -> float | None:
    """How long its bar is: None for what is not known, as a percentage of nothing."""
    try:
        return float(told(code, figures).removesuffix("%"))
    except ValueError:
        return None
