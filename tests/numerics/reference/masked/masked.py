"""Makes, for each family of encoders, a tiny `…ForMaskedLM` of transformers as `save_pretrained` writes it (folder
of the family's name), and `<family>.reference.json` and `<family>.reference.safetensors`: batches with masked tokens,
the logits at the first batch's masked tokens, the loss and every gradient of that batch, and 50 steps of AdamW.

    python masked.py

Tokenizers are those of `../hugging-face`. Dropout is 0 in training, while the configurations name 0.1 as theirs do.
`../hugging-face/requirements.txt` has the versions.
"""
import json
import re
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (BertConfig, BertForMaskedLM, DebertaV2Config, DebertaV2ForMaskedLM, DistilBertConfig,
                          DistilBertForMaskedLM, ElectraConfig, ElectraForMaskedLM, ModernBertConfig, ModernBertForMaskedLM,
                          MPNetConfig, MPNetForMaskedLM, RobertaConfig, RobertaForMaskedLM, XLMRobertaConfig,
                          XLMRobertaForMaskedLM, get_scheduler)

HERE = Path(__file__).parent
STEPS, WARMUP, ROWS, TOKENS, BATCHES = 50, 5, 6, 12, 5
OPTIMIZER = {"learningRate": 2e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01, "maxGradientNorm": 1.0}
small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
# For each family: configuration, class, ids of padding, first and last token, and of the mask.
FAMILIES = {
    "bert": (BertConfig(vocab_size=120, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
                        max_position_embeddings=64, hidden_act="gelu_new"), BertForMaskedLM, (0, 2, 3, 4)),
    "distilbert": (DistilBertConfig(vocab_size=120, dim=16, n_layers=2, n_heads=2, hidden_dim=32,
                                    max_position_embeddings=64), DistilBertForMaskedLM, (0, 2, 3, 4)),
    "roberta": (RobertaConfig(vocab_size=300, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                              intermediate_size=32, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5,
                              hidden_act="relu"), RobertaForMaskedLM, (1, 0, 2, 4)),
    "xlm-roberta": (XLMRobertaConfig(vocab_size=75, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, **small),
                    XLMRobertaForMaskedLM, (1, 0, 2, 74)),
    "electra": (ElectraConfig(vocab_size=120, embedding_size=8, max_position_embeddings=64, hidden_act="relu", **small),
                ElectraForMaskedLM, (0, 2, 3, 4)),
    "deberta-v2": (DebertaV2Config(vocab_size=75, embedding_size=8, max_position_embeddings=64, position_biased_input=False, relative_attention=True,
                                   position_buckets=4, max_relative_positions=20, pos_att_type=["c2p", "p2c"], share_att_key=True, norm_rel_ebd="layer_norm",
                                   pooler_hidden_size=16, type_vocab_size=0, hidden_act="relu", **small),
                   DebertaV2ForMaskedLM, (0, 1, 2, 74)),
    "mpnet": (MPNetConfig(vocab_size=120, max_position_embeddings=66, hidden_act="relu", **small), MPNetForMaskedLM, (1, 0, 2, 119)),
    "modernbert": (ModernBertConfig(
        vocab_size=280, layer_types=["full_attention", "sliding_attention"], local_attention=8, max_position_embeddings=64, norm_bias=True,
        attention_bias=True, mlp_bias=True, classifier_bias=True, hidden_activation="gelu_pytorch_tanh", pad_token_id=0, bos_token_id=2,
        cls_token_id=2, eos_token_id=3, sep_token_id=3, **{**small, "intermediate_size": 24}), ModernBertForMaskedLM, (0, 2, 3, 4)),
}


def create(family):
    """Random weights far from zero, LayerNorm's gains around one, so that no term hides behind another."""
    config, model_class, _ = FAMILIES[family]
    torch.manual_seed(7)
    model = model_class(config)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(0.3 * torch.randn(value.shape) + (1.0 if re.search("(?i)norm.weight$", name) else 0.0))
    return model.eval()


