"""Where the words of a broadcast lead: a link, a number to pay to, a picture that may say anything.

Ways to pay stand in fundraisers alone, where they are checked, lapse and are hidden again.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.markup import plain
from bot.services.campaign_file import ways_in

ANCHOR = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.S)


def leads(text: str) -> bool:
    """To what is not here: a link, a name in Telegram, a telephone."""
    return bool(ANCHOR.search(text) or ways_in.way_in(plain(Markup(text))))


def addresses(text: str) -> Iterator[str]:
    """That are not to be seen in the words."""
    return (unescape(address) for address, _words in ANCHOR.findall(text))


def is_disguised(text: str) -> bool:
    """A link that seems to lead elsewhere."""
    return any(
        ways_in.LINK.search(ways_in.as_read(said)) and host(said) != host(unescape(address))
        for address, words in ANCHOR.findall(text)
        if (said := plain(Markup(words)).strip())
    )


def host(address: str) -> str:
    """As it is typed, also without https://."""
    whole = address if "//" in address else f"//{address}"
    try:
        return (urlsplit(whole).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
