"""Writes stratification.reference.json: drawn rows, and how far the splits of Python's libraries are from the whole.

Needs scikit-multilearn 0.2.0, iterative-stratification 0.1.9 and scikit-learn; each figure is the mean of five seeds.
"""

import json
import sys
from itertools import combinations

import numpy as np
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold
from sklearn.model_selection import StratifiedGroupKFold
from skmultilearn.model_selection import IterativeStratification

random = np.random.default_rng(1)
seeds = range(5)


def draw_label_sets(rows, labels, mean, exponent, linked):
    chances = 1 / np.arange(1, labels + 1) ** exponent
    chances /= chances.sum()
    drawn = []
    for _ in range(rows):
        size = min(labels, random.poisson(mean))
        own = {int(label) for label in random.choice(labels, size=size, replace=False, p=chances)} if size else set()
        own |= {(label + 1) % labels for label in own if random.random() < linked}
        drawn.append(sorted(own))
    return drawn


def draw_groups(rows, classes, groups, concentration):
    chances = 1 / np.arange(1, groups + 1) ** 0.9
    of_rows = random.choice(groups, size=rows, p=chances / chances.sum())
    prior = 1 / np.arange(1, classes + 1)
    mixes = np.array([random.dirichlet(prior / prior.sum() * concentration) for _ in range(groups)])
    labels = [int(random.choice(classes, p=mixes[group])) for group in of_rows]
    return [[int(group), label] for group, label in zip(of_rows, labels)]


def label_deviation(ones, split_of_row, splits):
    """Sechidis et al. 2011, equation LD: mean over labels and splits of the difference of odds."""
    whole = ones.sum(0) / (len(ones) - ones.sum(0))
    sum_ = 0
    for split in range(splits):
        part = ones[split_of_row == split]
        counts = part.sum(0)
        sum_ += np.abs(counts / np.maximum(len(part) - counts, 1) - whole)
    return float((sum_ / splits).mean())


def pairs_of(ones):
    both = [ones[:, a] & ones[:, b] for a, b in combinations(range(ones.shape[1]), 2)]
    return np.stack([pair for pair in both if pair.any()], 1)


def split_numbers(test_rows, rows):
    numbers = np.zeros(rows, int)
    for split, (_, test) in enumerate(test_rows):
        numbers[test] = split
    return numbers


def several_labels(name, rows, fractions):
    ones = np.zeros((len(rows), 1 + max(max(row) for row in rows if row)), int)
    for i, row in enumerate(rows):
        ones[i, row] = 1
    pairs = pairs_of(ones)

    def measured(library, order, divide):
        numbers = [split_numbers(divide(seed).split(np.zeros((len(rows), 1)), ones), len(rows)) for seed in seeds]
        return {
            "library": library,
            "order": order,
            "labels": np.mean([label_deviation(ones, each, len(fractions)) for each in numbers]),
            "pairs": np.mean([label_deviation(pairs, each, len(fractions)) for each in numbers]),
        }

    def multilearn(order):
        def divide(seed):
            np.random.seed(seed)
            return IterativeStratification(
                n_splits=len(fractions), order=order, sample_distribution_per_fold=list(fractions)
            )

        return divide

    peers = [measured("scikit-multilearn", order, multilearn(order)) for order in (1, 2)]
    if len(set(fractions)) == 1:
        folds = lambda seed: MultilabelStratifiedKFold(n_splits=len(fractions), shuffle=True, random_state=seed)
        peers.append(measured("iterative-stratification", 1, folds))
    return {"rows": name, "fractions": fractions, "peers": peers}


def groups(name, rows, folds):
    group, label = np.array(rows).T
    shares = np.bincount(label) / len(label)
    of_labels, of_rows = [], []
    for seed in seeds:
        for _, test in StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(label, label, group):
            counts = np.bincount(label[test], minlength=len(shares))
            of_labels.append(np.abs(counts / len(test) - shares).mean())
            of_rows.append(abs(len(test) / len(label) - 1 / folds))
    return {"rows": name, "folds": folds, "labels": np.mean(of_labels), "sizes": np.mean(of_rows)}


label_sets = {"small": draw_label_sets(600, 12, 1.5, 0.8, 0.3), "medium": draw_label_sets(2000, 40, 2.5, 1.1, 0.4)}
grouped = {"eighty": draw_groups(1000, 3, 80, 5), "many": draw_groups(3000, 10, 300, 2)}
json.dump(
    {
        "labelSets": label_sets,
        "stratified": [
            several_labels(name, rows, fractions)
            for name, rows in label_sets.items()
            for fractions in ([0.1] * 10, [0.2] * 5, [0.8, 0.1, 0.1])
        ],
        "groupedRows": grouped,
        "grouped": [groups(name, rows, folds) for name, rows in grouped.items() for folds in (5, 10)],
    },
    open(sys.argv[1], "w"),
    separators=(",", ":"),
)
