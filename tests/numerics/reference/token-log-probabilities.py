"""Makes token-log-probabilities.reference.json: log-probabilities of targets, entropies and gradients by PyTorch.

    python token-log-probabilities.py > token-log-probabilities.reference.json
"""
import json

import torch

from numbers_stream import numbers, rounded, tensor

N, H, V = 12, 5, 11
TARGETS = [3, 0, 10, 3, 7, 7, 1, 2]
ROWS = [1, 2, 3, 5, 6, 7, 9, 11]  # of the states, in the order of the targets


def case(seed, has_bias, tied):
    stream = numbers(seed)
    states = tensor(stream, [N, H], 2.0).requires_grad_()
    table = tensor(stream, [V, H], 2.0).requires_grad_()
    bias = tensor(stream, [V], 2.0).requires_grad_()
    cotangent = tensor(stream, [len(TARGETS)], 3.0)
    ids = torch.tensor([(i * 5) % V for i in range(N)])
    x = states + table[ids] if tied else states
    logits = x[ROWS] @ table.T + (bias if has_bias else 0)
    every = torch.log_softmax(logits, -1)
    picked = every.gather(-1, torch.tensor(TARGETS)[:, None])[:, 0]
    # A loss that is no weighted sum: its gradient depends on the values.
    loss = torch.nn.functional.softplus(-(picked * cotangent).sum()) + (picked**2).sum() / 7
    loss.backward()
    return {
        "seed": seed, "bias": has_bias, "tied": tied, "logProbabilities": rounded(picked),
        "entropies": rounded(-(every.exp() * every).sum(-1)), "loss": rounded(loss)[0],
        "gradients": {"states": rounded(states.grad), "table": rounded(table.grad),
                      **({"bias": rounded(bias.grad)} if has_bias else {})},
    }


print(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0]},
    "cases": {"without a bias": case(31, False, False), "with a bias": case(32, True, False),
              "with a tied table": case(33, False, True)},
}))
