"""`python -m bot`: the command line, see `command_line`."""

import gc
import sys


def start() -> int:
    # While a million objects of types and schemas are made, the garbage collector would look at
    # them over and over (0.7 s of a start of 3). They stay for good, and then out of its sight.
    gc.disable()
    from bot.command_line import main

    gc.freeze()
    gc.enable()
    return main()


if __name__ == "__main__":
    sys.exit(start())
