"""Telegram's side of each feature, thin: parse, call a service, show a view."""
