"""What the Rust implementation of Hugging Face's `tokenizers` makes of hard texts, with the tokenizers of decoders:

    python tests/numerics/reference/decoders/tokenizers_reference.py

Offsets are converted from code points to UTF-16 units.
"""
import json
from pathlib import Path

from tokenizers_of import TOKENIZERS

HERE = Path(__file__).parent
TEXTS = [
    "", " ", "   ", "a", "My card payment was declined", "  leading and   trailing  spaces  ", "\n\n\ttabs\tand\r\nnew lines \n ",
    "I'M, YOU'RE, we've, they'LL; it's 'tis o'clock' ''s", "1 12 123 1234 12345678 3.14 1,000,000 ½ ²³ ١٢٣ Ⅻ",
    "def f(x):\n    return x[0] if x else {\"a\": 1}  # done\n\n\n", "a  b   c    d\n   e", "https://example.org/a?b=c#d e-mail@example.org",
    "emoji 😀👍🏽 👩‍👩‍👧‍👦 🇨🇭 ❤️ end", "Gro\u0308\u00dfe cafe\u0301 e\u0323\u0302 e\u0302\u0323 \u0301\u0302 alone", "日本語のテキストと漢字、中文句子。 한국어",
    "\u1112\u1161\u11ab \uac01 \u0e01\u0e33 हिन्दी نص عربي", "zero\u200bwidth\u200c\u200djoin\ufefferbom\u00adsoft\u2060", "\ufeffbom first", "nbsp\u00a0wide\u3000thin\u2009sep\u2028par\u2029nel\u0085end",
    "a\u0000b\u0007c\u000bd\u000ce\u001ff", "\U00020000\U0002f800 \U0001d54f \U000e0041 \U0010fffd", "\ufffd replaced", "▁under ▁▁ bars▁", "Ġodd Ċ characters Â", "<0x41> <0xE2> literal",
    "<s> typed </s> in <unk> text<|endoftext|>x <|pad|> <|begin_of_text|>", "x" * 90, "é" * 40, "hello" * 30, "İstanbul ſtraße ﬁne Ǆ Σς", "…!?…!! —–- “quotes” ‘s’",
    "end with space ", " begin with space", "\u0300", "'", "''", "  's", "don’t I’m", "A'sB", "aͤb", "a\U0010fffdb\U0002f800", "🏳️‍🌈'S x'S K'ſ",
]
PAIRS = [("My card payment", "was declined"), ("", "second"), ("first", ""), (" spaces ", "  two  ")]


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def encoded(tokenizer, text, pair):
    encoding = tokenizer.encode(text, pair)
    offsets = [[0, 0] if sequence is None else [utf16(text if sequence == 0 else pair, position) for position in offset]
               for offset, sequence in zip(encoding.offsets, encoding.sequence_ids)]
    return {"text": text, "pair": pair, "ids": encoding.ids, "typeIds": encoding.type_ids, "offsets": offsets}


if __name__ == "__main__":
    result = {}
    for name, create in TOKENIZERS.items():
        tokenizer = create()
        result[name] = {"json": json.loads(tokenizer.to_str()),
                        "encodings": [encoded(tokenizer, text, pair) for text, pair in [*((text, None) for text in TEXTS), *PAIRS]]}
    (HERE / "tokenizers.reference.json").write_text(json.dumps(result, ensure_ascii=True) + "\n")
