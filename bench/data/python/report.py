"""
A CSV file read with pandas, divided into splits, written as Parquet, and described as Attune's report does, without
near duplicates and without what pandas has no function for (personal data, languages, likely label errors, words and
columns that give the label away, outliers).

    pip install pandas==3.1.1 pyarrow==26.0.1
    python report.py settings.json

Words are counted in a sample of 200,000 rows, as the report counts them.
"""

import json
import sys

import numpy as np
import pandas as pd
from measured import measured

settings = json.load(open(sys.argv[1]))
QUANTILES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
BINS = [0, 1, *[2**i for i in range(1, 21)], np.inf]
SPLITS = ["train", "validation", "test"]


def lengths_of(lengths):
    return lengths.mean(), lengths.quantile(QUANTILES), np.histogram(lengths.dropna(), BINS)


def report():
    frame = pd.read_csv(settings["csv"]["path"], parse_dates=["created"])
    shuffled = np.random.default_rng(0).permutation(len(frame))
    names = np.repeat(SPLITS, [len(frame) * 8 // 10, len(frame) // 10, len(frame) - len(frame) * 8 // 10 - len(frame) // 10])
    split = np.empty(len(frame), dtype=object)
    split[shuffled] = names
    frame["split"] = pd.Categorical(split, SPLITS)
    frame.to_parquet(settings["output"] + "/version.parquet", compression="zstd")

    missing = frame.isna().groupby(frame["split"], observed=True).sum()
    distinct = frame.nunique()
    labels = frame.groupby("split", observed=True)["label"].value_counts()
    characters = frame["text"].str.len()
    by_split = [lengths_of(characters[frame["split"] == name]) for name in SPLITS]
    sample = frame.sample(min(len(frame), 200_000), random_state=0)
    words = sample["text"].str.split().str.len()
    words_by_split = [lengths_of(words[sample["split"] == name]) for name in SPLITS]

    copies = frame.duplicated(["split", "text"]) & frame["text"].notna()
    frame["normalized"] = frame["text"].str.lower().str.replace(r"\s+", "", regex=True)
    normalized = frame.duplicated(["split", "normalized"]) & frame["normalized"].notna()
    leaks, conflicts = {}, frame.groupby("normalized")["label"].nunique().gt(1).sum()
    texts = {name: frame.loc[frame["split"] == name, "normalized"] for name in SPLITS}
    for one in SPLITS:
        for other in SPLITS:
            if one != other:
                leaks[one, other] = int(texts[one].isin(texts[other]).sum())
    assert len(by_split) == len(words_by_split) == 3 and len(labels) and len(distinct)
    figures = {"normalizedCopiesInSplits": int(normalized.sum()), "leaks": leaks["test", "train"], "conflicts": int(conflicts)}
    return {"rows": len(frame), "missing": int(missing[["id", "text", "label", "created", "amount", "channel"]].sum().sum())}, {
        **figures,
        "exactCopiesInSplits": int(copies.sum()),
    }


measured(report)