def batches(family):
    """Each batch: ids as the model reads them, mask, and labels, −100 where nothing is predicted."""
    config, _, (pad, first, last, masked) = FAMILIES[family]
    generator = torch.Generator().manual_seed(11)
    draw = lambda low, high: int(torch.randint(low, high, (1,), generator=generator))
    result = []
    for _ in range(BATCHES):
        batch = {"ids": [], "mask": [], "labels": []}
        for row in range(ROWS):
            length = TOKENS if row == 0 else draw(4, TOKENS + 1)
            ids = [first, *(draw(5, config.vocab_size) for _ in range(length - 2)), last] + [pad] * (TOKENS - length)
            labels = [-100] * TOKENS
            for token in range(1, length - 1):
                if draw(0, 10) >= 4:
                    continue
                labels[token] = ids[token]
                kind = draw(0, 10)
                if kind < 8:
                    ids[token] = masked
                elif kind == 8:
                    ids[token] = draw(0, config.vocab_size)
            batch["ids"].append(ids)
            batch["mask"].append([1] * length + [0] * (TOKENS - length))
            batch["labels"].append(labels)
        result.append(batch)
    return result


def run(model, batch):
    return model(input_ids=torch.tensor(batch["ids"]), attention_mask=torch.tensor(batch["mask"]),
                 labels=torch.tensor(batch["labels"]))


def parameters(model):
    """Each once; the table of embeddings under its own name, where the class names the tied matrix of logits first."""
    table = model.get_input_embeddings().weight
    [own] = [f"{model.base_model_prefix}.{name}" for name, value in model.base_model.named_parameters() if value is table]
    return [(own if value is table else name, value) for name, value in model.named_parameters()]


def at_targets(model, batch):
    with torch.no_grad():
        return run(model, batch).logits[torch.tensor(batch["labels"]) != -100].clone()


def train(model, data):
    trained = list(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [{"params": [v for _, v in trained if v.dim() > 1], "weight_decay": OPTIMIZER["weightDecay"]},
         {"params": [v for _, v in trained if v.dim() == 1], "weight_decay": 0.0}],
        lr=OPTIMIZER["learningRate"], betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]), eps=OPTIMIZER["epsilon"])
    schedule = get_scheduler("linear", optimizer, num_warmup_steps=WARMUP, num_training_steps=STEPS)
    losses, norms = [], []
    for step in range(STEPS):
        loss = run(model, data[step % BATCHES]).loss
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_([v for _, v in trained], OPTIMIZER["maxGradientNorm"])))
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, norms


for family in sys.argv[1:] or FAMILIES:
    model, data = create(family), batches(family)
    model.save_pretrained(HERE / family)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(HERE.parent / "hugging-face" / family / name, HERE / family)
    tensors = {"logits": at_targets(model, data[0])}
    result = run(model, data[0])
    result.loss.backward()
    tensors.update({f"gradients/{name}": value.grad.clone() for name, value in parameters(model)})
    model.zero_grad()
    losses, norms = train(model, data)
    exact, _ = train(create(family).double(), data)
    worst = max(abs(a - b) / b for a, b in zip(losses, exact))
    assert worst < 2e-4, f"float32 and float64 differ by {worst}"
    tensors["trainedLogits"] = at_targets(model, data[0])
    save_file({name: value.contiguous() for name, value in tensors.items()}, HERE / f"{family}.reference.safetensors")
    reference = {"batches": data, "loss": result.loss.item(), "losses": losses, "gradientNorms": norms,
                 "training": {**OPTIMIZER, "schedule": "linear", "steps": STEPS, "warmupSteps": WARMUP}}
    (HERE / f"{family}.reference.json").write_text(json.dumps(reference) + "\n")
    print(family, f"loss {losses[0]:.3f} to {losses[-1]:.3f}; float32 against float64 {worst:.1e}")
