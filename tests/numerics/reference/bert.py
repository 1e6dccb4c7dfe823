"""Makes bert.reference.json: a small BERT classifier's states, logits, loss and gradients as transformers computes
them.

    python bert.py > bert.reference.json

Parameters are drawn in the order of `parameters` (scale and offset by kind), so only results are stored.
"""
import json

import torch
from transformers import BertConfig, BertForSequenceClassification

from numbers_stream import numbers, rounded, tensor

CONFIG = {"vocab_size": 23, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20,
          "max_position_embeddings": 9, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "num_labels": 3,
          "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
SEED = 5
IDS = [[2, 7, 7, 11, 3, 0, 0], [2, 22, 3, 0, 0, 0, 0], [2, 5, 6, 7, 8, 9, 3]]
MASK = [[1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]]
LABELS = [1, 0, 2]

model = BertForSequenceClassification(BertConfig(**CONFIG)).train()
stream = numbers(SEED)
parameters = []
with torch.no_grad():
    for name, value in model.named_parameters():
        gain = name.endswith("LayerNorm.weight")
        value.copy_(tensor(stream, list(value.shape), 0.5, 1.0 if gain else 0.0))
        parameters.append([name.removeprefix("bert."), list(value.shape)])
ids, mask = torch.tensor(IDS), torch.tensor(MASK)
states = model.bert(ids, attention_mask=mask).last_hidden_state
result = model(ids, attention_mask=mask, labels=torch.tensor(LABELS))
result.loss.backward()
print(json.dumps({
    "versions": {"transformers": __import__("transformers").__version__},
    "seed": SEED, "config": CONFIG, "ids": IDS, "mask": MASK, "labels": LABELS, "parameters": parameters,
    "states": rounded(states, 7), "logits": rounded(result.logits, 9), "loss": rounded(result.loss, 9)[0],
    "gradients": {name.removeprefix("bert."): rounded(value.grad, 6) for name, value in model.named_parameters()},
}))
