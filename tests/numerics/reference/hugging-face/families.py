"""What hugging_face.py, adapters.py and heads.py share: the tiny models, batches, heads and the training loop, as
transformers has them."""
import importlib.metadata
import json
import re
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import (AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification, DebertaV2Config,
                          DebertaV2ForSequenceClassification, DistilBertConfig,
                          DistilBertForSequenceClassification, ElectraConfig, ElectraForSequenceClassification, ModernBertConfig,
                          ModernBertForSequenceClassification, MPNetConfig,
                          MPNetForSequenceClassification, RobertaConfig, RobertaForSequenceClassification, XLMRobertaConfig,
                          XLMRobertaForSequenceClassification, get_scheduler)
from transformers.trainer_pt_utils import get_parameter_names

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from numbers_stream import numbers, tensor  # noqa: E402

LABELS = ["cards", "transfers", "fees"]
STEPS, WARMUP, ROWS, TOKENS, BATCHES = 50, 5, 6, 12, 5
PROJECTIONS = 3
OPTIMIZER = {"learningRate": 2e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01, "maxGradientNorm": 1.0}
names = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32, **names}
# For each family: configuration, model, base model's attribute, ids of padding, first and last token.
FAMILIES = {
    "bert": (BertConfig(vocab_size=120, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
                        max_position_embeddings=64, **names), BertForSequenceClassification, "bert", (0, 2, 3)),
    "distilbert": (DistilBertConfig(vocab_size=120, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=64, **names),
                   DistilBertForSequenceClassification, "distilbert", (0, 2, 3)),
    "roberta": (RobertaConfig(vocab_size=300, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
                              max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, **names),
                RobertaForSequenceClassification, "roberta", (1, 0, 2)),
    "xlm-roberta": (XLMRobertaConfig(vocab_size=75, type_vocab_size=1, layer_norm_eps=1e-5, max_position_embeddings=66, **small),
                    XLMRobertaForSequenceClassification, "roberta", (1, 0, 2)),
    "electra": (ElectraConfig(vocab_size=120, embedding_size=8, max_position_embeddings=64, **small),
                ElectraForSequenceClassification, "electra", (0, 2, 3)),
    # Longer than the farthest distance that has a class of its own.
    "mpnet": (MPNetConfig(vocab_size=120, max_position_embeddings=202, **small), MPNetForSequenceClassification, "mpnet", (1, 0, 2)),
    # DeBERTa-v3's form; deberta_forms.py has the others.
    "deberta-v2": (DebertaV2Config(vocab_size=75, max_position_embeddings=64, relative_attention=True, position_buckets=8, max_relative_positions=20,
                                   pos_att_type=["c2p", "p2c"], share_att_key=True, norm_rel_ebd="layer_norm", position_biased_input=False, **small),
                   DebertaV2ForSequenceClassification, "deberta", (0, 1, 2)),
    # Texts are longer than the window of its second layer.
    "modernbert": (ModernBertConfig(
        vocab_size=280, layer_types=["full_attention", "sliding_attention"], local_attention=8, max_position_embeddings=64,
        pad_token_id=0, bos_token_id=2, cls_token_id=2, eos_token_id=3, sep_token_id=3, embedding_dropout=0.1, attention_dropout=0.1,
        mlp_dropout=0.1, classifier_dropout=0.1, **{**small, "intermediate_size": 24}), ModernBertForSequenceClassification, "model", (0, 2, 3)),
}
# Families whose classifiers have one module of two projections, by the function between them.
CLASSIFIERS = {"roberta": torch.tanh, "xlm-roberta": torch.tanh, "electra": torch.nn.functional.gelu, "mpnet": torch.tanh}
WITHOUT_TYPES = ["distilbert", "mpnet", "modernbert"]


# What a script makes anew: the families that its command line names, or all.
CHOSEN = sys.argv[1:] or list(FAMILIES)


def create(family, seed=7):
    """Random weights far from zero, LayerNorm's gains around one, so that no term hides behind another."""
    config, model_class, _, _ = FAMILIES[family]
    torch.manual_seed(seed)
    model = model_class(config)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(0.3 * torch.randn(value.shape) + (1.0 if re.search("(?i)norm.weight$", name) else 0.0))
    return model


def load(family, dtype=torch.float32):
    """In evaluation mode: the same values as training with every dropout rate at 0."""
    return AutoModelForSequenceClassification.from_pretrained(HERE / family, dtype=torch.float32).to(dtype).eval()


def batches(family, seed=11):
    """BATCHES × {ids, mask, typeIds, labels}: pairs, the first row of full length, padding at the end of others."""
    config, _, _, (pad, first, last) = FAMILIES[family]
    generator = torch.Generator().manual_seed(seed)
    draw = lambda low, high: int(torch.randint(low, high, (1,), generator=generator))
    result = []
    for _ in range(BATCHES):
        batch = {"ids": [], "mask": [], "typeIds": [], "labels": []}
        for row in range(ROWS):
            length = TOKENS if row == 0 else draw(4, TOKENS + 1)
            second = draw(2, length)  # where the second text begins
            ids = [first, *(draw(5, config.vocab_size) for _ in range(length - 2)), last]
            padding = [0] * (TOKENS - length)
            batch["ids"].append(ids + [pad] * len(padding))
            batch["mask"].append([1] * length + padding)
            two_types = getattr(config, "type_vocab_size", 1) > 1
            batch["typeIds"].append([int(two_types and t >= second) for t in range(length)] + padding)
            batch["labels"].append(draw(0, len(LABELS)))
        result.append(batch)
    return result


