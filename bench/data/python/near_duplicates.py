"""
Near duplicates by text-dedup's own functions, without the reading and writing of its command line:

    pip install text-dedup==0.4.0 mmh3==5.3.1
    python near_duplicates.py texts.txt permutations.json pairs.json [processes]

`texts.txt` has one text a line, of small letters and single spaces. `permutations.json` has
{"size", "threshold", "factors", "terms"}: the words of a shingle, and the permutations that the other side takes.
`pairs.json` gets all pairs of lines that share one of the hash values, so that both sides can be compared. What is
timed is text-dedup's `embed_func` on each text, its tables of hash values, and its union of their members; the last
line says in JSON how many seconds of the clock and of all processors that took.
"""

import json
import multiprocessing
import resource
import sys
import time
from itertools import combinations

import mmh3
import numpy as np
from text_dedup.minhash import embed_func
from text_dedup.utils import UnionFind, optimal_param


def murmur(token):
    return mmh3.hash(token.decode().encode("utf-16-le"), 0, signed=False)


texts_path, permutations_path, pairs_path = sys.argv[1:4]
processes = int(sys.argv[4]) if len(sys.argv) > 4 else 1
given = json.load(open(permutations_path))
PERMUTATIONS = tuple(np.array(given[name], dtype=np.uint32) for name in ("factors", "terms"))
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


def seconds_of_processors():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    texts = open(texts_path).read().splitlines()
    began, began_processors = time.perf_counter(), seconds_of_processors()
    tables = [{} for _ in range(BANDS)]
    with multiprocessing.Pool(processes) as pool:
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
    seconds, processors = time.perf_counter() - began, seconds_of_processors() - began_processors
    pairs = {pair for table in tables for group in table.values() for pair in combinations(group, 2)}
    with open(pairs_path, "w") as file:
        json.dump(sorted(pairs), file)
    print(json.dumps({"seconds": seconds, "processorSeconds": processors, "pairs": len(pairs), "stay": len(roots)}))
