"""`make drills`: one after the other; exit 1 if something did not hold."""

import sys

from drills import crowd, grow, kill, outlast, seize


def main() -> int:
    return max(drill.main() for drill in (kill, grow, seize, outlast, crowd))


if __name__ == "__main__":
    sys.exit(main())
