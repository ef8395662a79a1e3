"""Names found as people type them: any alphabet, typing mistakes, case endings, a wrong keyboard.

A name becomes *tokens*: Latin letters by anyascii, folded so that the spellings of one sound fall
together (Юрий, Yuri, Jurij, Iurii are all ``iuri``). Tokens share a *stem*, what is left without a
case ending. A query's words are compared with the stems, of which there are few, and only then
are the names looked at that hold a token alike. Nothing here knows of a database or of Telegram.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from anyascii import anyascii
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Tokens = tuple[str, ...]
Likeness = dict[str, float]  # token -> how much a word is like it, 0..1

LONGEST = 100  # characters of a text that are read
MOST_WORDS = 8  # words of a query that are looked for
ENOUGH = 2000  # names that are weighed for one query, if the rarer words bring so many
MOST_READ = 200  # names that are compared letter by letter
SURE = 85.0  # with less the other keyboard is tried too
SWITCHED = 5.0  # what the other keyboard takes off a score
EXACT = 100.0
THRESHOLD = 70.0  # a wrong person is worse than none
DOUBTFUL = 0.6  # of a short word with a letter missing: beside a surname it counts, alone never
MARGIN = 15.0  # whoever is so much less like the query than the best one is left out


@dataclass(frozen=True, slots=True)
class Found(Generic[Key]):
    """Whose name it is, how sure (0..100; 100 is the name itself), and which name matched."""

    key: Key
    score: float
    name: str


class _Hit(NamedTuple, Generic[Key]):
    score: float
    key: Key
    tokens: Tokens
    names: tuple[str, ...]  # those of the key that have these tokens, the best written one first


class _Query(NamedTuple):
    words: list[tuple[str, Likeness]]  # what must be like some token of the name
    initials: list[str]  # what a token may begin with: А. Орлов, Антон Орл


# --- from text to tokens ---------------------------------------------------------------------

# Letters of neighbouring alphabets, as people type them who have only a Russian keyboard.
NEIGHBOURS = "ёе әа ғг ҕг қк ҡк ңн ҥн өо ұу үу һх ҙз ҫс җж ўв іи їи єе ґг ӣи ӯу ҷч ѣе"
PLAIN = str.maketrans({pair[0]: pair[1] for pair in NEIGHBOURS.split()})
SILENT = re.compile("[ьъ'`’‘ʼʹʻʽ\"\u0300-\u036f]")
WORD = re.compile(r"[^\W_]+")
SPELLINGS = {
    **{"tsch": "C", "tch": "C", "ch": "C", "cz": "C"},
    **{"shch": "S", "sch": "S", "sh": "S", "sz": "S"},
    **{"ce": "tse", "ci": "tsi", "cy": "tsi", "cj": "tsi", "ck": "tsk", "c": "k"},
    **{"zh": "Z", "kh": "h", "gh": "g", "ph": "f", "tz": "ts", "ou": "u"},
    **{"x": "ks", "w": "v", "q": "k", "y": "i", "j": "i"},
}
SPELLING = re.compile("|".join(sorted(SPELLINGS, key=len, reverse=True)))
DOUBLE = re.compile(r"(.)\1+")
HEARD = str.maketrans("ouebvgdzZ", "aaipfktsS")
CASE_ENDING = re.compile("(?:[oe]go|[oe]mu|[ai]mi|[oei]m|[ai]h)$")

QWERTY = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~{}:\"<>"
YTSUKEN = "ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю"
TO_YTSUKEN = str.maketrans(QWERTY, YTSUKEN)
TO_QWERTY = str.maketrans(YTSUKEN[:33] + "іїє", QWERTY[:33] + "s]'")


def clean(text: str) -> str:
    """The first 100 characters in small letters, without what cannot be seen."""
    text = unicodedata.normalize("NFKC", text[: 2 * LONGEST]).lower()
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable() or c.isspace())
    return text[:LONGEST]


def fold(text: str) -> Tokens:
    """The words of a text as tokens; empty when it has neither letters nor digits."""
    return tuple(filter(None, map(_token, _words(text))))


def _words(text: str) -> list[str]:
    return WORD.findall(SILENT.sub("", clean(text)).translate(PLAIN))


def _token(word: str) -> str:
    latin = word if word.isascii() else anyascii(word).lower()
    latin = "".join(filter(str.isalnum, latin)) if not latin.isalnum() else latin
    sounds = SPELLING.sub(lambda found: SPELLINGS[found[0]], latin)
    sounds = DOUBLE.sub(r"\1", sounds) if not sounds.isdigit() else sounds
    return DOUBLE.sub(r"\1", sounds.replace("ie", "e").replace("io", "e"))


def stem(token: str) -> str:
    """The token without a Russian case ending, never shorter than three letters."""
    short = CASE_ENDING.sub("", token).rstrip("aeiou")
    return short if len(short) >= 3 else token


def roots(texts: Iterable[str]) -> frozenset[str]:
    """What their words have in common with their other cases, short ones too: Уфа, из Уфы."""
    tokens = (token for text in texts for token in fold(text) if len(token) > 2)
    return frozenset(
        CASE_ENDING.sub("", token).rstrip("aeiou") for token in tokens if token not in small_talk()
    )


def other_keyboard(text: str) -> str:
    """The text as if the keyboard had been switched: Latin to Cyrillic, Cyrillic to Latin."""
    return text.translate(TO_QWERTY if _is_cyrillic(text) else TO_YTSUKEN)


def _is_cyrillic(text: str) -> bool:
    return any("\u0400" <= letter <= "\u052f" for letter in text)


# Words around a name, and words of greeting: they say nothing about whom somebody means.
SMALL_TALK = """
    как где когда кто кого кому что чего чтобы для про при или это его она они мне вам вас нам
    нет есть там тут ещё уже все сейчас сегодня завтра можно нужно надо хочу хотел хотела узнать
    знать скажите подскажите сидит находится будет написать писать пишу напишу отправить послать
    передать помочь помогите помощь поддержать письмо письма письме письмом писем открытка
    открытку адрес адреса суд суда суде суду судят заседание заседания дело дела деле делу
    приговор апелляция сизо колония колонии колонию тюрьма тюрьме тюрьму срок деньги деньгами
    сбор адвокат спасибо большое пожалуйста привет здравствуйте добрый доброе день вечер утро
    хорошо свободу друзья да ага угу ок окей ну не
    who whom where when what how which why the and for you your are was
    has have can could want please help hello hey thank thanks good morning day evening write
    writing send letter letters address mail court hearing hearings trial case prison prisoner
    jail detained sentence verdict appeal donate money lawyer support free about with from news
    yes not hi ok okay
