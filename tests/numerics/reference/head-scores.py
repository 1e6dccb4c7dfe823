"""Makes head-scores.reference.json: scores of multi-label, regression and token classification tasks.

They are by scikit-learn, SciPy and seqeval.

    python head-scores.py > head-scores.reference.json
"""
import json
import warnings
from importlib.metadata import version

import numpy as np
from scipy.stats import pearsonr, spearmanr
from seqeval.metrics import accuracy_score as tag_accuracy
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import (accuracy_score, average_precision_score, f1_score, hamming_loss, mean_absolute_error, mean_squared_error,
                             multilabel_confusion_matrix, precision_recall_fscore_support, r2_score, root_mean_squared_error)
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
rng = np.random.default_rng(11)


def scores(precision, recall, f1, _support=None):
    return {"precision": float(precision), "recall": float(recall), "f1": float(f1)}


def multi_label():
    """Label 3 is never true, label 4 never predicted; logits in steps of ½ make ties, some examples have no label."""
    labels = ["joy", "anger", "fear", "nobody", "timid"]
    targets = (rng.random((60, 5)) < [0.5, 0.2, 0.35, 0.0, 0.15]).astype(int)
    logits = np.round(2 * rng.normal(size=(60, 5)) + 3 * targets - 2) / 2
    logits[:, 4] -= 9
    thresholds = [0.5, 0.4, 0.622459331201855, 0.3, 0.9]
    probabilities = 1 / (1 + np.exp(-logits))
    predicted = (probabilities >= thresholds).astype(int)
    loss = -np.mean(targets * np.log(probabilities) + (1 - targets) * np.log(1 - probabilities))
    averaged = {average: scores(*precision_recall_fscore_support(targets, predicted, average=average, zero_division=0))
                for average in ("micro", "macro", "weighted", "samples")}
    per_label = []
    precision, recall, f1, support = precision_recall_fscore_support(targets, predicted, average=None, zero_division=0)
    confusion = multilabel_confusion_matrix(targets, predicted)
    for c, label in enumerate(labels):
        (tn, fp), (fn, tp) = confusion[c].tolist()
        per_label.append({
            "label": label, "threshold": thresholds[c], "support": int(support[c]), "predicted": tp + fp, "truePositives": tp,
            "falsePositives": fp, "falseNegatives": fn, "trueNegatives": tn, "precision": precision[c], "recall": recall[c], "f1": f1[c],
            "averagePrecision": average_precision_score(targets[:, c], probabilities[:, c])})
    best = []
    for c in range(5):
        candidates = np.concatenate([np.unique(probabilities[:, c]), [1.0]])
        best.append(max(f1_score(targets[:, c], probabilities[:, c] >= t, zero_division=0) for t in candidates))
    return {
        "labels": labels, "thresholds": thresholds, "targets": targets.ravel().tolist(), "logits": logits.ravel().tolist(), "bestF1": best,
        "scores": {
            "kind": "multiLabel", "task": "mood", "exampleCount": 60, "loss": loss, "subsetAccuracy": accuracy_score(targets, predicted),
            "hammingLoss": hamming_loss(targets, predicted), **averaged,
            "averagePrecision": {average: average_precision_score(targets, probabilities, average=average) for average in ("macro", "micro")},
            "perLabel": per_label}}


def regression():
    """Three outputs on different scales, some targets missing; the second has ties in targets and predictions."""
    names = ["relatedness", "stars", "price"]
    targets = np.stack([rng.uniform(1, 5, 40), rng.integers(1, 6, 40), 1e6 + 3 * rng.normal(size=40)], axis=1)
    targets[rng.random((40, 3)) < 0.15] = np.nan
    targets[7] = np.nan
    scaler = StandardScaler().fit(targets)
    standardized = scaler.transform(targets)
    given = np.nan_to_num(standardized) * 0.7 + 0.5 * rng.normal(size=(40, 3))
    given[:, 1] = np.round(2 * given[:, 1]) / 2
    given = given.astype(np.float32).astype(np.float64)
    restored = scaler.mean_ + scaler.scale_ * given
    per_output = []
    for k, name in enumerate(names):
        there = ~np.isnan(targets[:, k])
        actual, predicted = targets[there, k], restored[there, k]
        per_output.append({
            "name": name, "exampleCount": int(there.sum()), "mse": mean_squared_error(actual, predicted),
            "rmse": root_mean_squared_error(actual, predicted), "mae": mean_absolute_error(actual, predicted), "r2": r2_score(actual, predicted),
            "pearson": float(pearsonr(actual, predicted)[0]), "spearman": float(spearmanr(actual, predicted)[0])})
    present = ~np.isnan(targets)
    keys = ["mse", "rmse", "mae", "r2", "pearson", "spearman"]
    return {
        "outputs": names, "targets": [None if np.isnan(x) else x for x in targets.ravel().tolist()], "given": given.ravel().tolist(),
        "means": scaler.mean_.tolist(), "scales": scaler.scale_.tolist(),
        "standardized": [None if np.isnan(x) else x for x in standardized.ravel().tolist()],
        "scores": {
            "kind": "regression", "task": "ratings", "exampleCount": int(present.any(axis=1).sum()),
            "loss": mean_squared_error(standardized[present], given[present]),
            "average": {key: float(np.mean([each[key] for each in per_output])) for key in keys}, "perOutput": per_output}}


def tokens():
    """Sequences that IOB2 forbids as well: I after O, and after another type. DATE is never predicted, ORG not true."""
    tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-DATE", "I-DATE", "B-ORG", "I-ORG"]
    examples = []
    for length in [1, 2, 3, 5, 8, 8, 13, 13, 21, 21]:
        actual = rng.choice(7, size=length, p=[0.3, 0.15, 0.2, 0.1, 0.1, 0.1, 0.05])
        guessed = rng.choice([0, 1, 2, 3, 4, 7, 8], size=length)
        predicted = np.where((rng.random(length) < 0.75) & (actual < 5), actual, guessed)
        examples.append([actual.tolist(), predicted.tolist()])
    actual, predicted = ([[tags[c] for c in example[side]] for example in examples] for side in (0, 1))
    report = classification_report(actual, predicted, output_dict=True, zero_division=0)
    named = lambda row: scores(row["precision"], row["recall"], row["f1-score"])
    types = [name for name in report if not name.endswith(" avg")]
    return {
        "labels": tags, "examples": examples, "accuracy": tag_accuracy(actual, predicted),
        "spans": [[list(span) for span in get_entities(sequence)] for sequence in predicted],
        "entities": {
            **{average: named(report[f"{average} avg"]) for average in ("micro", "macro", "weighted")},
            "perType": [{"label": name, "support": int(report[name]["support"]), **named(report[name])} for name in types]}}


versions = {name: version(name) for name in ("scikit-learn", "scipy", "seqeval")}
print(json.dumps({"versions": versions, "multiLabel": multi_label(), "regression": regression(), "tokens": tokens()}))
