"""The solidarity bot."""
