"""Writes curve.reference.json: best of k by enumeration of all sets of k samples (ties share their gold value).

Run with Python and numpy: python tests/unit/statistics/best-of-n/reference.py
"""

import itertools
import json
import math
import pathlib

import numpy as np

random = np.random.default_rng(20261130)
prompts, n = 24, 6
# One decimal, so that there are ties.
rewards = np.round(random.normal(size=(prompts, n)) + random.normal(size=(prompts, 1)), 1)
gold = np.round(0.5 * rewards + random.normal(size=(prompts, n)), 3)


def best_of(scores, values, k):
    found = []
    for chosen in itertools.combinations(range(n), k):
        greatest = max(scores[i] for i in chosen)
        found.append(np.mean([values[i] for i in chosen if scores[i] == greatest]))
    return float(np.mean(found))


ks = range(1, n + 1)
by_prompt = np.array([[best_of(r, r, k) for k in ks] for r in rewards])
reference = {
    "rewards": rewards.tolist(),
    "gold": gold.tolist(),
    "meanReward": by_prompt.mean(axis=0).tolist(),
    "meanGold": [float(np.mean([best_of(r, g, k) for r, g in zip(rewards, gold)])) for k in ks],
    "standardError": (by_prompt.std(axis=0, ddof=1) / math.sqrt(prompts)).tolist(),
    "klBound": [math.log(k) - (k - 1) / k for k in ks],
}
path = pathlib.Path(__file__).with_name("curve.reference.json")
path.write_text(json.dumps(reference, indent=1) + "\n")
