"""What somebody typed, as HTML: bold, links and the like as Telegram gives them, and nothing else.

Of links only those to the web and to mail stay; whom a mention without a name is of, is not kept.
"""

from collections.abc import Sequence
from html import escape

from aiogram.types import Message, MessageEntity
from aiogram.utils.text_decorations import HtmlDecoration

from bot.markup import HARMFUL

KEPT = frozenset(
    {
        *("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link"),
        *("blockquote", "expandable_blockquote"),
    }
)
LINKS = ("https://", "http://", "mailto:")


class Escaping(HtmlDecoration):
    """aiogram's own writes addresses and languages as they come."""

    def link(self, value: str, link: str) -> str:
        return f'<a href="{escape(link)}">{value}</a>'

    def pre_language(self, value: str, language: str) -> str:
        return f'<pre><code class="language-{escape(language)}">{value}</code></pre>'


def html_of(message: Message) -> str:
    """Of its text, or of its caption."""
    text = message.text or message.caption or ""
    kept = sorted(filter(is_kept, entities_of(message)), key=lambda one: (one.offset, -one.length))
    return HARMFUL.sub("", Escaping().unparse(text, kept))


def entities_of(message: Message) -> Sequence[MessageEntity]:
    """With links and names that Telegram finds by itself."""
    return message.entities or message.caption_entities or []


def is_kept(one: MessageEntity) -> bool:
    if one.type == "text_link" and not (one.url or "").lower().startswith(LINKS):
        return False
    return one.type in KEPT
