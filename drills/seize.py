"""`python -m drills.seize`: the machine is taken away, and the bot goes on elsewhere.

What is taken is the disk with the database and everything beside it, and a copy of all that was
logged; the key lay elsewhere. Nobody may be found in it. On another machine a backup is put back,
everybody is reached again, and another key takes the place of the one that may have been seen.
"""

import secrets
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.moved import running
from bot.crypto import generate_key
from drills.places import EXAMPLE, Place, answers, follow, place, until
from drills.story import Story, played
from sandbox import Person

PEOPLE = 25
NAME = "Zanzibara"
QUESTION = "What may I bring for Quokka?"
PASSPHRASE = "seven dockers carry crates at night"


async def served(here: Place, story: Story) -> tuple[list[Person], str]:
    """Who follows somebody, one of whom asks something; and what was logged meanwhile."""
    story.begins(f"{PEOPLE} people follow somebody, and one asks the organisers something")
    story.holds("the campaign is taken in", await here.command("import", str(EXAMPLE)) == 0)
    *people, owner = [somebody(here) for _ in range(PEOPLE + 1)]
    here.settings["OWNERS"] = str(owner.id)
    async with running("-m", "bot", "run", **here.settings) as bot:
        await owner.send("/start")
        for person in people:
            await follow(person)
        await people[0].send("/ask")
        await people[0].send(QUESTION)
        await people[0].press("Send")
        file = here.folder / "bot.age"
        is_made = await here.command("backup", str(file)) == 0
        story.holds("a backup is made while it runs", is_made)
        bot.send_signal(signal.SIGKILL)
        await bot.wait()
        return [*people, owner], bot.told()


def somebody(here: Place) -> Person:
    """With a number that is nowhere by chance."""
    return here.telegram.person(NAME, language="en", id=secrets.randbelow(2**51) + 2**50)


async def looked_through(here: Place, story: Story, people: list[Person], logged: str) -> None:
    story.begins("The disk and the logs are taken, and looked through")
    taken = {path.name: path.read_bytes() for path in files(here.folder)}
    taken["the logs"] = logged.encode()
    wanted = {"a chat's number": numbers(people), "a name": [NAME.encode()]}
    wanted |= {"what was asked": [QUESTION.encode()], "the token": [here.telegram.token.encode()]}
    wanted["the key"] = [here.settings["DATA_KEY"].partition(":")[2].encode()]
    for what, forms in wanted.items():
        found = [name for name, data in taken.items() if any(form in data for form in forms)]
        story.holds(f"{what} is nowhere in {len(taken)} files", not found)
    sealed = (here.folder / "bot.age").read_bytes()
    story.holds("nor is what the campaign says in the backup", b"Lodkin" not in sealed)


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def numbers(people: list[Person]) -> list[bytes]:
    """As text, and as eight bytes either way round: four of them could be anywhere by chance."""
    each = [person.id for person in people]
    return [
        *(str(one).encode() for one in each),
        *(one.to_bytes(8, order) for one in each for order in ("big", "little")),
    ]


async def gone_on(here: Place, there: Place, story: Story, people: list[Person]) -> None:
    story.begins("Elsewhere a backup is put back")
    file = there.folder / "bot.age"
    shutil.copy(here.folder / "bot.age", file)
    key, there.settings["DATA_KEY"] = here.settings["DATA_KEY"], generate_key()
    own = there.settings
    own |= {name: here.settings[name] for name in ("BOT_TOKEN", "TELEGRAM_API_URL", "OWNERS")}
    story.holds("with another key it is refused", await there.command("restore", str(file)) == 1)
    own["DATA_KEY"] = key
    own["BACKUP_PASSPHRASE"] = "a guess of somebody who has it"
    story.holds("so it is with a guess", await there.command("restore", str(file)) == 1)
    own["BACKUP_PASSPHRASE"] = PASSPHRASE
    is_back = await there.command("restore", str(file)) == 0
    story.holds("with the key and the passphrase it is put back", is_back)
    async with running("-m", "bot", "run", **own) as bot:
        told = [await asked(person) for person in people[:PEOPLE]]
        story.holds("everybody follows whom they followed", all("Lodkin" in one for one in told))
        bot.send_signal(signal.SIGTERM)
        await bot.wait()


async def asked(person: Person) -> str:
    await person.send("/follows")
    return answers(person)[-1]


async def another_key(there: Place, story: Story, people: list[Person]) -> None:
    story.begins("Another key takes the place of the one that may have been seen")
    own, old = there.settings, there.settings["DATA_KEY"]
    _, own["DATA_KEY"] = await there.typed("keygen", "--rotate")
    async with running("-m", "bot", "run", **own) as bot:
        await until(lambda: "all rows are sealed with the new key" in bot.told())
        told = [await asked(person) for person in people[:PEOPLE]]
        story.holds("everybody is known meanwhile", all("Lodkin" in one for one in told))
        bot.send_signal(signal.SIGTERM)
        await bot.wait()
    new = own["DATA_KEY"].partition(",")[0]
    own["DATA_KEY"] = old
    story.holds("the old key alone is refused", await there.command("run") == 1)
    own["DATA_KEY"] = new
    story.holds("the new one alone is all that is needed", await there.command("check") == 0)


async def play(story: Story) -> None:
    async with place() as here, place() as there:
        here.settings["BACKUP_PASSPHRASE"] = PASSPHRASE
        people, logged = await served(here, story)
        await looked_through(here, story, people, logged)
        await gone_on(here, there, story, people)
        await another_key(there, story, people)


def main() -> int:
    return played(play)


if __name__ == "__main__":
    sys.exit(main())
