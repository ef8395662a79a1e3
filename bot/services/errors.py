"""What can be wrong with a request; handlers' one place to speak it is `bot.middlewares`."""


class NotFound(LookupError):
    """The thing asked for is not, or no longer, there: an old button, a link to something gone."""


class TooMany(Exception):
    """They propose more than others can look through."""


class Busy(Exception):
    """Others came before: it can be tried again soon."""


def sluglike(text: str) -> str:
    """What somebody says is a slug; PostgreSQL takes no NUL, nor a half of a surrogate pair."""
    if not (text.isascii() and text.isprintable()):
        raise NotFound
    return text
