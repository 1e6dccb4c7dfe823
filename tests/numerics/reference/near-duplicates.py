"""
Writes near-duplicates.reference.json, with what other implementations find among the same texts:

- shingles and their hashes: mmh3 (MurmurHash3 x86_32 over UTF-16LE);
- bandings: datasketch's and text-dedup's choices for thresholds and numbers of permutations;
- candidate pairs: text-dedup's signatures (`embed_func`, 32 bits) with the permutations of signature.ts;
- near copies: pairs by brute force, the Jaccard similarity of sets of strings;
- folded texts: str.casefold and unicodedata.

    pip install text-dedup==0.4.0 datasketch==2.0.0 mmh3==5.3.1
    python near-duplicates.py
"""

import json
import random
import unicodedata
from itertools import combinations
from pathlib import Path

import mmh3
import numpy as np
from datasketch.lsh import _optimal_param
from text_dedup.minhash import embed_func
from text_dedup.utils import optimal_param

MASK = 0xFFFFFFFF


def finalize(h):
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


class Random:
    """gpu-worker/data/random.ts: sfc32, seeded through MurmurHash3's finalizer."""

    def __init__(self, *words):
        self.a, self.b, self.c, self.counter = 0x9E3779B9, 0x243F6A88, 0xB7E15162, 1
        for word in words:
            self.a ^= finalize(word)
            for _ in range(12):
                self.next()

    def next(self):
        result = (self.a + self.b + self.counter) & MASK
        self.counter = (self.counter + 1) & MASK
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & MASK
        self.c = (((self.c << 21) | (self.c >> 11)) + result) & MASK
        return result


def permutations(seed, count):
    draw = Random(seed, 0x4D696E48)
    pairs = [(draw.next() | 1, draw.next()) for _ in range(count)]
    return np.array([a for a, _ in pairs], dtype=np.uint32), np.array([b for _, b in pairs], dtype=np.uint32)


def murmur(token):
    return mmh3.hash(token.decode().encode("utf-16-le"), 0, signed=False)


def words_of(text, size):
    words = text.split(" ")
    if len(words) < size:
        return {tuple(words)}
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def characters_of(text, size):
    return {text[i : i + size] for i in range(max(1, len(text) - size + 1))}


def jaccard(one, other):
    return len(one & other) / len(one | other)


def make_texts():
    """Texts of 8 to 40 words, a third of them copies of an earlier one with up to four words replaced."""
    draw = random.Random(20)
    words = ["".join(draw.choice("abcdefghijklmnoprstuvwyzäéñш") for _ in range(draw.randint(1, 8))) for _ in range(400)]
    texts = []
    for number in range(180):
        if number > 20 and draw.random() < 0.4:
            text = list(draw.choice(texts))
            for _ in range(draw.randint(0, 4)):
                text[draw.randrange(len(text))] = draw.choice(words)
        else:
            text = [draw.choice(words) for _ in range(draw.randint(8, 40))]
        texts.append(text)
    return [" ".join(text) for text in texts]


def brute_force(texts, shingles_of, size, threshold):
    sets = [shingles_of(text, size) for text in texts]
    return [[i, j] for i, j in combinations(range(len(texts)), 2) if jaccard(sets[i], sets[j]) >= threshold]


def candidates(texts, size, threshold, seed):
    """Pairs that share one of text-dedup's hash values, and how similar they are."""
    bands, rows = optimal_param(threshold, 128, 0.5, 0.5)
    tables = [{} for _ in range(bands)]
    for number, text in enumerate(texts):
        embedded = embed_func(
            text,
            number,
            num_perm=128,
            ngram_size=size,
            min_length=0,
            hashranges=[(band * rows, (band + 1) * rows) for band in range(bands)],
            permutations=permutations(seed, 128),
            hash_func=murmur,
            dtype=np.uint32,
            max_hash=np.uint32(MASK),
            # The permutations are bijections already: nothing is left to reduce.
            modulo_prime=np.uint64(1 << 32),
        )
        for table, key in zip(tables, embedded["__signatures__"]):
            table.setdefault(key, []).append(number)
    pairs = {pair for table in tables for group in table.values() for pair in combinations(group, 2)}
    return sorted(pairs)


def folded(text):
    """What is folded, by other functions: `casefold`, and Unicode's categories as Python has them."""
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" and not 0xFE00 <= ord(c) <= 0xFE0F)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(" " if unicodedata.category(c)[0] in "PZ" or unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join(text.split())


TO_FOLD = [
    "Hello,  World!",
    "ＦＵＬＬ　ｗｉｄｔｈ—text",
    "ﬁne ﬂour…",
    "Straße, STRASSE, strasse",
    "ΟΔΟΣ οδος οδοσ",
    "e\u0301te\u0301 été",
    "zero\u200bwidth\u00adhyphen\ufeff",
    "C++ costs $5 & 3.50 €",
    "I ❤\ufe0f 🍕!!",
    "tab\tline\r\nnext\u2028para\u00a0no break",
    "don’t / don't",
    "snake_case",
    "你好，世界。",
    "Ⅷ ½ x²",
    "İstanbul",
    "नमस्ते, दुनिया!",
]

texts = make_texts()
bandings = []
for count in (16, 64, 128, 256):
    for threshold in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        sketch = _optimal_param(threshold, count, 0.5, 0.5)
        assert sketch == optimal_param(threshold, count, 0.5, 0.5)
        bandings.append({"threshold": threshold, "permutations": count, "bands": sketch[0], "rows": sketch[1]})

factors, terms = permutations(42, 128)
reference = {
    "texts": texts,
    "bandings": bandings,
    "permutations": {"seed": 42, "factors": factors.tolist(), "terms": terms.tolist()},
    "hashes": [{"shingle": shingle, "hash": murmur(shingle.encode())} for shingle in ["a", "été", "one two three", "🍕x"]],
    "candidates": [
        {"size": size, "threshold": threshold, "seed": 42, "pairs": candidates(texts, size, threshold, 42)}
        for size in (1, 3)
        for threshold in (0.7, 0.8, 0.9)
    ],
    "similar": [
        {"unit": unit, "size": size, "threshold": threshold, "pairs": brute_force(texts, shingles_of, size, threshold)}
        for unit, shingles_of, size in (("words", words_of, 1), ("words", words_of, 3), ("characters", characters_of, 5))
        for threshold in (0.7, 0.8, 0.9)
    ],
    "folded": [{"text": text, "folded": folded(text)} for text in TO_FOLD],
}
path = Path(__file__).with_suffix(".reference.json")
path.write_text(json.dumps(reference, ensure_ascii=False, separators=(",", ":")) + "\n")
print({k: len(v) for k, v in reference.items()}, [len(c["pairs"]) for c in reference["candidates"] + reference["similar"]])
