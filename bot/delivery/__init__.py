"""Telling many: what is due becomes rows of an outbox, each row a message, at Telegram's pace."""
