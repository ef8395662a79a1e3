"""Start, menu, help, and what is said when nothing else fits."""

import re
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from markupsafe import Markup

from bot.callbacks import OpenAbout, OpenHelp
from bot.i18n import _, languages, money, ngettext, pick, speaking
from bot.keyboards import back_to, button, keyboard, link, menu, to_ask, to_menu
from bot.screen import Screen
from bot.services.campaign import Campaign
from bot.views.parts import aged, as_of, ask, blocks, bold, clipped, lines
from models import Organisation


def start(campaign: Campaign, now: datetime, is_private: bool = True) -> Screen:
    day_of = campaign.organisation.as_of if campaign.organisation else None
    text = blocks(
        [
            whose(campaign),
            lines([size(campaign), aged(day_of, now) or as_of(day_of, now)]),
            Markup(how_to_ask(is_private)),
        ]
    )
    return Screen(text, menu(is_private))


def how_to_ask(is_private: bool) -> str:
    """In a group a name by itself is no question to the bot."""
    if is_private:
        return _("Type a name to find somebody, or choose:")
    return _("Reply to this message with a name to find somebody, or choose:")


def whose(campaign: Campaign) -> Markup:
    organisation = campaign.organisation
    if organisation is None:
        return bold(_("Solidarity with prisoners"))
    return lines([bold(pick(organisation.name)), clipped(pick(organisation.about), 500)])


def size(campaign: Campaign) -> str:
    if not campaign.cases:
        return _("This campaign has no cases yet.")
    cases = ngettext("{n} case", "{n} cases", campaign.cases).format(n=campaign.cases)
    people = ngettext("{n} person", "{n} people", campaign.people).format(n=campaign.people)
    return f"{cases} · {people}"


def help_(organisation: Organisation | None, is_private: bool = True) -> Screen:
    text = blocks(
        [
            bold(_("What this bot does")),
            lines(
                [
                    how_to_search(is_private),
                    _("⚖️ /cases: who is prosecuted, what for, what happens now."),
                    _("🗓 /hearings: when and where, with a map and a calendar file."),
                    _("🔔 /follows: be told of hearings, moves and news in time."),
                    _("✉️ /letters: an address that is right today, or why nobody can write."),
                    _("🕯 /evenings: evenings of letters."),
                    _("❤️ /donate: ways to give that are safe where you are."),
                    _("💬 /ask: ask the organisers; they do not learn who asks."),
                ]
            ),
            personal() if is_private else None,
            ask(organisation.contact) if organisation else None,
        ]
    )
    about = [button(_("ℹ️ Who we are"), OpenAbout())] if organisation else []
    return Screen(text, keyboard([to_ask()], about, to_menu()))


def personal() -> Markup:
    """What a group has no use for."""
    return lines(
        [
            _("⚙️ /settings: language, time zone, what is told and when."),
            _("🔒 /privacy: what is kept about you."),
            _("🗑 /forget: delete it all."),
        ]
    )


def how_to_search(is_private: bool) -> str:
    if is_private:
        return _("🔎 Type a name, in any alphabet, even with mistakes: you get the card.")
    return _("🔎 Reply to me with a name, in any alphabet, even with mistakes: you get the card.")


def about(campaign: Campaign) -> Screen:
    organisation = campaign.organisation
    text = blocks([whose(campaign), *(deeds(organisation) if organisation else ())])
    return Screen(text, keyboard(back_to(_("Help"), OpenHelp())))


def deeds(organisation: Organisation) -> list[Markup | None]:
    """What the organisers do, by their own account."""
    helps = [
        Markup("• {}").format(clipped(pick(one), 100)) for one in organisation.help_it_gives or ()
    ]
    return [
        lines([bold(_("What we do")), *helps]) if helps else None,
        raised(organisation.raised_in_a_year),
        ask(organisation.contact),
    ]


def raised(given: dict[str, Any] | None) -> Markup | None:
    if not given:
        return None
    total = money(Decimal(str(given["amount"])), given["currency"])
    told = (
        _("Raised in a year: about {sum}") if given.get("about") else _("Raised in a year: {sum}")
    )
    return Markup(told).format(sum=total)


def unknown_command(is_private: bool = True) -> Screen:
    told = Markup(_("I do not know this command. Here is what I can do:"))
    return Screen(told, menu(is_private))


def not_text() -> Screen:
    return Screen(Markup(_("I can only read text. Type a name, or choose from the menu.")), menu())


def stale_link(is_private: bool = True) -> Screen:
    told = Markup(_("This link is out of date. Here is where things stand now:"))
    return Screen(told, menu(is_private))


