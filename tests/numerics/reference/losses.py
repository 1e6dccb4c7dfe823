"""Makes losses.reference.json: cross-entropy and task weighting as PyTorch computes and differentiates them.

    python losses.py > losses.reference.json
"""
import json

import torch
from torch.nn import functional as F

from numbers_stream import numbers, rounded, tensor

TARGETS = {"all": [2, 0, 1, 2, 2, 3], "some missing": [2, -100, 1, -100, 2, 0]}
CLASS_WEIGHTS = [0.5, 2.0, 1.0, 3.25]


def cross_entropy(seed, targets, weights):
    logits = tensor(numbers(seed), [6, 4], 6.0).requires_grad_()
    weight = None if weights is None else torch.tensor(weights)
    loss = F.cross_entropy(logits, torch.tensor(targets), weight=weight, ignore_index=-100)
    loss.backward()
    return {"seed": seed, "targets": targets, "classWeights": weights, "loss": rounded(loss)[0],
            "gradient": rounded(logits.grad)}


def uncertainty(seed, present):
    stream = numbers(seed)
    losses = tensor(stream, [3], 1.0, 1.0).requires_grad_()
    s = tensor(stream, [3], 2.0).requires_grad_()
    sigma = torch.exp(s / 2)  # s = log sigma^2
    total = ((losses / sigma**2 + torch.log(sigma)) * torch.tensor(present)).sum()
    total.backward()
    return {"seed": seed, "present": present, "loss": rounded(total)[0], "weights": rounded(1 / sigma**2),
            "lossGradients": rounded(losses.grad), "logVarianceGradients": rounded(s.grad)}


print(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0]},
    "crossEntropy": {
        f"{name} labels, {'weighted' if weights else 'unweighted'}": cross_entropy(2 * at, targets, weights)
        for at, (name, targets, weights) in enumerate(
            (name, targets, weights) for name, targets in TARGETS.items() for weights in (None, CLASS_WEIGHTS))
    },
    "uncertainty": {"all tasks": uncertainty(20, [1.0, 1.0, 1.0]), "one task without labels": uncertainty(21, [1.0, 0.0, 1.0])},
}))
