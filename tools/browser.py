"""The browser of tests and pictures: Debian's Chromium."""

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium")
"""The one without windows does the same in half of the processor's time."""


def found() -> str | None:
    """Its path; TEST_CHROMIUM names another one."""
    paths = (os.environ.get("TEST_CHROMIUM"), *map(shutil.which, NAMES))
    return next(filter(None, paths), None)
