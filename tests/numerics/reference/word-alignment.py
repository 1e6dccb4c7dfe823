"""Makes word-alignment.reference.json: the first pieces of listed words (`is_split_into_words=True`).

They are by transformers' fast tokenizers.

    python word-alignment.py > word-alignment.reference.json

The tokenizers are those of tokenizers.reference.json; `roberta` with `add_prefix_space`, without which transformers
takes no words.
A case is [words, max length, truncation side, ids, first pieces]: of each token the word that it begins, else -1.
"""
import json
import os
import random
import sys

# A script in this folder has a library's name.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]

import transformers  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

NAMES = ["uncased", "cased", "roberta", "prefixed", "unigram"]
SENTENCES = [
    "EU rejects German call to boycott British lamb .",
    "I can't , won't ; she 'll say we 've gone !",
    "ΟΔΥΣΣΕΑΣ İstanbul ı Ǆ ß ﬁne Größe Straßencafé naïve",
    "Gro\u0308\u00dfe cafe\u0301 na\u0131\u0308ve e\u0323\u0302 \u0301 \u0301\u0302 a\u0301",
    "日本語のテキスト 漢字 漢字kanji漢 字mixed中文2字 한국어 \U00020000\U0002a6d6",
    "Ａｂｃ １２３ ①② ½ ㎏ ™ ª ﷺ",
    "emoji 😀👍🏽 👩‍👩‍👧‍👦 🇨🇭 end",
    "a \u200b b \u00ad c\u0000d \u0007 \ufeff e\ufeff \ufffd \u200bstart",
    "[CLS] typed [SEP] in [MASK] text[PAD]x <s> </s> <mask> text<mask>y <pad>",
    "Attune attune ATTUNE preAttune Attune. Attune Attune",
    "supercalifragilisticexpialidocious-antidisestablishmentarianism " + "x" * 130 + " end " + "é" * 40,
    "1,234.56 $99.99 50% #hash @user a_b snake_case e-mail@example.org",
    "“quotes” ‘single’ — dash… • bullet …!?…!! price: 5€/kg ±2° x²",
    "कि हिन्दी वाक्य نص عربي ก\u0e33",
    "▁under ▁▁ bars Ġodd Ċ characters Ġ ▁",
    "' '' 's s' 't re 've -- - .",
    "",
    "one",
]


def split_texts():
    source = random.Random(5)
    alphabet = "abcdeéüßΣσñçİ漢字の한글é\u0301\u0308'.,-!012½ﬁ😀👍\u200d\ufe0f🇨\u200bxyzI'm"
    texts = [sentence.split(" ") if sentence else [] for sentence in SENTENCES]
    for _ in range(25):
        texts.append(["".join(source.choice(alphabet) for _ in range(source.randrange(1, 9))) for _ in range(source.randrange(1, 9))])
    return texts


def create(name, json_of):
    if name == "roberta":
        json_of["pre_tokenizer"]["add_prefix_space"] = True
        json_of["post_processor"]["add_prefix_space"] = True
    return transformers.PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(json_of)))


def case(tokenizer, words, length, side):
    options = {"is_split_into_words": True}
    # An empty list would be taken for an empty batch.
    if not words:
        options, words = {}, ""
    whole = tokenizer(words, add_special_tokens=False, **options)
    firsts, before = [], None
    for word in whole.word_ids():
        firsts.append(-1 if word == before else word)
        before = word
    tokenizer.truncation_side = side
    encoding = tokenizer(words, truncation=True, max_length=length, **options)
    kept = [position for position, sequence in enumerate(encoding.sequence_ids()) if sequence is not None]
    firsts = firsts[: len(kept)] if side == "right" else firsts[len(firsts) - len(kept):]
    aligned = [-1] * len(encoding.input_ids)
    for position, first in zip(kept, firsts):
        aligned[position] = first
    return [words or [], length, side, encoding.input_ids, aligned]


with open(os.path.join(HERE, "tokenizers.reference.json")) as file:
    stored = json.load(file)
texts = split_texts()
print("{" + json.dumps("versions") + ": " + json.dumps({"transformers": transformers.__version__}))
for name in NAMES:
    tokenizer = create(name, stored[name]["tokenizer"])
    cases = [case(tokenizer, words, 512, "right") for words in texts]
    cases += [case(tokenizer, words, length, side) for words in texts[::3] for length, side in [(6, "left"), (6, "right"), (9, "left"), (9, "right")]]
    print(f", {json.dumps(name)}: [")
    print(",\n".join(json.dumps(one, separators=(",", ":")) for one in cases))
    print("]")
print("}")
