"""Writes probe.reference.json: scikit-learn's and cleanlab's results on small made-up data.

pip install numpy==2.4.6 scikit-learn==1.9.1 cleanlab==2.9.0, then: python probe.py
"""

import json
from pathlib import Path

import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from sklearn.linear_model import LogisticRegression

N, D, K, FOLDS = 160, 5, 4, 4
random = np.random.default_rng(11)
truth = random.choice(K, size=N, p=[0.4, 0.3, 0.2, 0.1])
centers = random.normal(size=(K, D)) * 1.6
features = np.round(centers[truth] + random.normal(size=(N, D)), 4)
labels = truth.copy()
flipped = random.random(N) < 0.15
labels[flipped] = (labels[flipped] + random.integers(1, K, size=flipped.sum())) % K
folds = np.arange(N) % FOLDS


def fit(rows, c):
    return LogisticRegression(C=c, tol=1e-12, max_iter=100_000, solver="newton-cg").fit(features[rows], labels[rows])


whole = {}
for c in [0.1, 1.0, 10.0]:
    model = fit(np.arange(N), c)
    whole[str(c)] = {"weights": model.coef_.ravel().tolist(), "probabilities": model.predict_proba(features[:20]).ravel().tolist()}

probabilities = np.zeros((N, K))
for fold in range(FOLDS):
    probabilities[folds == fold] = fit(np.flatnonzero(folds != fold), 1.0).predict_proba(features[folds == fold])

rules = {
    "pruneByNoiseRate": "prune_by_noise_rate",
    "pruneByClass": "prune_by_class",
    "both": "both",
    "confidentLearning": "confident_learning",
}
errors = {}
for name, rule in rules.items():
    for ranked_name, ranked in [("selfConfidence", "self_confidence"), ("normalizedMargin", "normalized_margin")]:
        found = find_label_issues(labels, probabilities, filter_by=rule, return_indices_ranked_by=ranked, n_jobs=1)
        errors[f"{name}/{ranked_name}"] = found.tolist()

Path(__file__).with_name("probe.reference.json").write_text(
    json.dumps(
        {
            "classes": K,
            "dimensions": D,
            "features": features.ravel().tolist(),
            "labels": labels.tolist(),
            "folds": folds.tolist(),
            "whole": whole,
            "outOfFold": probabilities.ravel().tolist(),
            "confidentJoint": compute_confident_joint(labels, probabilities).ravel().tolist(),
            "labelErrors": errors,
        }
    )
    + "\n"
)
print(compute_confident_joint(labels, probabilities), {k: len(v) for k, v in errors.items()}, flipped.sum())
