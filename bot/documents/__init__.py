"""Files that the bot gives out."""
