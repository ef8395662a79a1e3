"""What hinders a copy, in a word that `bot.views.console.keeping_problem` knows."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.copying import Unfit, Unreadable
from bot.sealing import Sealed


class Refused(Exception):
    """Nothing has changed."""

    def __init__(self, problem: str, **details: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.details = details


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except Sealed as error:
        raise Refused(error.problem) from None
    except Unfit as error:
        raise Refused("unfit", table=error.table) from None
    except Unreadable as error:
        raise Refused("unreadable", table=error.table) from None
