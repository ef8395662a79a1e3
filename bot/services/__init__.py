"""What the bot does: one module per feature; knows the session, not Telegram."""
