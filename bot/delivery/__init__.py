"""Telling many: what is due becomes rows of an outbox, and each row one message, at Telegram's pace."""
