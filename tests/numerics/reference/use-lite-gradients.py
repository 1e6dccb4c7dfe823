"""Writes use-lite-gradients.reference.json: a small model of USE-Lite's architecture in PyTorch, its loss and every
gradient.

Run with torch and numpy installed; tests read the JSON only. Arrays are little-endian float32 in base64.
"""
import base64
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

V, E, H, I, A, L, O, C = 20, 8, 16, 24, 2, 2, 12, 3
rng = np.random.default_rng(5)


def tensor(*shape, scale=0.5):
    return torch.tensor(rng.normal(scale=scale, size=shape).astype(np.float32))


W = {
    "embeddings.weight": tensor(V, E),
    "embeddings.inverse_frequencies": torch.tensor([10000 ** (-i / (E // 2 - 1)) for i in range(E // 2)], dtype=torch.float32),
    "pooler.weight": tensor(H, O),
    "pooler.bias": tensor(O),
    "heads.intent.weight": tensor(C, O),
    "heads.intent.bias": tensor(C),
}
for layer in range(L):
    S = E if layer == 0 else H
    p = f"encoder.layers.{layer}."
    for norm, size in (("attention_norm", S), ("feed_forward_norm", H)):
        W[p + norm + ".weight"] = 1 + tensor(size, scale=0.2)
        W[p + norm + ".bias"] = tensor(size, scale=0.2)
    sizes = {"attention.query_key_value": (S, 3 * S), "attention.output": (S, H), "feed_forward.input": (H, I), "feed_forward.output": (I, H)}
    if layer == 0:
        sizes["residual_projection"] = (E, H)
    for name, (rows, columns) in sizes.items():
        W[p + name + ".weight"] = tensor(rows, columns)
        W[p + name + ".bias"] = tensor(columns)

# Repeated ids, padding, and a text without a token.
ids = torch.tensor([[3, 7, 3, 3, 9, 0], [1, 2, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [19, 18, 17, 17, 5, 7]])
mask = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0]], dtype=torch.float32)
targets = torch.tensor([2, 0, 1, 1])

for name, value in W.items():
    value.requires_grad_(name != "embeddings.inverse_frequencies")
B, T = ids.shape
angles = torch.arange(T, dtype=torch.float32)[:, None] * W["embeddings.inverse_frequencies"]
x = 2 * F.embedding(ids, W["embeddings.weight"]) + torch.cat([angles.sin(), angles.cos()], 1)
bias = (1 - mask)[:, None, None] * -1e9
for layer in range(L):
    def at(name):
        return W[f"encoder.layers.{layer}.{name}"]

    def dense(y, name):
        return y @ at(name + ".weight") + at(name + ".bias")

    def norm(y, name):
        return F.layer_norm(y, (y.shape[-1],), at(name + ".weight"), at(name + ".bias"), 1e-6)

    S = x.shape[-1]
    q, k, v = (t.view(B, T, A, S // A).transpose(1, 2) for t in dense(norm(x, "attention_norm"), "attention.query_key_value").split(S, -1))
    attention = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(S // A) + bias, -1)
    attended = dense((attention @ v).transpose(1, 2).reshape(B, T, S), "attention.output")
    x = attended + (dense(x, "residual_projection") if layer == 0 else x)
    x = x + dense(F.relu(dense(norm(x, "feed_forward_norm"), "feed_forward.input")), "feed_forward.output")
mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
pooled = torch.tanh(mean @ W["pooler.weight"] + W["pooler.bias"])
logits = pooled @ W["heads.intent.weight"].T + W["heads.intent.bias"]
loss = F.cross_entropy(logits, targets)
loss.backward()


def encoded(value):
    return base64.b64encode(value.detach().numpy().astype("<f4").tobytes()).decode()


reference = {
    "sizes": {"V": V, "E": E, "H": H, "I": I, "A": A, "L": L, "O": O, "C": C},
    "ids": ids.tolist(),
    "mask": mask.tolist(),
    "targets": targets.tolist(),
    "loss": loss.item(),
    "logits": logits.tolist(),
    "tensors": {
        name: {
            "shape": list(value.shape),
            "value": encoded(value),
            "gradient": encoded(value.grad) if value.grad is not None else None,
        }
        for name, value in W.items()
    },
}
path = pathlib.Path(__file__).with_name("use-lite-gradients.reference.json")
path.write_text(json.dumps(reference, indent=1) + "\n")
print(loss.item(), path.stat().st_size)