"""

# Given names with their short and neighbouring forms. A given name alone does not make a person:
# whoever asks for Anton Chekhov must not be shown another Anton.
GIVEN_NAMES = """
    александр саша саня шура олександр саши сашу саше · александра саша саня · алексей лёша
    алёша лёха олексий лёши лёше лёшу alex · анастасия настя · анатолий толя · андрей дрюня
    андрий · анна аня ганна · антон тоша антоша · артём тёма · борис боря боря боре борю · вадим
    · валерий валера · валентина валя · василий вася · виктор витя · виктория вика · виталий ·
    владимир вова володя володимир · владислав влад · вячеслав слава · галина галя · георгий
    гоша жора · григорий гриша · дарья даша дарина daria · денис · дмитрий дима митя дмитро ·
    евгений женя євген · евгения женя · екатерина катя катерина · елена лена олена · елизавета
    лиза · иван ваня іван ivan john · игорь ігор · илья илюха · ирина ира · кирилл кирюша кирило
    · константин костя костянтин · ксения ксюша · лев лёва лёва льву льва львом льве · леонид
    лёня · любовь люба · людмила люда · максим макс · маргарита рита · марина · мария маша марія
    · марта · михаил миша михайло · надежда надя · наталья наташа · никита · николай коля микола
    · олег · ольга оля · павел паша павло павлик · пётр петя петро · роман рома · руслан ·
    светлана света · сергей серёжа сергий · софья соня · станислав стас · степан стёпа · тамара
    · татьяна таня · тимофей тима · фёдор федя · феликс · юлия юля · юрий юра · яна · ярослав ·
    азат · рамиль · ринат · рустам · тимур · айрат · ильдар
