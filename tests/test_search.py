"""Search in the chat: one hit opens the card, namesakes are told apart."""

from tests.town import Town


async def test_one_hit_opens_the_card(sac: Town) -> None:
    anna = sac.person(language="en")
    for typed, who in (
        ("Doctor Pravda", "psychotherapist from Bryansk"),
        ("Румата", "Marxist from Lipetsk region"),
        ("Kozireva", "expelled student"),
        ("rfufhkbwrbq", "editor-in-chief of Rabkor"),
    ):
        await anna.send(typed)
        anna.sees(who)


async def test_namesakes_are_told_apart(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("Dmitriev")
    anna.sees("Whom do you mean?")
    anna.sees("paediatrician from Ufa")
    anna.sees("activist of the Union of Marxists, Khimki")
    await anna.press("paediatrician")
    anna.sees("founder of the circle")
    oleg = sac.person(language="ru")
    await oleg.send("Алексей Дмитриев")
    oleg.sees("врач-педиатр из Уфы")
    oleg.sees("Химки")


async def test_a_case_is_found_by_its_title(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("Left Bloc")
    anna.sees("2 defendants")


async def test_nobody_found(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("<b>qwrtpzzx</b> \u202e" + "x" * 500)
    anna.sees("I found nobody for “<b>qwrtpzzx</b>")
    assert len(anna.last.text) < 200
    assert not sac.telegram.violations


async def test_a_changed_name_is_found_at_once(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("Brandnewski")
    anna.sees("I found nobody")
    await harbour.take_in(
        b"cases: [{slug: port-strike, defendants: "
        b"[{slug: ivan-lodkin, name: {en: Ivan Brandnewski, ru: null, ru_full: null}}]}]"
    )
    await anna.send("Brandnewski")
    anna.sees("crane driver")
    await anna.send("Lodkin")
    anna.sees("I found nobody")


async def test_many_changed_names_are_found_too(harbour: Town) -> None:
    people = ", ".join(
        f"{{slug: p{n}, name: {{en: Zorro Q{'abcdefghij'[n % 10]}{n}}}, status: colony}}"
        for n in range(300)
    )
    case = f"cases: [{{slug: crowd, title: {{en: Crowd}}, stage: trial, defendants: [{people}]}}]"
    await harbour.take_in(case.encode())
    anna = harbour.person(language="en")
    await anna.send("Zorro Qb1")
    anna.sees("Zorro")
    await anna.send("Lodkin")
    anna.sees("crane driver")
