"""`make bench`: every figure the project promises, measured. Exit 1 if a target is missed."""

import asyncio
import sys

from benchmarks import calendar_feed, campaign_file, cards, delivery, flood, letter_kit, names
from benchmarks.table import show


def main() -> int:
    good = [
        show("Case cards over HTTP", asyncio.run(cards.rows())),
        show("While somebody floods the bot", asyncio.run(flood.rows())),
        show("Finding people by name", names.rows()),
        show("Campaign files", asyncio.run(campaign_file.rows())),
        show("Letter kits", asyncio.run(letter_kit.rows())),
        show("Followers are told", delivery.measured()),
        show("Private calendars", asyncio.run(calendar_feed.rows())),
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
