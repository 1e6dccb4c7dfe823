"""
Near duplicates by text-dedup's own functions, without the reading and writing of its command line:

    pip install text-dedup==0.4.0 mmh3==5.3.1
    python near_duplicates.py settings.json

The file of texts has one a line, of small letters, digits and single spaces. Both sides take the same words of a
shingle and the same permutations (`near`). What is timed is text-dedup's `embed_func` on each text, in as many
processes as there are threads, its tables of hash values, and its union of their members. Afterwards all pairs of lines
that share one of the hash values are listed, so that both sides can be compared.
"""

import hashlib
import json
import multiprocessing
import sys
import time
from itertools import combinations

import mmh3
import numpy as np
from measured import measured, processor_seconds
from text_dedup.minhash import embed_func
from text_dedup.utils import UnionFind, optimal_param


def murmur(token):
    return mmh3.hash(token.decode().encode("utf-16-le"), 0, signed=False)


settings = json.load(open(sys.argv[1]))
given = settings["near"]
PERMUTATIONS = tuple(np.array(given[name], dtype=np.int64).astype(np.uint32) for name in ("factors", "terms"))
BANDS, ROWS = optimal_param(given["threshold"], 128, 0.5, 0.5)
HASH_RANGES = [(band * ROWS, (band + 1) * ROWS) for band in range(BANDS)]


def embed(numbered):
    number, text = numbered
    return embed_func(
        text,
        number,
        num_perm=128,
        ngram_size=given["size"],
        min_length=0,
        hashranges=HASH_RANGES,
        permutations=PERMUTATIONS,
        hash_func=murmur,
        dtype=np.uint32,
        max_hash=np.uint32(0xFFFFFFFF),
        # The permutations are bijections already: nothing is left to reduce.
        modulo_prime=np.uint64(1 << 32),
    )["__signatures__"]


def search():
    texts = open(settings["texts"]["path"]).read().splitlines()
    began, began_processors = time.perf_counter(), processor_seconds()
    tables = [{} for _ in range(BANDS)]
    with multiprocessing.Pool(settings["threads"]) as pool:
        for number, keys in enumerate(pool.imap(embed, enumerate(texts), chunksize=1000)):
            for table, key in zip(tables, keys):
                table.setdefault(key, []).append(number)
        pool.close()
        pool.join()
    sets = UnionFind()
    for table in tables:
        for group in table.values():
            for other in group[1:]:
                sets.union(group[0], other)
    roots = {sets.find(number) for number in range(len(texts))}
    figures = {
        "searchSeconds": time.perf_counter() - began,
        "searchProcessorSeconds": processor_seconds() - began_processors,
    }
    pairs = {
        one * len(texts) + other
        for table in tables
        for group in table.values()
        if len(group) > 1
        for one, other in combinations(group, 2)
    }
    digest = hashlib.sha256(np.array(sorted(pairs), dtype="<f8").tobytes()).hexdigest()
    return {"stay": len(roots), "pairs": len(pairs), "pairsDigest": digest}, figures


if __name__ == "__main__":
    measured(search)
