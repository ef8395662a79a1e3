import os

import bot.quick_start  # noqa: F401  as the bot starts

IN_CI = bool(os.environ.get("CI"))
"""Where nothing is passed over, and all is tried that can be."""
