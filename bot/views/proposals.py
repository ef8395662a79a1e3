"""What somebody proposes, as others see it who may accept it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from bot.callbacks import (
    AcceptProposal,
    AnnotateProposal,
    OpenProposal,
    OpenProposals,
    Preview,
    RefuseProposal,
    WithdrawProposal,
)
from bot.i18n import _, date_time, time
from bot.keyboards import Row, back_to, below, button, keyboard, pager
from bot.screen import Screen
from bot.services.campaign_file import CampaignFileError, Difference, Names
from bot.services.forms import Known
from bot.services.proposals import Envelope, is_open
from bot.services.proposed import as_proposed
from bot.views import campaign_file as words_of_file
from bot.views import forms, words
from bot.views.campaign_file.chat import parted
from bot.views.desk import no_second_owner, to_desk, wait_for_owner
from bot.views.letters import lines_of
from bot.views.parts import blocks, bold, capital, lines, quote
from models import Proposal, ProposalState, Proposed, To


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of one, and by whom."""

    one: Proposal
    now: datetime
    """On the organisers' clock."""
    is_mine: bool
    called: str | None
    """Whose it is, for owners."""
    note: str | None
    answer: str | None
    found: Sequence[Difference] = ()
    names: Names = field(default_factory=dict)
    envelopes: Sequence[Envelope] = ()
    ways: Sequence[Known] = ()
    """To pay."""
    error: CampaignFileError | None = None
    """Why it cannot be carried out as things are."""
    is_stale: bool = False
    """A broadcast that is another one by now."""
    outline: Markup | None = None
    """Of a broadcast: for whom it is, and what it says."""
    whom: str | None = None
    """Who is to be a coordinator, for owners."""
    version: int = 0
    """Of the facts that were looked at."""
    still: bool = False
    """Nothing is sent."""
    is_much: bool = False
    """Nothing of it is delicate by itself."""
    is_lonely: bool = False
    """Nobody else is there who could accept it."""

    @property
    def is_open(self) -> bool:
        return is_open(self.one, self.now)


def proposals(found: Sequence[Proposal], now: datetime, *, by_two: bool) -> Screen:
    """`by_two`: whether four eyes are wanted."""
    told = _("What somebody proposes takes effect when another coordinator accepts it.")
    nothing = None if found else _("Nothing waits for that now.")
    if not by_two and not found:
        told, nothing = _("Nobody has to accept anything here: what is saved takes effect."), None
    rows = [[button(label(one, now), OpenProposal(id=one.id))] for one in found]
    text = blocks([bold(_("Proposals")), told, nothing])
    return Screen(text, keyboard(*rows, to_desk()))


def label(one: Proposal, now: datetime) -> str:
    local = one.at.astimezone(now.tzinfo)
    return f"{local:%d.%m} {time(local)} · {subject(one)}"


def subject(one: Proposal) -> str:
    if one.what == Proposed.COORDINATOR:
        return _("a new coordinator")
    if one.what == Proposed.BROADCAST:
        return of_broadcast(one.terms or {})
    found, names = as_proposed(one)
    if found:
        return words_of_file.briefly(found, names)
    return words_of_file.counted({(of, how): number for of, how, number in one.counts})


def of_broadcast(terms: dict[str, Any]) -> str:
    is_correction, is_for_all = "version" in terms, terms.get("to", To.ALL) == To.ALL
    if is_for_all:
        return _("a correction for everybody") if is_correction else _("a broadcast to everybody")
    return _("a correction of a broadcast") if is_correction else _("a broadcast")


def proposal(look: Look, page: int, toast: str | None = None) -> Screen:
    """It is accepted below its last page: by then all of it was seen."""
    one = look.one
    pages = parted(what_changes(look))
    page = min(page, len(pages) - 1)
    turn = pager(page, len(pages), turned(one, max(page - 1, 0)), turned(one, page + 1))
    said = Markup(_("Note: {note}")).format(note=look.note) if look.note else None
    broadcast = [look.outline, words_of(look), how(look)]
    text = blocks([head(look), pages[page].strip(), *broadcast, said, state(look)])
    back = back_to(_("Proposals"), OpenProposals())
    decided = choices(look) if page == len(pages) - 1 or look.is_mine else []
    return Screen(text, keyboard(turn, *decided, back), toast=toast)


def another_by_now() -> str:
    return _("⚠️ It was changed since: propose it again as it is now.")


def words_of(look: Look) -> Markup | None:
    """Of a correction."""
    version = (look.one.terms or {}).get("version")
    return quote(Markup(version["text"])) if version else None


def how(look: Look) -> Markup | None:
    """A broadcast goes out."""
    terms = look.one.terms or {}
    if "at" not in terms:
        return None
    at = datetime.fromtimestamp(terms["at"], UTC)
    later = Markup(_("It goes out on {moment}.")).format(moment=moment(at, look.now))
    urgent = _("⚡ Urgent: it breaks quiet hours.") if terms["urgent"] else None
    soon = wait_for_owner() if look.still else _("It goes out at once.")
    return lines([later if at > look.now else soon, urgent])


def turned(one: Proposal, page: int) -> OpenProposal:
    return OpenProposal(id=one.id, page=page)


def what_changes(look: Look) -> str:
    if look.one.what == Proposed.COORDINATOR:
        return new_coordinator(look)
    if look.one.what == Proposed.BROADCAST:
        return capital(subject(look.one)) + ("\n" + another_by_now() if look.is_stale else "")
    if look.error is not None:
        fits_not = _("It does not fit the facts any more:")
        why = f"{fits_not}\n{words_of_file.reasons(look.error)}"
        return f"{why}\n\n{all_of_it(look)}" if look.found else why
    return all_of_it(look) if look.is_open or look.found else capital(subject(look.one))


