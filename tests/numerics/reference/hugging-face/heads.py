"""Makes the references of heads of the other kinds on hugging_face.py's models (README.md says what is what):
multi-label classification, regression and token classification, trained as a whole and with PEFT's adapters.

Heads and adapters' matrices are drawn from `numbers`, which the tests draw too.
"""
import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

from families import *  # noqa: F403
from numbers_stream import numbers, rounded, tensor

# For each kind: its outputs, and what transformers is told.
KINDS = {
    "multiLabel": (4, {"problem_type": "multi_label_classification"}),
    "regression": (2, {"problem_type": "regression"}),
    "tokenClassification": (5, {}),
}
POSITIVE_WEIGHTS = [1.0, 3.0, 0.5, 2.0]
LORA = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0}
TARGETS = {"bert": ["query", "value"], "distilbert": ["q_lin", "v_lin"], "roberta": ["query", "value"],
           "xlm-roberta": ["query", "value"], "electra": ["query", "value"], "mpnet": ["q", "v"],
           "deberta-v2": ["query_proj", "value_proj"], "modernbert": ["Wqkv"]}


def head_of(kind, model):
    return model.classifier if kind == "tokenClassification" or not hasattr(model.classifier, "out_proj") else model.classifier.out_proj


def create_model(family, kind, lora):
    """The family's committed weights under a drawn head; drawn adapters of its queries and values with `lora`."""
    outputs, told = KINDS[kind]
    auto = AutoModelForTokenClassification if kind == "tokenClassification" else AutoModelForSequenceClassification
    names = {str(k): f"output {k}" for k in range(outputs)}
    model = auto.from_pretrained(HERE / family, dtype=torch.float32, id2label=names, ignore_mismatched_sizes=True, **told).eval()
    stream = numbers(41)
    with torch.no_grad():
        head = head_of(kind, model)
        head.weight.copy_(tensor(stream, head.weight.shape, 0.6))
        head.bias.copy_(tensor(stream, head.bias.shape, 0.6))
    if not lora:
        return model
    task = TaskType.TOKEN_CLS if kind == "tokenClassification" else TaskType.SEQ_CLS
    model = get_peft_model(model, LoraConfig(task_type=task, target_modules=TARGETS[family], **LORA)).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_" in name:
                value.copy_(tensor(stream, value.shape, 0.6))
    return model


def with_targets(family, kind):
    """The family's batches with targets of a kind: [B,C] of 0 and 1, a row without any among them; [B,K] in a unit of
    their own; [B,T] of tags at some tokens between the first and the last, -100 elsewhere."""
    generator = torch.Generator().manual_seed(23)
    data = batches(family)
    for index, batch in enumerate(data):
        rows, (outputs, _) = len(batch["ids"]), KINDS[kind]
        if kind == "multiLabel":
            values = torch.randint(0, 2, (rows, outputs), generator=generator)
            values[index % rows] = 0
        elif kind == "regression":
            # Scales and means of different size, as of a price and a share.
            drawn = torch.randn((rows, outputs), generator=generator, dtype=torch.float64)
            values = drawn * torch.tensor([40.0, 0.2]) + torch.tensor([250.0, 0.5])
        else:
            lengths = torch.tensor(batch["mask"]).sum(1, keepdim=True)
            places = torch.arange(len(batch["ids"][0])).expand(rows, -1)
            begins = (torch.rand(places.shape, generator=generator) < 0.6) & (places > 0) & (places < lengths - 1)
            values = torch.where(begins, torch.randint(0, outputs, places.shape, generator=generator), -100)
        batch["targets"] = values.tolist()
    if kind == "regression":
        values = torch.tensor([row for batch in data for row in batch["targets"]], dtype=torch.float64)
        for batch in data:
            standardized = (torch.tensor(batch["targets"], dtype=torch.float64) - values.mean(0)) / values.std(0, correction=0)
            batch["standardized"] = standardized.tolist()
    return data


def loss_of_kind(kind):
    """transformers' own losses; it has no weights of labels, which PyTorch has."""

    def loss(family, model, batch, _):
        given = inputs(family, batch)
        dtype = next(model.parameters()).dtype
        if kind == "tokenClassification":
            return model(**given, labels=torch.tensor(batch["targets"])).loss
        if kind == "regression":
            return model(**given, labels=torch.tensor(batch["standardized"], dtype=dtype)).loss
        targets = torch.tensor(batch["targets"], dtype=dtype)
        output = model(**given, labels=targets)
        assert torch.equal(output.loss, binary_cross_entropy_with_logits(output.logits, targets))
        return binary_cross_entropy_with_logits(output.logits, targets, pos_weight=torch.tensor(POSITIVE_WEIGHTS, dtype=dtype))

    return loss


def reference(family, kind, lora):
    print(family, kind, "LoRA" if lora else "")
    loss_of, data = loss_of_kind(kind), with_targets(family, kind)
    model = create_model(family, kind, lora)
    loss = loss_of(family, model, data[0], None)
    loss.backward()
    grads = [(plain_name(name), value.grad) for name, value in model.named_parameters() if value.grad is not None]
    used = {name for name, _ in grads}
    trained, exact = create_model(family, kind, lora), create_model(family, kind, lora).to(torch.float64)
    losses, norms = train(family, trained, data, None, loss_of)
    check_stable(losses, train(family, exact, data, None, loss_of)[0])
    return {
        "logits": rounded(model(**inputs(family, data[0])).logits), "loss": loss.item(), "gradients": summaries(grads),
        "losses": losses, "gradientNorms": norms,
        "trained": summaries([(plain_name(n), v) for n, v in trained.named_parameters() if plain_name(n) in used]),
        "trainedLogits": rounded(trained(**inputs(family, data[0])).logits),
    }


check_versions()
for family in CHOSEN:
    write(f"{family}-heads.reference.json", {
        "versions": versions(), "positiveWeights": POSITIVE_WEIGHTS,
        "kinds": {kind: {"outputs": outputs, "targets": [batch["targets"] for batch in with_targets(family, kind)],
                         "full": reference(family, kind, False), "lora": reference(family, kind, True)}
                  for kind, (outputs, _) in KINDS.items()},
    })