"""


@cache
def small_talk() -> frozenset[str]:
    """The tokens of words that are never looked for, unless they are the whole name."""
    return frozenset(map(_token, SMALL_TALK.split()))


@cache
def other_forms() -> dict[str, frozenset[str]]:
    """The stem of a given name, with the stems of its other forms."""
    forms: dict[str, frozenset[str]] = {}
    for line in GIVEN_NAMES.split("·"):
        stems = frozenset(stem(fold(name)[0]) for name in line.split())
        for one in stems:
            forms[one] = forms.get(one, frozenset()) | stems
    return forms


# --- from tokens to people ---------------------------------------------------------------------


class NameIndex(Generic[Key]):
    """Names in memory, found by what people type. Not for two threads at once; build another one.

    One `put` takes about 0.03 ms, one `find` some milliseconds among 100,000 names.
    """

    def __init__(self) -> None:
        # An entry is names of one key that fold alike: Anton Orlov, Антон Орлов. All is kept as
        # strings and plain tuples of them, which the garbage collector soon leaves alone: 100,000
        # lists or objects would stop an event loop for a tenth of a second.
        self._ids: dict[Key, tuple[int, ...]] = {}
        self._keys: dict[int, Key] = {}
        self._spelt: dict[int, str] = {}  # tokens, with spaces between
        self._names: dict[int, str] = {}  # names, a line each
        self._next_id = 0
        self._holders: dict[str, tuple[int, ...]] = {}  # token -> ids of the entries that hold it
        self._tokens: dict[str, Tokens] = {}  # stem -> its tokens
        self._blocks: dict[str, tuple[str, ...]] = {}  # what is common to stems -> those stems
        self._starts: dict[str, Tokens] = {}  # first three letters -> tokens

    def __len__(self) -> int:
        return len(self._ids)

    def put(self, key: Key, names: Iterable[str]) -> None:
        """Make these the names of the key, instead of what was known of it."""
        self.remove(key)
        alike: dict[str, list[str]] = {}
        for name in dict.fromkeys(" ".join(name.split()) for name in names):
            if tokens := fold(name):
                alike.setdefault(" ".join(tokens), []).append(name)
        if alike:
            added = (self._add(key, spelt, "\n".join(same)) for spelt, same in alike.items())
            self._ids[key] = tuple(added)

    def _add(self, key: Key, spelt: str, names: str) -> int:
        number, self._next_id = self._next_id, self._next_id + 1
        self._keys[number], self._spelt[number], self._names[number] = key, spelt, names
        for token in set(spelt.split()):
            if token not in self._holders:
                self._learn(token)
            _add_to(self._holders, token, number)
        return number

    def _learn(self, token: str) -> None:
        root = stem(token)
        if root not in self._tokens:
            for block in _blocks(root):
                _add_to(self._blocks, block, root)
        _add_to(self._tokens, root, token)
        _add_to(self._starts, token[:3], token)

    def remove(self, key: Key) -> None:
        """Forget the key; nothing happens when it is not known."""
        for number in self._ids.pop(key, ()):
            del self._keys[number], self._names[number]
            for token in set(self._spelt.pop(number).split()):
                _take_from(self._holders, token, number)
                if token not in self._holders:
                    self._unlearn(token)

    def _unlearn(self, token: str) -> None:
        root = stem(token)
        _take_from(self._starts, token[:3], token)
        _take_from(self._tokens, root, token)
        if root not in self._tokens:
            for block in _blocks(root):
                _take_from(self._blocks, block, root)

    def find(self, query: str, limit: int = 5) -> list[Found[Key]]:
        """The keys whose names are meant, best first; empty when nobody is.

        Namesakes stand together with equal scores. Any text is welcome; 100 characters are read.
        """
        typed = clean(query)
        hits = self._read(typed)
        if (not hits or hits[0].score < SURE) and not small_talk().issuperset(fold(typed)):
            switched = self._read(other_keyboard(typed))
            less = (hit._replace(score=hit.score - SWITCHED) for hit in switched)
            hits = _best([*hits, *(hit for hit in less if hit.score >= THRESHOLD)])
        return [Found(hit.key, round(hit.score, 1), hit.names[0]) for hit in hits[:limit]]

    def beginning(self, text: str, limit: int = 5) -> list[Key]:
        """Keys of names with a word that begins so, for who is still typing; two letters do."""
        keys = self._begun(text, limit) or self._begun(other_keyboard(clean(text)), limit)
        return list(keys)

    def _begun(self, text: str, limit: int) -> dict[Key, None]:
        words, found = fold(text), dict[Key, None]()
        begun = "".join(words)
        if len(begun) < 2 or len(words) > 1 or begun in small_talk():
            return found
        starts = [begun[:3]] if len(begun) > 2 else [s for s in self._starts if s[:2] == begun]
        tokens = (token for start in starts for token in self._starts.get(start, ()))
        for token in tokens:
            if token.startswith(begun) and token not in small_talk():
                found |= {self._keys[number]: None for number in self._holders[token][:limit]}
            if len(found) >= limit:
                break
        return dict.fromkeys(list(found)[:limit])

    def _read(self, text: str) -> list[_Hit[Key]]:
        words = [(word, token) for word in _words(text) if (token := _token(word))]
        named = self._named(tuple(token for _, token in words))
        query = self._understand(words)
        hits = [self._hit(number, EXACT) for number in named]
        for number in self._candidates(query).difference(named):
            score = _score(self._spelt[number].split(), query)
            if score >= THRESHOLD:
                hits.append(self._hit(number, score))
        return _best([_closely(hit, text) for hit in _best(hits)[:MOST_READ]])

    def _hit(self, number: int, score: float) -> _Hit[Key]:
        tokens, names = self._spelt[number].split(), self._names[number].split("\n")
        return _Hit(score, self._keys[number], tuple(tokens), tuple(names))

    def _named(self, tokens: Tokens) -> list[int]:
        """Entries with just this name."""
        holders = [self._holders.get(token, ()) for token in tokens]
        rarest = min(holders, key=len, default=())
        return [number for number in rarest if self._spelt[number] == " ".join(tokens)]

    def _understand(self, words: list[tuple[str, str]]) -> _Query:
        query = _Query([], [])
        for place, (word, token) in enumerate(words, start=1):
            last = place == len(words)
            if len(token) <= 2 or (last and len(word) == 3 and token not in self._holders):
                query.initials.append(token)
            elif token not in small_talk() and len(query.words) < MOST_WORDS:
                unfinished = last and len(word) >= 4
                query.words.append((token, self._like(token, unfinished)))
        return query

    def _like(self, word: str, unfinished: bool) -> Likeness:
        """The tokens that the word may be meant for."""
        if not word.isalpha():
            return {word: 1.0} if word in self._holders else {}
        like: Likeness = {}
        for near, edits in self._near(stem(word)):
            for token in self._tokens[near]:
                like[token] = _likeness(word, token, edits)
        for form in other_forms().get(stem(word), ()):
            for token in self._tokens.get(form, ()):
                like[token] = max(like.get(token, 0), 0.93)
        if unfinished:
            for token in self._starts.get(word[:3], ()):
                if token.startswith(word):
                    like[token] = max(like.get(token, 0), 0.8 + 0.15 * len(word) / len(token))
        return like

    def _near(self, root: str) -> Iterator[tuple[str, int]]:
        """Stems at most one or two mistakes away, perhaps twice; a swap of neighbours is one."""
        most = 0 if len(root) <= 3 else 1 if len(root) <= 6 else 2
        for block in _blocks_nearby(root) if most else ():
            stems = self._blocks.get(block, ())
            near = extract(root, stems, scorer=OSA.distance, score_cutoff=most, limit=None)
            yield from ((found, edits) for found, edits, _ in near)
        if root in self._tokens:
            yield root, 0
        elif len(root) == 3:
            longer = self._blocks.get("#4", ())
            yield from ((one, 1) for one in longer if _is_without_a_letter(root, one))

    def _candidates(self, query: _Query) -> set[int]:
        """Entries worth weighing: those of the rarest words, of others if there are few."""
        pools = sorted((self._pool(like) for _, like in query.words if like), key=len)
        if not pools:
            return set()
        chosen = pools[0]
        for pool in pools[1:]:
            if len(chosen) > ENOUGH:
                chosen = chosen & pool or chosen
            elif len(chosen) + len(pool) <= ENOUGH:
                chosen = chosen | pool
        return chosen

    def _pool(self, like: Likeness) -> set[int]:
        return set().union(*(self._holders[token] for token in like))


def _add_to(table: dict[str, tuple[Item, ...]], name: str, item: Item) -> None:
    table[name] = table.get(name, ()) + (item,)  # noqa: RUF005  half the time of unpacking


def _take_from(table: dict[str, tuple[Item, ...]], name: str, item: Item) -> None:
    table[name] = tuple(other for other in table[name] if other != item)
    if not table[name]:
        del table[name]


def _blocks(root: str) -> Iterator[str]:
    """What a stem shares with those it may be mistyped for: its start, middle, end, or length."""
    heard = _sound(root)
    yield from (f"<{heard[:3]}", f"={heard[2:5]}", f">{heard[-3:]}")
    if len(root) <= 6:
        yield f"#{len(root)}"


def _blocks_nearby(root: str) -> Iterator[str]:
    """Where to look for what a stem was mistyped for: one mistake leaves most of it in place."""
    if len(root) <= 5:
        yield from (f"#{len(root) + more}" for more in (-1, 0, 1))
    else:
        heard = _sound(root)
        yield from (f"<{heard[:3]}", f">{heard[-3:]}")
        yield from (f"={heard[start : start + 3]}" for start in (1, 2, 3))


def _likeness(word: str, token: str, mistakes: int) -> float:
    """1 for the token itself; less by the share of mistakes in the stem, a little by the ending."""
    if word == token:
        return 1.0
    if mistakes and len(stem(word)) <= 3:
        return DOUBTFUL
    misheard = OSA.distance(_sound(stem(word)), _sound(stem(token)), score_cutoff=2)
    share = (mistakes + misheard) / 2 / max(len(stem(token)), 4)
    other_start = 0.05 if word[0] != token[0] else 0.0
    return 0.99 - 0.9 * share - other_start - 0.01 * OSA.distance(word, token, score_cutoff=5)


def _is_without_a_letter(root: str, longer: str) -> bool:
    """Whether one letter was left out, not the first: ивн is Иван."""
    return any(root == longer[:place] + longer[place + 1 :] for place in range(1, len(longer)))


def _sound(root: str) -> str:
    """As it may be heard: unstressed vowels, voiced and voiceless consonants fall together."""
    return DOUBLE.sub(r"\1", root.translate(HEARD)).replace("ts", "s").replace("ia", "a")


def _score(tokens: list[str], query: _Query) -> float:
    """How well a name fits a query, 0..100."""
    free, fit, weight, missed = list(tokens), 0.0, 0, 0
    for word, like in query.words:
        likeness, best = max((like.get(token, 0.0), token) for token in free or ("",))
        if not likeness:
            missed += 1
            continue
        free.remove(best)
        fit, weight = fit + likeness * len(word), weight + len(word)
    matched = len(query.words) - missed
    if not matched or (missed and _only_given_names(tokens, free)):
        return 0.0
    astray = 6 + 12 * missed / matched if missed else 0.0
    return 99 * fit / weight - astray - 8 * _astray_initials(free, query) - 0.5 * min(len(free), 4)


def _only_given_names(tokens: list[str], free: list[str]) -> bool:
    """Whether only given names were matched, and the tokens that are free may be the surname."""
    return all(token in free or stem(token) in other_forms() for token in tokens)


def _astray_initials(free: list[str], query: _Query) -> int:
    """How many initials fit none of the tokens that are free; the others take theirs."""
    astray = 0
    for initial in query.initials:
        mine = next((token for token in free if token.startswith(initial)), None)
        if mine is None:
            astray += 1
        else:
            free.remove(mine)
    return min(astray, 2)


def _best(hits: list[_Hit[Key]]) -> list[_Hit[Key]]:
    """One for each key, best first, namesakes side by side, without the far less likely."""
    best: dict[Key, _Hit[Key]] = {}
    least = max((hit.score for hit in hits), default=0.0) - MARGIN
    for hit in hits:
        other = best.get(hit.key)
        if hit.score >= least and (other is None or _order(hit) < _order(other)):
            best[hit.key] = hit
    return sorted(best.values(), key=_order)


def _order(hit: _Hit[Key]) -> tuple[float, Tokens, str]:
    return -hit.score, hit.tokens, repr(hit.key)


def _closely(hit: _Hit[Key], text: str) -> _Hit[Key]:
    """The hit with its name in the alphabet of the query, weighed letter by letter as written."""
    cyrillic = _is_cyrillic(text)

    def strangeness(name: str) -> tuple[bool, int, str]:
        return _is_cyrillic(name) != cyrillic, OSA.distance(clean(name), text), name

    names = sorted(hit.names, key=strangeness)
    hit = hit._replace(names=tuple(names))
    if hit.score == 100:
        return hit
    parts = clean(names[0]).split()
    astray = sum(min(OSA.distance(word, part) for part in parts) for word in text.split())
    return hit._replace(score=hit.score - 0.4 * min(astray, 5))
