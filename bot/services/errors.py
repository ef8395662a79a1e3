"""What can be wrong with a request; handlers' one place to speak it is `bot.middlewares`."""


class NotFound(LookupError):
    """The thing asked for is not, or no longer, there: an old button, a link to something gone."""
