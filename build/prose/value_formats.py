"""How a value looks in prose: losses with two decimals, thousands separated, text from the model unchanged."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

# Characters that Markdown, its extensions or HTML could read as markup.
_MARKS = re.compile(r"""[\\`*_{}\[\]()#+\-.!<>&"'|~^=:$@/]""")


class UnprintableError(Exception):
    """A value that cannot be written in prose; says what to write instead."""


class Nats(float):
    """A loss in nats per character: two decimals in prose, full precision in arithmetic."""


class Verbatim(str):
    """Text in which every character matters, such as a seed or a sample: browsers must not translate it."""

    __slots__ = ()


def printed(value: Any) -> str:
    """The Markdown for a value. In text no character becomes markup, except that a line break becomes <br>."""
    if isinstance(value, Markup):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Nats):
        return nats(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Verbatim):
        return f'<span translate="no">{escaped(value)}</span>'.replace("\n", "<br>")
    if isinstance(value, str):
        return escaped(value).replace("\n", "<br>")
    if value is None:
        raise UnprintableError("this value is empty here; check first that it exists: {% if ... %} ... {% endif %}")
    raise UnprintableError("this is a group of values; name one of them")


def escaped(text: str) -> str:
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text)


def number(value: float) -> Markup:
    """The number in its shortest form (up to 12 digits): 0.003, 1e-7, 10."""
    text = f"{value:.12g}"
    return Markup(re.sub(r"e([+-])0*", lambda sign: "e-" if sign[1] == "-" else "e", text))


def nats(value: float) -> Markup:
    """A loss with two decimals: 1.83."""
    return decimals(value, 2)


def decimals(value: float, digits: int) -> Markup:
    """The number with that many decimals, and with a true minus sign."""
    return Markup(f"{_numeric(value):.{digits}f}".replace("-", "−"))


def thousands(value: float) -> Markup:
    """A whole number with its thousands separated: 206,016."""
    return Markup(f"{_numeric(value):,.0f}".replace("-", "−"))


def percent(value: float, digits: int = 0) -> Markup:
    """A fraction as per cent, without the sign: 0.9 is 90."""
    return decimals(100 * _numeric(value), digits)


def from_bits(value: float) -> Nats:
    """Converts bits to nats: from base-2 to natural logarithms."""
    return Nats(_numeric(value) * math.log(2))


def choices(value: float) -> float:
    """The perplexity, e to the loss: a uniform choice among that many characters has the same loss."""
    return math.exp(_numeric(value))


def _numeric(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnprintableError(f"this needs a number; {value!r} is not one")
    return value


WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(value: float) -> str:
    """A count from 0 to 12 in words, such as six; a larger one in digits."""
    count = _numeric(value)
    return WORDS[int(count)] if count in range(len(WORDS)) else str(thousands(count))


FILTERS: dict[str, Callable[..., Any]] = {
    "nats": nats,
    "decimals": decimals,
    "thousands": thousands,
    "percent": percent,
    "from_bits": from_bits,
    "choices": choices,
    "in_words": in_words,
}
