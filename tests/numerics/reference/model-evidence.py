"""Writes model-evidence.reference.json: LogME by the algorithm of its authors, and what ridge regressions of
scikit-learn predict for examples that they did not see, on features that the tests draw too (numbers.ts).

Run with scikit-learn and numpy installed; tests read the JSON only. With a path to the authors' LogME.py
(github.com/thuml/LogME) as argument, its results are printed beside.
"""
import json
import pathlib
import sys
import types

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import label_ranking_average_precision_score
from sklearn.model_selection import LeaveOneGroupOut, LeaveOneOut, cross_val_predict

shares = [0.001, 0.01, 0.1, 1, 10, 100]


def numbers(state):
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state / 2**32 - 0.5


def draw(seed, rows, columns):
    stream = numbers(seed)
    return np.array([[next(stream) for _ in range(columns)] for _ in range(rows)])


def evidence(features, target):
    """Algorithm 1 of You et al. 2021, with their epsilon, until the ratio of the precisions stands still."""
    count, dimensions = features.shape
    squares, directions = np.linalg.eigh(features.T @ features)
    squares = np.maximum(squares, 0)
    projected = directions.T @ (features.T @ target)
    alpha = beta = 1.0
    for _ in range(1000):
        ratio = alpha / beta
        effective = (squares / (squares + ratio)).sum()
        weights = directions @ (beta * projected / (alpha + beta * squares))
        norm = weights @ weights
        residual = ((target - features @ weights) ** 2).sum()
        alpha = effective / (norm + 1e-5)
        beta = (count - effective) / (residual + 1e-5)
        if abs(alpha / beta - ratio) <= 1e-12 * ratio:
            break
    determinant = np.linalg.slogdet(alpha * np.eye(dimensions) + beta * features.T @ features)[1]
    return (
        dimensions * np.log(alpha)
        + count * np.log(beta)
        - determinant
        - beta * (residual + 1e-5)
        - alpha * (norm + 1e-5)
        - count * np.log(2 * np.pi)
    ) / (2 * count)


def log_me(features, targets):
    return float(np.mean([evidence(features, target) for target in targets.T]))


def left_out(features, targets, groups):
    centered = features - features.mean(axis=0)
    centered /= np.sqrt((centered**2).mean())
    squares = np.linalg.eigvalsh(centered.T @ centered)
    squares = squares[squares > 1e-11 * squares.max()]
    best = None
    for share in shares:
        penalty = share * squares.mean()
        split = LeaveOneOut() if groups is None else LeaveOneGroupOut()
        predictions = cross_val_predict(
            Ridge(alpha=penalty, solver="cholesky"), centered, targets, groups=groups, cv=split
        )
        error = ((predictions - targets) ** 2).sum()
        if best is None or error < best[0]:
            best = (error, penalty, predictions)
    return {"penalty": float(best[1]), "predictions": best[2].T.tolist()}


def case(seed, rows, columns, classes, groups=None):
    features = draw(seed, rows, columns)
    labels = (np.arange(rows) * 7) % classes
    # Labels that the features tell something of.
    for n in range(rows):
        features[n, labels[n] % columns] += 0.6
    one_hot = np.eye(classes)[labels]
    numeric = features[:, :2] @ np.array([[1.0, 0.5], [-2.0, 0.25]]) + 0.3 * draw(seed + 1, rows, 2)
    return features, labels, numeric, {
        "seed": seed,
        "rows": rows,
        "columns": columns,
        "classes": classes,
        "groups": groups,
        "logMeOfClasses": log_me(features, one_hot),
        "logMeOfNumbers": log_me(features, numeric),
        "leftOutClasses": left_out(features, one_hot, groups),
        "leftOutNumbers": left_out(features, numeric, groups),
    }


cases = [
    case(1, 60, 8, 4),
    case(2, 24, 40, 3),
    case(3, 50, 10, 5, [n // 4 for n in range(50)]),
]

if len(sys.argv) > 1:
    sys.modules["numba"] = types.SimpleNamespace(njit=lambda function: function)
    np.float = np.float64
    sys.path.insert(0, str(pathlib.Path(sys.argv[1]).parent))
    from LogME import LogME

    np.float = np.float64
    for features, labels, numeric, own in cases:
        for name, published in (("2021a", LogME._fit_icml), ("2021b", LogME._fit_fixed_point)):
            classes = published(LogME(regression=False), features, labels)
            values = published(LogME(regression=True), features, numeric)
            print(name, classes - own["logMeOfClasses"], values - own["logMeOfNumbers"])

scores = draw(9, 30, 6)
truth = (draw(10, 30, 6) > 0.2).astype(int)
truth[np.arange(30), np.arange(30) % 6] = 1
pathlib.Path(__file__).with_suffix(".reference.json").write_text(
    json.dumps(
        {
            "cases": [own for *_, own in cases],
            "ranking": {
                "rows": 30,
                "labels": 6,
                "precision": label_ranking_average_precision_score(truth, scores),
            },
        },
        indent=1,
    )
    + "\n"
)
