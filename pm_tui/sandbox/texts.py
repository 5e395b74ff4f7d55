"""Texts as a hostile or careless operator may send them: the client must show them harmlessly.

Escape codes (also OSC 52, which writes the clipboard), Textual markup, bidi controls, names that
are empty or endless, formulas for spreadsheets. Which text a place gets depends on its id only.
"""

from __future__ import annotations

import zlib

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b[2J\x1b[H",
    "\x1b]52;c;cm0gLXJmIH4=\x07clipboard",
    "\x1b]0;owned title\x07\x1b[?1049l",
    "\x9b31mC1 control\x9c \x90tmux\x9c",
    "[bold]bold[/bold] [red]red[/]",
    "unbalanced [/x] and [/]",
    "[@click=app.quit]free charging[/]",
    "[link=http://127.0.0.1:9/]link[/link]",
    "\u202egnigrahc eerf\u202c \u2066iso\u2069",
    "zero\u200bwidth\u2060joined\ufeff \u061c",
    "tab\there\nnew line\r\nand return\x00nul\x7f",
    "Z\u0351\u0352\u0353\u0354\u0355\u0356\u0357\u0358\u0359\u035a\u035b\u035c\u035d\u035ealgo",
    "L" * 300,
    "\u5145\u96fb" * 150,
    "",
    " ",
    '=HYPERLINK("http://127.0.0.1:9/","pay here")',
    "</script><b>html</b> &amp; %s {0} ${x}",
    "\u2028line\u2029paragraph\u0085nel",
    "\U0001f50c\U0001f468\u200d\U0001f469\u200d\U0001f467\U000e0041 tag",
)


def hostile(text: str, key: str) -> str:
    """The hostile text of `key`; every third one keeps the true text at its end."""
    number = zlib.crc32(key.encode())
    chosen = HOSTILE[number % len(HOSTILE)]
    return f"{chosen} {text}" if number % 3 == 0 and chosen.strip() else chosen


class Texts:
    """What the gateway passes every text through before it answers."""

    def __init__(self, is_hostile: bool = False) -> None:
        self.is_hostile = is_hostile

    def __call__(self, text: str, key: str) -> str:
        return hostile(text, key) if self.is_hostile else text
