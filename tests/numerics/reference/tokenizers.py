"""Encodings by Hugging Face's `tokenizers`, of small tokenizers trained here: WordPiece (BERT, cased and uncased),
byte-level BPE (RoBERTa) and Unigram (SentencePiece's kind), each with special tokens, pairs, both truncation sides and
offsets.

    python tests/numerics/reference/tokenizers.py > tests/numerics/reference/tokenizers.reference.json

Made with tokenizers 0.23.3. Offsets are converted from code points to UTF-16 units.
"""

import base64
import json
import os
import random
import sys

# This file has the library's name.
sys.path = [entry for entry in sys.path if os.path.abspath(entry or ".") != os.path.dirname(os.path.abspath(__file__))]

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

CORPUS = [
    "I still have not received my new card, what's going on with the delivery?",
    "Why was I charged a fee of 1.50 when I topped up? It's been 3 weeks!",
    "She'll say we've gone; they're here, I'm not. Don't you'd?",
    "Die Größe des Straßencafés überraschte naïve Gäste in Zürich.",
    "Le garçon a mangé une crème brûlée à l'hôtel, déjà payée.",
    "Ελληνικά κείμενα: ο Οδυσσέας. Русский текст для проверки.",
    "日本語のテキストと漢字、中文句子。 한국어 문장입니다.",
    "نص عربي قصير हिन्दी वाक्य",
    "emoji 😀 👍🏽 👩‍👩‍👧 ok 🇨🇭",
    "tabs\tand\nnew lines, e-mail@example.org https://example.org/a?b=c#d",
] * 4

TEXTS = [
    "",
    " ",
    "   ",
    "a",
    "What's going on?",
    "  leading and   trailing  spaces  ",
    "I can't, won't; she'll say we've gone!",
    "ΟΔΥΣΣΕΑΣ ΑΣ Σ ὈΔΥΣΣΕΎΣ",
    "İstanbul ISTANBUL ı Ǆ ß ẞ ﬁne ﬂow",
    "Größe Straßencafé naïve Zürich",
    "Gro\u0308\u00dfe cafe\u0301 na\u0131\u0308ve Zu\u0308rich e\u0323\u0302 e\u0302\u0323",
    "\u0301 alone, \u0301\u0302 twice a\u0301\u0302\u0323",
    "日本語のテキストと漢字",
    "漢字kanji漢 字mixed中文2字",
    "\U00020000\U0002a6d6 \U0002b820 \U0002b8ff \U0002b920 \U0002f800 豈 㐀",
    "한국어 문장입니다. \u1112\u1161\u11ab",
    "Ａｂｃ １２３ ①② ½ ㎏ ™ ª ﷺ",
    "emoji 😀👍🏽 👩‍👩‍👧‍👦 🇨🇭 end",
    "a\u0000b\u0007c\u200bd\u00ade\ufefff\u0085g\u000bh\u000ci",
    "tabs\there\nline\r\nend\u2028sep\u3000wide\u00a0nbsp",
    "\ufffd replaced \ufffd\ufffd",
    "[CLS] typed [SEP] in [MASK] text[PAD]x [cls]",
    "<s> typed </s> in <mask> text<pad>x   <mask>   y",
    "Attune attune ATTUNE attuned preAttune Attune. Attune",
    "supercalifragilisticexpialidocious-antidisestablishmentarianism",
    "x" * 130,
    "é" * 101,
    "e\u0301" * 60,
    "hello" * 30 + " tail",
    "1,234.56 $99.99 50% #hash @user a_b snake_case",
    "“quotes” ‘single’ — dash… • bullet",
    "कि हिन्दी वाक्य نص عربي",
    "price: 5€/kg ±2° x²",
    "…!?…!!",
    "▁under ▁▁ bars",
    "Ġodd Ċ characters",
    "\u0e01\u0e33 Thai ำ",
    "a\n\n\nb  \n c",
    "end with space ",
    "\u00a0nbsp first",
]

PAIRS = [
    ("What's going on?", "I topped up."),
    ("short", "a much longer second text with many words in it, really many of them, on and on"),
    ("a much longer first text with many words in it, really many of them, on and on", "short"),
    ("both of these are rather long texts that do not fit at all", "both of these are rather long texts that do not fit at all"),
    ("", "second only"),
    ("first only", ""),
    ("", ""),
    ("emoji 😀 left", "crème brûlée 👩‍👩‍👧 right"),
    ("[SEP] </s>", "<mask> [MASK] "),
    (" spaces ", "  two  "),
]

