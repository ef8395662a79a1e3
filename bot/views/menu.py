"""Start, menu, help, and what is said when nothing else fits."""

from markupsafe import Markup

from bot.i18n import _, ngettext, pick
from bot.keyboards import keyboard, link, menu, to_menu
from bot.screen import Screen
from bot.services.campaign import Campaign
from bot.views.dossier import as_of
from bot.views.parts import blocks, bold, clipped, lines


def start(campaign: Campaign, is_private: bool = True) -> Screen:
    text = blocks(
        [
            whose(campaign),
            lines(
                [
                    size(campaign),
                    as_of(campaign.organisation.as_of if campaign.organisation else None),
                ]
            ),
            Markup(_("Type a name to find somebody, or choose:")),
        ]
    )
    return Screen(text, menu(is_private))


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


def help_() -> Screen:
    text = blocks(
        [
            bold(_("What this bot does")),
            lines(
                [
                    _("🔎 Type a name, in any alphabet, even with mistakes: you get the card."),
                    _("⚖️ /cases: who is prosecuted, what for, what happens now."),
                    _("🗓 /hearings: when and where, with a map and a calendar file."),
                    _("✉️ /letters: an address that is right today, or why nobody can write."),
                    _("🕯 /evenings: evenings of letters."),
                    _("❤️ /donate: ways to give that are safe where you are."),
                ]
            ),
            lines(
                [
                    _("⚙️ /settings: language and time zone."),
                    _("🔒 /privacy: what is kept about you."),
                    _("🗑 /forget: delete it all."),
                ]
            ),
        ]
    )
    return Screen(text, keyboard(to_menu()))


def unknown_command() -> Screen:
    return Screen(Markup(_("I do not know this command. Here is what I can do:")), menu())


def not_text() -> Screen:
    return Screen(Markup(_("I can only read text. Type a name, or choose from the menu.")), menu())


def stale_link() -> Screen:
    return Screen(Markup(_("This link is out of date. Here is where things stand now:")), menu())


def stale() -> Screen:
    """For a button whose thing is gone, or that an earlier version of the bot had sent."""
    return Screen(
        Markup(_("This button is out of date. Here is where things stand now:")),
        menu(),
        toast=_("This button is out of date"),
    )


def only_in_private(username: str) -> Screen:
    open_chat = link(_("Open the chat"), f"https://t.me/{username}?start=settings")
    return Screen(
        Markup(_("That is between you and me. Open a chat with me for it.")), keyboard([open_chat])
    )


def invitation_ended() -> Screen:
    return Screen(
        Markup(_("This invitation is not valid. Ask the person who sent it for a new one.")), menu()
    )


def nothing_to_cancel() -> Screen:
    return Screen(Markup(_("Nothing is under way. Here is the menu:")), menu())


def too_fast() -> str:
    return _("That was a bit fast. Wait a few seconds and go on.")


def failed(number: str) -> Screen:
    told = _("Something broke on our side, not yours. Try again in a minute. Number: {number}")
    return Screen(Markup(told).format(number=number), keyboard(to_menu()))


def commands() -> dict[str, str]:
    """Telegram's menu of commands."""
    return {
        "start": _("The menu"),
        "cases": _("Cases and people"),
        "hearings": _("Court hearings"),
        "letters": _("Write a letter"),
        "evenings": _("Evenings of letters"),
        "donate": _("Donate safely"),
        "settings": _("Language and time zone"),
        "privacy": _("What is kept about you"),
        "forget": _("Delete what is kept"),
        "help": _("Help"),
    }


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
