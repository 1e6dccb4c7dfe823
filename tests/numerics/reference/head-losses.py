"""Makes head-losses.reference.json: losses of multi-label, regression and token heads, and gradients, by PyTorch.

    python head-losses.py > head-losses.reference.json

Where something is missing, PyTorch is given what remains, and the gradient of what is missing is 0.
"""
import json

import torch
from torch import nn

from numbers_stream import numbers, rounded, tensor

TARGETS = [[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 0]]
WEIGHTS = [0.5, 2.0, 1.0, 3.25]
TAGS = [[2, -100, 0, 1, -100, 3], [-100, -100, -100, -100, -100, -100], [0, 1, 2, 3, -100, -100]]


def binary(seed, present, weights, scale):
    logits = tensor(numbers(seed), [5, 4], scale).requires_grad_()
    rows = torch.tensor(present, dtype=torch.bool)
    criterion = nn.BCEWithLogitsLoss(pos_weight=None if weights is None else torch.tensor(weights))
    loss = criterion(logits[rows], torch.tensor(TARGETS, dtype=torch.float32)[rows])
    loss.backward()
    return {"seed": seed, "scale": scale, "targets": TARGETS, "present": present, "positiveWeights": weights, "loss": rounded(loss)[0],
            "gradient": rounded(logits.grad)}


def squared(seed, present):
    stream = numbers(seed)
    outputs = tensor(stream, [4, 3], 4.0).requires_grad_()
    targets = tensor(stream, [4, 3], 3.0)
    cells = torch.tensor(present, dtype=torch.bool)
    loss = nn.MSELoss()(outputs[cells], targets[cells])
    loss.backward()
    return {"seed": seed, "present": present, "loss": rounded(loss)[0], "gradient": rounded(outputs.grad)}


def tokens(seed, weights):
    logits = tensor(numbers(seed), [3, 6, 4], 6.0).requires_grad_()
    criterion = nn.CrossEntropyLoss(weight=None if weights is None else torch.tensor(weights))
    loss = criterion(logits.view(-1, 4), torch.tensor(TAGS).view(-1))
    loss.backward()
    return {"seed": seed, "tags": TAGS, "classWeights": weights, "loss": rounded(loss)[0], "gradient": rounded(logits.grad)}


print(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0]},
    "binaryCrossEntropy": {
        "all examples": binary(1, [1, 1, 1, 1, 1], None, 6.0),
        "weighted": binary(2, [1, 1, 1, 1, 1], WEIGHTS, 6.0),
        "two examples without labels": binary(3, [1, 0, 1, 1, 0], None, 6.0),
        "weighted, two examples without labels": binary(4, [0, 1, 1, 0, 1], WEIGHTS, 6.0),
        "weighted, logits up to 100": binary(5, [1, 1, 1, 1, 1], WEIGHTS, 200.0),
    },
    "meanSquaredError": {
        "all cells": squared(6, [[1] * 3] * 4),
        "some cells missing": squared(7, [[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]]),
    },
    "tokenCrossEntropy": {"unweighted": tokens(8, None), "weighted": tokens(9, WEIGHTS)},
}))
