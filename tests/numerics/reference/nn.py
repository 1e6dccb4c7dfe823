"""Makes nn.reference.json: values and gradients of the building blocks as PyTorch has them.

    python nn.py > nn.reference.json

Each case draws its inputs in the order of `inputs`, then a cotangent of the value's shape; the gradients are those of
the sum of value times cotangent.
"""
import json

import torch
from torch.nn import functional as F

from numbers_stream import numbers, rounded, tensor

MASK = torch.tensor([[1.0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]])


def case(seed, inputs, f, scale=1.0):
    stream = numbers(seed)
    arguments = [tensor(stream, shape, scale).requires_grad_() for shape in inputs.values()]
    value = f(*arguments)
    (value * tensor(stream, list(value.shape))).sum().backward()
    return {
        "seed": seed, "scale": scale, "inputs": inputs, "shape": list(value.shape), "value": rounded(value),
        "gradients": {name: rounded(argument.grad) for name, argument in zip(inputs, arguments)},
    }


def attention(q, k, v):
    bias = torch.where(MASK[:, None, None, :] == 1, 0.0, float("-inf"))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


def attention_with_dropout(q, k, v):
    """Every third probability dropped, the others times 1.5."""
    probabilities = F.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, -1)
    mask = (torch.arange(probabilities.numel()) % 3 != 0).reshape(probabilities.shape) * 1.5
    return (probabilities * mask) @ v


def self_attention(x, wq, bq, wk, bk, wv, bv):
    """Two heads over three texts of four tokens, projections included: [12,6] -> [12,6]."""
    heads = [F.linear(x, w, b).reshape(3, 4, 2, 3).transpose(1, 2) for w, b in ((wq, bq), (wk, bk), (wv, bv))]
    return attention(*heads).transpose(1, 2).reshape(12, 6)


def mean_pool(states):
    return (states * MASK[:, :, None]).sum(1) / MASK.sum(1, keepdim=True)


IDS = torch.tensor([[3, 0, 3], [6, 3, 0]])
projections = {"wq": [6, 6], "bq": [6], "wk": [6, 6], "bk": [6], "wv": [6, 6], "bv": [6]}
print(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0]},
    "mask": MASK.tolist(), "ids": IDS.tolist(),
    "cases": {
        "dense": case(1, {"x": [5, 3], "weight": [3, 4], "bias": [4]}, lambda x, w, b: x @ w + b),
        "linear": case(2, {"x": [5, 3], "weight": [4, 3], "bias": [4]}, F.linear),
        "embedding": case(3, {"table": [7, 3]}, lambda table: F.embedding(IDS, table).reshape(6, 3)),
        "layerNorm": case(4, {"x": [5, 7], "gain": [7], "bias": [7]}, lambda x, g, b: F.layer_norm(x, [7], g, b, 1e-12), 3.0),
        "layerNorm, large epsilon": case(5, {"x": [2, 3, 8], "gain": [8], "bias": [8]}, lambda x, g, b: F.layer_norm(x, [8], g, b, 0.1)),
        "gelu": case(6, {"x": [4, 9]}, F.gelu, 8.0),
        "attention": case(8, {"q": [3, 2, 4, 5], "k": [3, 2, 4, 5], "v": [3, 2, 4, 5]}, attention, 4.0),
        "attention, one query": case(9, {"q": [3, 2, 1, 5], "k": [3, 2, 4, 5], "v": [3, 2, 4, 5]}, attention, 4.0),
        "attention, dropout": case(
            12, {"q": [2, 2, 3, 4], "k": [2, 2, 5, 4], "v": [2, 2, 5, 4]}, attention_with_dropout, 4.0),
        "self-attention": case(10, {"x": [12, 6], **projections}, self_attention, 2.0),
        "meanPool": case(11, {"states": [3, 4, 5]}, mean_pool),
    },
}))
