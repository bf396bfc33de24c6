"""How a value looks in prose: losses with two decimals, thousands set apart, text from the model letter by letter."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

# What Markdown, its extensions or HTML could take for markup.
_MARKS = re.compile(r"""[\\`*_{}\[\]()#+\-.!<>&"'|~^=:$@/]""")


class UnprintableError(Exception):
    """A value that has no form in prose; says what to write in its place."""


class Nats(float):
    """A loss in nats per character: in prose it has two decimals, in arithmetic it is the number itself."""


class Verbatim(str):
    """Text that counts to the letter, such as a seed or what a model wrote: no browser is to translate it."""

    __slots__ = ()


def printed(value: Any) -> str:
    """The Markdown for a value. Text stays text: no character of it becomes markup, and a line break becomes <br>."""
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
        raise UnprintableError("this value is empty here; ask first whether it is there: {% if ... %} ... {% endif %}")
    raise UnprintableError("this is a group of values; name one of them")


def escaped(text: str) -> str:
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text)


def number(value: float) -> Markup:
    """As short as it is exact: 0.003, 1e-7, 10."""
    text = f"{value:.12g}"
    return Markup(re.sub(r"e([+-])0*", lambda sign: "e-" if sign[1] == "-" else "e", text))


def nats(value: float) -> Markup:
    """A loss with two decimals: 1.83."""
    return decimals(value, 2)


def decimals(value: float, digits: int) -> Markup:
    """So many decimals, with a true minus sign."""
    return Markup(f"{_numeric(value):.{digits}f}".replace("-", "−"))


def thousands(value: float) -> Markup:
    """A whole number with its thousands set apart: 206,016."""
    return Markup(f"{_numeric(value):,.0f}".replace("-", "−"))


def percent(value: float, digits: int = 0) -> Markup:
    """A part of one as per cent, without the sign: 0.9 is 90."""
    return decimals(100 * _numeric(value), digits)


def from_bits(value: float) -> Nats:
    """Bits to nats: the logarithm to base 2 becomes the natural one."""
    return Nats(_numeric(value) * math.log(2))


def choices(value: float) -> float:
    """Among how many characters an even choice would have this loss: e to the loss."""
    return math.exp(_numeric(value))


def _numeric(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnprintableError(f"this needs a number, and {value!r} is none")
    return value


WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(value: float) -> str:
    """A small count as prose writes it: six; a larger one in digits."""
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
