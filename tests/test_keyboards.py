"""Labels of buttons fit on a telephone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import keyboards
from bot.callbacks import OpenDefendant, OpenMenu
from bot.i18n import _, languages, speaking
from bot.keyboards import ROOM, back_to, button, keyboard
from bot.markup import utf16
from bot.views import words
from bot.views.parts import capital
from models import PayFrom, Stage

VIEWS = [Path(keyboards.__file__), *(Path(keyboards.__file__).parent / "views").glob("*.py")]
BUTTONS = {"button", "link", "copy", "share", "back_to"}
BACK = "‹ "


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def static_labels() -> Iterator[str]:
    """In English; the names of lists that one goes back to come from a function of their own."""
    for path in VIEWS:
        tree = ast.parse(path.read_text())
        named = [
            f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name == "list_name"
        ]
        for place in [*(call.args[0] for call in calls(tree, BUTTONS)), *named]:
            for said in calls(place, {"_"}):
                assert isinstance(said.args[0], ast.Constant)
                yield str(said.args[0].value)


@pytest.mark.parametrize("language", languages())
def test_every_label_of_our_own_fits_beside_another(language: str) -> None:
    with speaking(language):
        labels = [_(label) for label in static_labels()]
        labels += [capital(words.pay_from(place)) for place in PayFrom]
        labels += [BACK + capital(words.stage(stage)) for stage in Stage]
    assert len(labels) > 40
    assert [label for label in labels if utf16(label) > ROOM[2]] == []


@given(st.lists(st.text("абвгд é-👤", min_size=1).map(str.strip), min_size=1, max_size=2))
def test_names_are_cut_to_the_room_they_have(names: list[str]) -> None:
    row = [button(name, OpenDefendant(id=1)) for name in names]
    [shown] = keyboard(row).inline_keyboard
    for name, label in zip(names, (one.text for one in shown), strict=True):
        assert utf16(label) <= ROOM[len(row)]
        assert label == name or (label.endswith("…") and name.startswith(label[:-1]))


def test_a_name_is_cut_at_a_word() -> None:
    long = "Алексей Дмитриев · врач-педиатр из Уфы, основатель кружка"
    alone = keyboard([button(long, OpenMenu())]).inline_keyboard[0][0].text
    assert alone == "Алексей Дмитриев · врач-педиатр из…"
    beside = keyboard(back_to("Верховный суд Республики Башкортостан", OpenMenu()))
    assert [one.text for one in beside.inline_keyboard[0]] == ["‹ Верховный суд…", "☰ Menu"]