def new_coordinator(look: Look) -> str:
    """Owners alone see what they are called."""
    if look.whom:
        return _("A new coordinator: {name}").format(name=look.whom)
    told = capital(subject(look.one))
    if not look.is_open or look.is_mine:
        return told
    return told + "\n" + _("Ask an owner first who it is: names are shown to owners alone.")


def all_of_it(look: Look) -> str:
    """Nothing is cut: whoever accepts it answers for each letter."""
    told = words_of_file.differences(look.found, how=replace(words_of_file.WHOLE, names=look.names))
    letters = [f"{written_to(one)}\n{on_letters(one)}" for one in look.envelopes]
    ways = ["\n".join([_("❤️ A way to pay:"), forms.in_full(one)]) for one in look.ways]
    return "\n\n".join([told, *letters, *ways])


def written_to(one: Envelope) -> str:
    return _("✉️ Letters would go to:") if one.whom else _("✉️ Letters to all there would go to:")


def on_letters(one: Envelope) -> str:
    """In each language in which it is given."""
    each = [lines_of(one.to, one.whom, tongue) for tongue in one.to.address or [None]]
    return "\n\n".join("\n".join(block) for block in each)


def head(look: Look) -> Markup:
    whose = [_("yours")] if look.is_mine else [look.called, words.role(look.one.role)]
    told = ", ".join(part for part in whose if part)
    return lines([bold(_("Proposal")), f"{moment(look.one.at, look.now)} · {told}"])


def moment(at: datetime, now: datetime) -> str:
    return date_time(at.astimezone(now.tzinfo))


def state(look: Look) -> Markup:
    """What has become of it."""
    one = look.one
    if look.is_open:
        until = _("Takes effect when somebody else accepts it, until {moment}.")
        told = until.format(moment=moment(one.expires_at, look.now))
        much = _("It waits because it is much at once, or after many changes in a day.")
        why = much if look.is_much else None
        return lines([told, why, nobody_else(one) if look.is_lonely else None])
    told = {
        ProposalState.ACCEPTED: _("✅ Accepted."),
        ProposalState.REFUSED: _("✖️ Refused."),
        ProposalState.WITHDRAWN: _("Withdrawn."),
    }.get(ProposalState(one.state), _("⌛ Nobody looked at it in time."))
    why = Markup(_("Why: {why}")).format(why=look.answer) if look.answer else None
    return lines([bold(told), why])


def nobody_else(one: Proposal) -> str:
    if one.what == Proposed.COORDINATOR:
        return no_second_owner()
    return _("⚠️ Nobody else is here to accept it: an owner can invite a coordinator.")


def choices(look: Look) -> list[Row]:
    if not look.is_open:
        return []
    one = look.one
    if look.is_mine:
        note = _("✏️ Another note") if look.note else _("✏️ Add a note")
        withdraw = button(_("Withdraw it"), WithdrawProposal(id=one.id))
        return [[button(note, AnnotateProposal(id=one.id)), withdraw]]
    accept = button(_("✅ Accept"), AcceptProposal(id=one.id, version=look.version))
    refuse = button(_("✖️ Refuse"), RefuseProposal(id=one.id))
    return [*seen_whole(one), [refuse] if look.error or look.is_stale else [accept, refuse]]


def seen_whole(one: Proposal) -> list[Row]:
    """As people will see it."""
    if one.broadcast_id is None:
        return []
    look = Preview(id=one.broadcast_id, seen=(one.terms or {})["edition"], proposal=one.id)
    return [[button(_("👁 As it comes"), look)]]


# What is typed.


def ask_note(one: Proposal, why: str | None = None) -> Screen:
    asked = _("What should the others know of it? Type a sentence: who told you, say.")
    cancel = back_to(_("Cancel"), OpenProposal(id=one.id))
    return Screen(blocks([why, bold(asked)]), keyboard(cancel))


def ask_answer(one: Proposal, why: str | None = None) -> Screen:
    asked = _("Why not? Type a sentence, whoever proposed it reads it.")
    without = [button(_("Refuse without a word"), RefuseProposal(id=one.id, without=True))]
    cancel = back_to(_("Cancel"), OpenProposal(id=one.id))
    return Screen(blocks([why, bold(asked)]), keyboard(without, cancel))


# What has happened.


def sent() -> str:
    return _("Sent to the others for a second look")


def accepted(*, still: bool) -> str:
    return (
        wait_for_owner() if still else _("Accepted: those whom it concerns are told by themselves")
    )


def refused() -> str:
    return _("Refused")


def withdrawn() -> str:
    return _("Withdrawn")


def changed_meanwhile() -> str:
    return _("The facts have changed meanwhile: look again")


def settled_already() -> str:
    return _("This is settled already")


def not_yours() -> str:
    return _("Some of this only an owner may change")


def news(one: Proposal, now: datetime) -> tuple[Markup, tuple[Row, ...]]:
    """A message to those who may accept it, or to its author."""
    about = capital(subject(one))
    until = _("Until {moment}.").format(moment=moment(one.expires_at, now))
    told = {
        ProposalState.OPEN: [_("👀 A second look is wanted"), about, until],
        ProposalState.ACCEPTED: [_("✅ Accepted what you proposed"), about],
        ProposalState.REFUSED: [_("✖️ Refused what you proposed"), about],
    }.get(ProposalState(one.state), [_("⌛ Nobody looked in time at what you proposed"), about])
    text = lines([bold(told[0]), *told[1:]])
    row: Row = [below(button(_("Look at it"), OpenProposal(id=one.id)))]
    return text, (row,)


def too_many() -> Screen:
    told = _("So many of yours wait for somebody already: nothing was saved. Ask the others first.")
    return Screen(Markup("{}").format(told), keyboard(to_desk()))
