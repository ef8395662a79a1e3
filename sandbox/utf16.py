"""The only unit Telegram counts text in (core.telegram.org/api/entities#entity-length)."""


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
