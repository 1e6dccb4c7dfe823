"""
Writes consensus.reference.json: labels, probabilities and the quality of people that other implementations find in the
same answers.

- Dawid & Skene's model, and that of one coin: crowd-kit, after a given number of iterations
- CROWDLAB: cleanlab, with ties that it breaks without chance

    pip install crowd-kit==1.4.2 cleanlab==2.9.0
    python consensus.py
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_label_quality_multiannotator, get_majority_vote_label
from crowdkit.aggregation import DawidSkene, OneCoinDawidSkene

random = np.random.default_rng(23)


def draw(units, accuracies, priors, missing):
    """Labels of 0 to K − 1, [units, annotators], −1 where nobody answered; each unit has an answer."""
    count = len(priors)
    truth = random.choice(count, units, p=priors)
    answers = np.full((units, len(accuracies)), -1)
    for u in range(units):
        while (answers[u] < 0).all():
            for a, accuracy in enumerate(accuracies):
                if random.random() >= missing:
                    wrong = random.choice([k for k in range(count) if k != truth[u]])
                    answers[u, a] = truth[u] if random.random() < accuracy else wrong
    return truth, answers


def fit(kind, answers, iterations):
    rows = [(u, a, answers[u, a]) for u, a in np.argwhere(answers >= 0)]
    model = kind(n_iter=iterations, tol=-1e9).fit(pd.DataFrame(rows, columns=["task", "worker", "label"]))
    assert len(model.loss_history_) == iterations
    return model


def dawid_skene(name, answers, labels, iterations):
    """crowd-kit ends with an M step, that our next E step follows: its matrices after n, probabilities after n + 1."""
    result = {"name": name, "labels": labels, "iterations": iterations + 1, "answers": answers.tolist()}
    people = range(answers.shape[1])
    for key, kind in [("confusion", DawidSkene), ("oneCoin", OneCoinDawidSkene)]:
        before, after = fit(kind, answers, iterations), fit(kind, answers, iterations + 1)
        result[key] = {
            "posteriors": after.probas_.sort_index().sort_index(axis=1).values.tolist(),
            "priors": before.priors_.sort_index().values.tolist(),
        }
        if key == "oneCoin":
            result[key]["accuracies"] = [float(before.skills_[a]) for a in people]
        else:
            # [annotators][labels][answers]
            errors = before.errors_.sort_index(axis=1)
            result[key]["matrices"] = [
                [[float(errors.loc[(a, said), label]) for said in range(labels)] for label in range(labels)]
                for a in people
            ]
    return result


def crowdlab(name, truth, answers, labels, sharpness):
    noise = random.normal(size=(len(answers), labels)) + sharpness * np.eye(labels)[truth]
    predicted = np.round(np.exp(noise) / np.exp(noise).sum(axis=1, keepdims=True), 3)
    predicted[:, -1] = 1 - predicted[:, :-1].sum(axis=1)
    # Ties in probability make the other rules for ties count.
    predicted[:10] = 1 / labels
    table = np.where(answers < 0, np.nan, answers.astype(float))
    found = get_label_quality_multiannotator(table, predicted, return_weights=True, verbose=False)
    quality, people = found["label_quality"], found["annotator_stats"].sort_index()
    return {
        "name": name,
        "labels": labels,
        "answers": answers.tolist(),
        "predicted": predicted.tolist(),
        "majority": get_majority_vote_label(table, predicted, verbose=False).tolist(),
        "consensus": quality["consensus_label"].tolist(),
        "quality": quality["consensus_quality_score"].tolist(),
        "agreement": quality["annotator_agreement"].tolist(),
        "annotators": [None if np.isnan(v) else v for v in people["annotator_quality"]],
        "agreementWithConsensus": people["agreement_with_consensus"].tolist(),
        "modelWeight": float(found["model_weight"]),
        "weights": found["annotator_weight"].tolist(),
    }


_, three = draw(120, [0.9, 0.8, 0.7, 0.6, 0.55, 0.3], [0.5, 0.3, 0.2], 0.3)
_, two = draw(100, [0.95, 0.7, 0.7, 0.2], [0.7, 0.3], 0.1)
models = [
    dawid_skene("three labels, 5 iterations", three, 3, 4),
    dawid_skene("three labels, 60 iterations", three, 3, 59),
    dawid_skene("two labels and a person who is mostly wrong", two, 2, 30),
]
consensus = [
    crowdlab("three labels", *draw(80, [0.9, 0.8, 0.7, 0.6, 0.3], [0.5, 0.3, 0.2], 0.5), 3, 2.0),
    crowdlab("two labels, a poor classifier", *draw(60, [0.9, 0.8, 0.6, 0.6], [0.5, 0.5], 0.3), 2, 0.2),
]
# A person whose units nobody else answered.
truth, alone = draw(60, [0.9, 0.8, 0.7], [0.5, 0.5], 0.3)
alone = np.hstack([alone, np.full((60, 1), -1)])
alone[-8:] = -1
alone[-8:, 3] = truth[-8:]
consensus.append(crowdlab("a person without others", truth, alone, 2, 1.5))

path = Path(__file__).with_suffix(".reference.json")
path.write_text(json.dumps({"models": models, "crowdlab": consensus}) + "\n")
