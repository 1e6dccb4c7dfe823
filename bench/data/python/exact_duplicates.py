"""
Rows whose text was there before are dropped with `datasets`, as its own examples do: a hash of each text by `map`, and
a `filter` that keeps the first row of each. Both in batches, which is several times as fast as row by row.

    pip install datasets==5.2.0
    python exact_duplicates.py settings.json
"""

import json
import sys
from hashlib import md5

from datasets import Dataset, disable_progress_bars
from measured import measured

settings = json.load(open(sys.argv[1]))
disable_progress_bars()


def hashes(batch):
    return {"hash": [md5(text.encode()).digest() for text in batch["text"]]}


def drop():
    rows = Dataset.from_parquet(settings["version"]["path"], cache_dir=settings["output"])
    rows = rows.map(hashes, batched=True, num_proc=settings["threads"])
    seen = set()

    def is_first(batch):
        result = []
        for key in batch["hash"]:
            result.append(key not in seen)
            seen.add(key)
        return result

    rows = rows.filter(is_first, batched=True).remove_columns("hash")
    rows.to_parquet(settings["output"] + "/deduplicated.parquet")
    return {"rows": len(rows)}, {}


if __name__ == "__main__":
    measured(drop)