WORDS = "Why was I charged a fee when the card, déjà payée, 漢字 still topped up?".split()


def words(count):
    return " ".join(WORDS[index % len(WORDS)] for index in range(count))


# Both beyond what may be kept: the odd token goes by how long they really are.
LONG_PAIRS = [(words(50), words(90)), (words(90), words(50)), (words(60), words(60)), (words(60), words(61)), (words(61), words(60))]


def word_piece(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=420, special_tokens=special, show_progress=False))
    if lowercase:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    else:
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_tokens([AddedToken("Attune", single_word=True, normalized=True)])
    return tokenizer


def byte_pairs(add_prefix_space):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    special = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True, normalized=False)]
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    if add_prefix_space:
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.post_processor = processors.Sequence(
            [
                processors.ByteLevel(trim_offsets=False),
                processors.TemplateProcessing(
                    single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 0), ("</s>", 2)]
                ),
            ]
        )
    else:
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    tokenizer.add_tokens([AddedToken("Attune", rstrip=True, normalized=False)])
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip(left=False, right=True)]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=300, special_tokens=special, unk_token="<unk>", show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def split_pairs():
    """Byte pairs with characters that the vocabulary lacks, `Split`, `Digits` and `Punctuation`, Lowercase, NFD and
    StripAccents.
    """
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(" ", "merged_with_previous"),
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    trainer = trainers.BpeTrainer(vocab_size=200, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(CORPUS[:4], trainer)
    return tokenizer


# By sentencepiece 0.2.3 from the rules ﬁ → fi, ① → 1, Å (U+212B) → Å, é (in two) → é, U+3000 → space, U+200B → nothing,
# ㎏ → kg, ᄀ ᅡ → 가, Å (in two) → Å, tab → space (spm.SentencePieceTrainer.train(normalization_rule_tsv=…),
# normalizer_spec.precompiled_charsmap).
CHARACTER_MAP = (
    "AAQAAAAgAAAJDQAAAQAAgMw0AgCKBQAACwAAgMwAAgCBOQAAhAgCAA4AAICAgAMA4QgCAIWAAgChDQAAEQAAgJHwAgCLBQAAAAAAgKtdAACgHQAAAwAAgIAMAgCAUQAAjz0AAAgAAICs"
    "EAIAhIwCAI4MAgCBBQAABQAAgIAUAgAeAAAAIQAAACAAAAAjAAAAIgAAACUAAAAkAAAAJwAAACYAAAApAAAAKAAAACsAAAAqAAAALQAAACwAAAAvAAAALgAAADEAAAAwAAAAMwAAADIA"
    "AAA1AAAANAAAADcAAAA2AAAAOQAAADgAAAA7AAAAOgAAAD0AAAA8AAAAPwAAAD4AAABBAAAAQAAAAEMAAABCAAAARQAAAEQAAABHAAAARgAAAEkAAABBGAIASwAAAEoAAABNAAAATAAA"
    "AE8AAABOAAAAUQAAAFAAAABTAAAAUgAAAFUAAABUAAAAVwAAAFYAAABZAAAAWAAAAFsAAABaAAAAXQAAAFwAAABfAAAAXgAAAGEAAABgAAAAYwAAAGIAAABlAAAAZAAAAGcAAABmAAAA"
    "aQAAAGgAAABrAAAAagAAAG0AAABlnAIAbwAAAG4AAABxAAAAcAAAAHMAAAByAAAAdQAAAHQAAAB3AAAAdgAAAHkAAAB4AAAAewAAAHoAAAB9AAAAfAAAAH8AAAB+AAAAgQAAAIAAAACD"
    "AAAAggAAAIUAAACEAAAAhwAAAIYAAACJAAAAiAAAAIsAAACKAAAAjQAAAIwAAACPAAAAjgAAAJEAAACQAAAAkwAAAJIAAACVAAAAlAAAAJcAAACWAAAAmQAAAJgAAACbAAAAmgAAAJ0A"
    "AACcAAAAnwAAAJ4AAAChAAAAoAAAAKMAAACiAAAApQAAAKQAAACnAAAApgAAAKkAAACoAAAAqwAAAKoAAACtAAAArAAAAK8AAACuAAAAsQAAALAAAACzAAAAsgAAALUAAAC0AAAAtwAA"
    "ALYAAAC5AAAAuAAAALsAAAC6AAAAvQAAALwAAAC/AAAAvgAAAMEAAADAAAAAwwAAAMIAAADFAAAAxAAAAMcAAADGAAAAyQAAAMgAAADLAAAAygAAAM0AAADMAAAAzwAAAM4AAADRAAAA"
    "0AAAANMAAADSAAAA1QAAANQAAADXAAAA1gAAANkAAADYAAAA2wAAANoAAADdAAAA3AAAAN8AAADeAAAA4QAAAOAAAADjAAAA4gAAAOUAAADkAAAA5wAAAO9IAQDpAAAA4ZQBAOLQAQDj"
    "+AEA7QAAAOwAAADvAAAA7gAAAPEAAADwAAAA8wAAAPIAAAD1AAAA9AAAAPcAAAD2AAAA+QAAAPgAAAD7AAAA+gAAAP0AAAD8AAAA/wAAAP4AAAAAIAAxAGZpAGtnAMOFAMOpAOqwgAA="
)


def mapped_unigram():
    tokenizer = unigram()
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(base64.b64decode(CHARACTER_MAP)), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first")])
    return tokenizer


def utf16(text, index):
    return len(text[:index].encode("utf-16-le")) // 2


def case(tokenizer, text, pair, max_length, side):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    whole = tokenizer.encode(text, pair)
    tokenizer.enable_truncation(max_length=max_length, direction=side, strategy="longest_first")
    encoding = tokenizer.encode(text, pair)
    tokenizer.no_truncation()
    offsets = []
    for (start, end), sequence in zip(encoding.offsets, encoding.sequence_ids):
        source = pair if sequence == 1 else text
        offsets.append([0, 0] if sequence is None else [utf16(source, start), utf16(source, end)])
    return {
        "text": text,
        "pair": pair,
        "maxLength": max_length,
        "truncationSide": side,
        "ids": encoding.ids,
        "typeIds": encoding.type_ids,
        "offsets": offsets,
        "sequence": encoding.sequence_ids,
        "truncated": len(whole.ids) > len(encoding.ids),
    }


def random_text(source):
    alphabet = "abcdeéüßΣσñçİ漢字の한글é\u0301\u0308\u0323 '.,-!  \t\n012½ﬁ😀👍\u200d\ufe0f🇨" + "xyzI'm"
    return "".join(source.choice(alphabet) for _ in range(source.randrange(40)))


def main():
    source = random.Random(7)
    tokenizers = {
        "uncased": word_piece(True),
        "cased": word_piece(False),
        "roberta": byte_pairs(False),
        "prefixed": byte_pairs(True),
        "unigram": unigram(),
        "split": split_pairs(),
        "mapped": mapped_unigram(),
    }
    texts = TEXTS + [random_text(source) for _ in range(40)]
    found = {}
    for name, tokenizer in tokenizers.items():
        cases = [case(tokenizer, text, None, 512, "right") for text in texts]
        for text, pair in PAIRS:
            cases.append(case(tokenizer, text, pair, 512, "right"))
            for side in ["left", "right"]:
                cases.extend(case(tokenizer, text, pair, length, side) for length in [4, 9, 16])
        for text in texts[::4]:
            cases.append(case(tokenizer, text, None, 7, source.choice(["left", "right"])))
        for text, pair in LONG_PAIRS:
            cases.extend(case(tokenizer, text, pair, length, side) for side in ["left", "right"] for length in [8, 9])
        found[name] = {"tokenizer": json.loads(tokenizer.to_str()), "cases": cases}
    # A case a line: readable differences, and small.
    print("{")
    for position, (name, value) in enumerate(found.items()):
        print(f"{json.dumps(name)}: {{\"tokenizer\": {json.dumps(value['tokenizer'], ensure_ascii=False)},")
        print('"cases": [')
        print(",\n".join(json.dumps(one, separators=(",", ":")) for one in value["cases"]))
        print("]}" + ("," if position + 1 < len(found) else ""))
    print("}")


main()
