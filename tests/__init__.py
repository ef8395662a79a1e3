import bot.quick_start  # noqa: F401  as the bot starts