def stale(is_private: bool = True) -> Screen:
    """For a button whose thing is gone, or that an earlier version of the bot had sent."""
    return Screen(
        Markup(_("This button is out of date. Here is where things stand now:")),
        menu(is_private),
        toast=_("This button is out of date"),
    )


def only_in_private(username: str, asked: str) -> Screen:
    """`asked`: the command that goes on there."""
    open_chat = link(_("Open the chat"), f"https://t.me/{username}?start={asked}")
    return Screen(
        Markup(_("That is between you and me. Open a chat with me for it.")), keyboard([open_chat])
    )


def invitation_ended(is_private: bool = True) -> Screen:
    told = Markup(_("This invitation is not valid. Ask the person who sent it for a new one."))
    return Screen(told, menu(is_private))


def cancelled(was_under_way: bool, is_private: bool = True) -> Screen:
    nothing = _("Nothing is under way. Here is the menu:")
    told = _("Cancelled, nothing was saved. Here is the menu:") if was_under_way else nothing
    return Screen(Markup(told), menu(is_private))


def welcome() -> Screen:
    return Screen(Markup(_("Thank you for standing by them.")), keyboard(to_menu()))


def greeting() -> str:
    """Of a group."""
    return _("Hello! Admins can make this group follow a city, a case or a person: /follows")


def too_fast() -> str:
    return _("That was a bit fast. Wait a few seconds and go on.")


def crowded() -> str:
    return _("Many people are writing right now. Try again in 15 seconds.")


def failed(number: str) -> Screen:
    told = _("Something broke on our side, not yours. Try again in a minute. Number: {number}")
    return Screen(Markup(told).format(number=number), keyboard(to_menu()))


def commands() -> dict[str, str]:
    """Telegram's menu of commands."""
    return {
        "start": _("The menu"),
        "cases": _("Cases and people"),
        "hearings": _("Court hearings"),
        "follows": _("Whom you follow"),
        "letters": _("Write a letter"),
        "evenings": _("Evenings of letters"),
        "donate": _("Donate safely"),
        "ask": _("Ask the organisers"),
        "settings": _("Language and time zone"),
        "privacy": _("What is kept about you"),
        "forget": _("Delete what is kept"),
        "help": _("Help"),
        "about": _("Who we are"),
    }


def words() -> dict[str, str]:
    """What people type instead of a command; between commas, by the command's name."""
    return {
        "start": _("start, begin, menu, home, back, hello, hi, hey, good morning, good evening"),
        "cases": _("cases, case, people, prisoners, list, all cases, who is in prison"),
        "hearings": _("hearings, hearing, court, courts, court dates, court hearings, trials"),
        "follows": _(
            "follows, my follows, follow, following, unfollow, subscribe, unsubscribe, "
            "subscriptions, reminders, reminder, alerts, notifications, quiet hours, mute"
        ),
        "letters": _("letters, letter, write, write a letter, mail, address, addresses"),
        "evenings": _("evenings, evening, evenings of letters, evening of letters, events"),
        "donate": _("donate, donation, donations, money, fundraisers, how to help, give"),
        "ask": _("ask, question, questions, ask a question, ask the organisers"),
        "settings": _("settings, language, time zone, timezone, my time zone"),
        "privacy": _("privacy, what is kept about me"),
        "forget": _("forget, forget me, delete me, delete my data"),
        "help": _("help, info, commands, what can you do, how does it work"),
        "about": _("about, about us, who are you, organisers, contact, contacts"),
        "cancel": _("cancel, stop"),
        "thanks": _("thanks, thank you, thanks a lot, thank you very much, thx"),
    }


@cache
def commands_by_word() -> dict[str, str]:
    """In all languages at once: who reads Russian may well type English."""
    known: dict[str, str] = {}
    for code in languages():
        with speaking(code):
            for command, typed in words().items():
                known |= {plain_word(word): command for word in typed.split(",")}
    return known


def plain_word(text: str) -> str:
    """Small letters and single spaces: the labels of our buttons are words, too."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold().replace("ё", "е")))


def description() -> str:
    """What an empty chat shows above the Start button (Bot API: up to 512 characters)."""
    return _(
        "Cases of political prisoners and persecuted trade unionists: what happens, when the "
        "hearings are, where a letter reaches them today, how to help safely. "
        "No names of those who use it are kept."
    )


def short_description() -> str:
    """What a profile shows (Bot API: up to 120 characters)."""
    return _("Prisoner support: cases, hearings, letters, safe donations.")
