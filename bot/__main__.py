"""`python -m bot`: the command line, see `command_line`."""

import gc
import signal
import sys

RARELY = (20_000, 10, 100)
"""All that is remembered is looked through once in a while: that stops everybody for 0.1 s."""
TURN = 0.0005
"""Seconds that a thread of SQLite waits for its turn, several times a query; usually ten times."""

LACKING = (
    "The package “{name}” is not there. Type “make setup”, or “python3 -m venv .venv” and "
    "“.venv/bin/pip install --require-hashes -r requirements.lock”; then .venv/bin/python in the "
    "place of python3."
)
"""In English: catalogues need packages, too."""


def start() -> int:
    # While a million objects of types and schemas are made, the garbage collector would look at
    # them over and over (0.7 s of a start of 3). They stay for good, and then out of its sight.
    gc.disable()
    # Ctrl-C in these seconds ends it at once: nothing has begun, and there is nothing to tell.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        import bot.quick_start  # noqa: F401
        from bot.command_line import main
    except ModuleNotFoundError as error:
        print(LACKING.format(name=error.name), file=sys.stderr)
        return 1

    gc.freeze()
    gc.set_threshold(*RARELY)
    gc.enable()
    sys.setswitchinterval(TURN)
    signal.signal(signal.SIGINT, interrupt)
    try:
        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(start())
