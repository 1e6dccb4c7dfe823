"""Writes classification-scores.reference.json: scikit-learn's scores of a seeded five-class problem, one class never
true, one never predicted.

Run with scikit-learn and numpy installed; tests read the JSON only.
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support

rng = np.random.default_rng(7)
labels = ["ham", "spam", "offer", "receipt", "never true"]
n = 60
targets = rng.integers(0, 4, size=n)
logits = rng.normal(size=(n, 5)).astype(np.float32)
logits[np.arange(n), targets] += 1.0
logits[:, 3] -= 9.0  # never predicted
predicted = logits.argmax(axis=1)
probabilities = np.exp(logits.astype(np.float64))
probabilities /= probabilities.sum(axis=1, keepdims=True)


def averaged(average):
    p, r, f, _ = precision_recall_fscore_support(targets, predicted, labels=range(5), average=average, zero_division=0)
    return {"precision": p, "recall": r, "f1": f}


p, r, f, s = precision_recall_fscore_support(targets, predicted, labels=range(5), zero_division=0)
reference = {
    "labels": labels,
    "targets": targets.tolist(),
    "logits": [round(float(x), 6) for x in logits.ravel()],
    "scores": {
        "task": "mail",
        "exampleCount": n,
        "accuracy": accuracy_score(targets, predicted),
        "loss": log_loss(targets, probabilities, labels=range(5)),
        "macro": averaged("macro"),
        "micro": averaged("micro"),
        "weighted": averaged("weighted"),
        "perClass": [
            {"label": label, "precision": p[i], "recall": r[i], "f1": f[i], "support": int(s[i])} for i, label in enumerate(labels)
        ],
        "confusionMatrix": confusion_matrix(targets, predicted, labels=range(5)).tolist(),
    },
}
path = pathlib.Path(__file__).with_name("classification-scores.reference.json")
path.write_text(json.dumps(reference, indent=1) + "\n")