def inputs(family, batch):
    given = {"input_ids": torch.tensor(batch["ids"]), "attention_mask": torch.tensor(batch["mask"])}
    return given if family in WITHOUT_TYPES else {**given, "token_type_ids": torch.tensor(batch["typeIds"])}


def states(family, model, batch):
    """last_hidden_state [B,T,H] of the bare model."""
    return getattr(model, FAMILIES[family][2])(**inputs(family, batch)).last_hidden_state


def mean_logits(family, model, batch):
    """The classifier's last projection on the mean over tokens [B,H], mostly without a pooler, and what it reads."""
    hidden, mask = states(family, model, batch), torch.tensor(batch["mask"]).unsqueeze(-1)
    mean = (hidden * mask).sum(1) / mask.sum(1)
    if family == "modernbert":  # whose prediction head reads the mean too
        return model.classifier(model.head(mean)), model.head(mean)
    return (model.classifier.out_proj if family in CLASSIFIERS else model.classifier)(mean), mean


def pooled(family, model, batch):
    """What the head reads [B,H]: the first token's state through the family's pooler."""
    first = states(family, model, batch)[:, 0]
    if family == "deberta-v2":
        return model.pooler(first.unsqueeze(1))
    if family == "modernbert":
        return model.head(first)
    if family == "bert":
        return torch.tanh(model.bert.pooler.dense(first))
    return torch.relu(model.pre_classifier(first)) if family == "distilbert" else CLASSIFIERS[family](model.classifier.dense(first))


def logits_of(family, model, batch, pooling):
    return model(**inputs(family, batch)).logits if pooling == "firstToken" else mean_logits(family, model, batch)[0]


def loss_of(family, model, batch, pooling):
    return torch.nn.functional.cross_entropy(logits_of(family, model, batch, pooling), torch.tensor(batch["labels"]))


def train(family, model, data, pooling="firstToken", loss_of=loss_of):
    """STEPS of AdamW as transformers' Trainer sets it up. Returns each step's loss, and gradient norm unclipped."""
    # Trainer.get_decay_parameter_names of transformers 5
    decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]))
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    options = OPTIMIZER
    optimizer = torch.optim.AdamW(
        [{"params": [v for n, v in trained if n in decayed], "weight_decay": options["weightDecay"]},
         {"params": [v for n, v in trained if n not in decayed], "weight_decay": 0.0}],
        lr=options["learningRate"], betas=(options["beta1"], options["beta2"]), eps=options["epsilon"], fused=True)
    schedule = get_scheduler("linear", optimizer, num_warmup_steps=WARMUP, num_training_steps=STEPS)
    losses, norms = [], []
    for step in range(STEPS):
        loss = loss_of(family, model, data[step % BATCHES], pooling)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_([v for _, v in trained], options["maxGradientNorm"])))
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, norms


def check_stable(losses, exact):
    """The same training in float64 must follow closely, or the trajectory would say nothing about another float32
    implementation.
    """
    worst = max(abs(a - b) / max(b, 0.1) for a, b in zip(losses, exact))
    assert worst < 2e-4, f"float32 and float64 differ by {worst}"
    print(f"  float32 against float64 over {STEPS} steps: {worst:.1e}; loss {losses[0]:.3f} to {losses[-1]:.3f}")


def plain_name(name):
    """Names as in the adapter's file, without PEFT's prefix and wrappers: `bert.encoder…query.lora_A.weight`,
    `classifier.weight`.
    """
    name = re.sub(r"^base_model\.model\.", "", name).replace(".modules_to_save.default", "")
    return name.replace(".lora_A.default.", ".lora_A.").replace(".lora_B.default.", ".lora_B.")


def nine_digits(value):
    """As float32 has them: what is more would be noise in the file."""
    return float(f"{float(value):.9g}")


def summaries(parameters):
    """For each parameter its norm and scalar products with vectors drawn from `numbers(seed)`: what a test can compare
    without the values.
    """
    stream = numbers(3)
    result = {}
    for name, value in parameters:
        flat = value.detach().double().flatten()
        products = [nine_digits(flat @ tensor(stream, [flat.numel()]).double()) for _ in range(PROJECTIONS)]
        result[name] = {"shape": list(value.shape), "norm": nine_digits(flat.norm()), "projections": products}
    return result


def versions():
    return dict(line.split("==") for line in (HERE / "requirements.txt").read_text().split())


def check_versions():
    for name, version in versions().items():
        installed = importlib.metadata.version(name).split("+")[0]
        assert installed == version, f"{name} {installed} is installed; requirements.txt names {version}"


def write(name, value):
    (HERE / name).write_text(json.dumps(value) + "\n")


def update(name, key, values):
    """Writes a file of all families, with those of `values` anew."""
    path = HERE / name
    kept = json.loads(path.read_text())[key] if path.exists() else {}
    write(name, {"versions": versions(), key: {**kept, **values}})


__all__ = [name for name in dir() if not name.startswith("_")]
