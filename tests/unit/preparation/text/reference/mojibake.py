"""Writes mojibake.reference.json: garbled texts, and what ftfy makes of them; and badness.reference.json: short texts,
and whether ftfy finds characters beside each other in them that hardly any text has.

    pip install ftfy==6.3.1
    python mojibake.py

The texts are the sentences of clean-sentences.json as they are; each read in a wrong encoding once, twice and three
times; with what programs do to such texts (U+00A0 becomes a space, unknown bytes become U+FFFD or “?”); as pieces
within clean texts; and as CESU-8. ftfy repairs the encoding alone: all other repairs are switched off. The short texts
match one rule of ftfy's expression each, before and after one of their characters is replaced.
"""

import json
import pathlib
import random
import re._constants as kinds
import re._parser as parser

import ftfy
from ftfy.badness import BADNESS_RE, is_bad

here = pathlib.Path(__file__).parent
settings = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
encodings = [
    "latin-1",
    "sloppy-windows-1252",
    "sloppy-windows-1251",
    "sloppy-windows-1250",
    "sloppy-windows-1253",
    "sloppy-windows-1254",
    "sloppy-windows-1257",
    "iso-8859-2",
    "macroman",
    "cp437",
]


def misread(text: str, encoding: str) -> str:
    return text.encode("utf-8").decode(encoding)


def misread_strictly(text: str, encoding: str) -> str:
    """What a reader gives that puts U+FFFD for bytes without a character."""
    return text.encode("utf-8").decode(encoding, errors="replace")


def as_cesu8(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return b"".join(chr(unit).encode("utf-8", "surrogatepass") for unit in pairs).decode("sloppy-windows-1252")


def some_match(items: parser.SubPattern, chance: random.Random) -> str:
    """A text that a part of a regular expression matches, of those kinds of parts that ftfy's expression has."""
    text = ""
    for kind, value in items:
        if kind is kinds.LITERAL:
            text += chr(value)
        elif kind is kinds.NOT_LITERAL or kind is kinds.ANY:
            text += chance.choice("a1 Ж–")
        elif kind is kinds.IN:
            if value[0][0] is kinds.NEGATE:
                text += chance.choice(" .é1Ж")
                continue
            part, detail = chance.choice(value)
            if part is kinds.LITERAL:
                text += chr(detail)
            elif part is kinds.RANGE:
                text += chr(chance.randint(*detail))
            else:
                text += chance.choice("aé1_" if detail is kinds.CATEGORY_WORD else " \t\x1f\xa0")
        elif kind is kinds.BRANCH:
            text += some_match(chance.choice(value[1]), chance)
        elif kind is kinds.SUBPATTERN:
            text += some_match(value[-1], chance)
        elif kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
            text += some_match(value[2], chance) * chance.randint(value[0], value[1])
        elif kind is not kinds.AT:
            raise ValueError(kind)
    return text


def write_badness(chance: random.Random) -> None:
    parsed = parser.parse(BADNESS_RE.pattern, BADNESS_RE.flags)
    branches = parsed[0][1][1]
    alphabet = "".join(bytes(range(0x80, 0x100)).decode(encoding) for encoding in encodings) + "abZ 1."
    texts = []
    for branch in branches:
        for _ in range(20):
            text = some_match(branch, chance)
            place = chance.randrange(len(text))
            texts += [text, text[:place] + chance.choice(alphabet) + text[place + 1 :], f"ab{text}cd"]
    cases = [[text, is_bad(text)] for text in dict.fromkeys(texts)]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (here / "badness.reference.json").write_text(f"[\n{lines}\n]\n", "utf-8")
    print(f"{len(cases)} short texts of {len(branches)} rules, {sum(bad for _, bad in cases)} are bad")


def main() -> None:
    chance = random.Random(13)
    sentences = json.loads((here / "clean-sentences.json").read_text("utf-8"))
    texts = []
    for language, lines in sentences.items():
        texts += lines
        for index, line in enumerate(lines):
            # Each sentence meets four encodings, and all sentences together each of them in equal parts.
            for step in range(4):
                texts.append(misread(line, encodings[(index * 4 + step + len(language)) % len(encodings)]))
            once = misread(line, "sloppy-windows-1252")
            texts.append(misread(once, "sloppy-windows-1252"))
            texts.append(misread(once, chance.choice(encodings)))
            if index == 0:
                texts.append(misread(misread(once, "latin-1"), "sloppy-windows-1252"))
            texts.append(once.replace("\xa0", " "))
            texts.append(misread_strictly(line, "windows-1252"))
            if index % 2 == 0:
                texts.append(misread_strictly(line, "windows-1252").replace("\ufffd", "?"))
                texts.append(f"{line} / {once}")
                texts.append(f"{once}\n{line}\r\n{misread(line, 'macroman')}")
                words = line.split(" ")
                texts.append(" ".join(misread(word, chance.choice(encodings[:3])) for word in words))
                cut = chance.randrange(1, len(once))
                texts.append(once[:cut])
                texts.append(once[cut:])
    texts += [as_cesu8("👍 naïve 🎉"), as_cesu8("🇩🇪 Grüße"), "nul \xc0\x80 of Java, Ã©", "voilÃ  le travail", "Ã la mode"]
    texts += ["Ã s vezes", "vou Ã quela casa", "Ã quilo tudo", "foi Ã quele lugar", "Ã  espera", "fÃ cil, nÃ£o"]
    texts += ["Ã point", "SÃ£o Paulo Ã s 10h", "ð Ÿ˜€ ok", "â œquoteâ ", "ð\x9f \x80", "â\x80 \xa0x", "Å kodaÂ "]
    # Characters of the tables beside each other, without a sense.
    alphabet = "".join(bytes(range(0x80, 0x100)).decode(encoding) for encoding in encodings) + " abZ.1\n"
    for _ in range(150):
        texts.append("".join(chance.choice(alphabet) for _ in range(chance.randrange(2, 12))))
    cases = [{"text": text, "repaired": ftfy.fix_text(text, settings)} for text in dict.fromkeys(texts)]
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases)
    (here / "mojibake.reference.json").write_text(f"[\n{lines}\n]\n", "utf-8")
    changed = sum(case["text"] != case["repaired"] for case in cases)
    print(f"{len(cases)} texts, {changed} of which ftfy changes")
    write_badness(random.Random(13))


main()
