"""Makes the tiny models in Hugging Face's layout and their references (README.md says what is what):

    pip install -r requirements.txt
    python hugging_face.py && python adapters.py && python heads.py

Names of families behind each script make those anew alone. The tests read the committed results and need no Python.
"""
import shutil

import torch
from safetensors.torch import save_file
from transformers import AutoModel

from families import *  # noqa: F403
from numbers_stream import rounded
from tokenizers_of import create_tokenizer, tokenizations


def gradients(family, batch, pooling):
    model = load(family)
    loss = loss_of(family, model, batch, pooling)
    loss.backward()
    return loss.item(), [(name, value.grad) for name, value in model.named_parameters() if value.grad is not None]


def reference(family):
    print(family)
    data = batches(family)
    model = load(family)
    result = {
        "versions": versions(), "labels": LABELS, "batches": data,
        "training": {"steps": STEPS, "warmupSteps": WARMUP, "schedule": "linear", **OPTIMIZER},
        "forward": {"lastHiddenState": rounded(states(family, model, data[0])), "pooled": rounded(pooled(family, model, data[0])),
                    "meanPooled": rounded(mean_logits(family, model, data[0])[1])},
    }
    for pooling in ("firstToken", "mean"):
        loss, grads = gradients(family, data[0], pooling)
        if pooling == "firstToken":
            save_file({name: value.contiguous() for name, value in grads}, HERE / f"{family}.gradients.safetensors")
        trained, exact = load(family), load(family, torch.float64)
        losses, norms = train(family, trained, data, pooling)
        check_stable(losses, train(family, exact, data, pooling)[0])
        used = {name for name, _ in grads}
        result[pooling] = {
            "logits": rounded(logits_of(family, model, data[0], pooling)), "loss": loss, "gradients": summaries(grads),
            "losses": losses, "gradientNorms": norms,
            "trained": summaries([(n, v) for n, v in trained.named_parameters() if n in used]),
            "trainedLogits": rounded(logits_of(family, trained, data[0], pooling)),
        }
    if family == "mpnet":
        result["long"] = long_text(model)
    write(f"{family}.reference.json", result)


def long_text(model):
    """A text in which tokens are as far from each other as the classes of distances tell apart, and farther."""
    ids = [0, *(5 + (7 * place) % 110 for place in range(186)), 2]
    hidden = model.mpnet(input_ids=torch.tensor([ids])).last_hidden_state
    return {"ids": ids, "rows": {str(row): rounded(hidden[0, row]) for row in (0, 1, 93, 187)}}


def variants():
    """The same weights stored otherwise: without a head, in several files, in 16 bits. Values are those of float32
    arithmetic on what the file has.
    """
    result = {}
    for family in CHOSEN:
        batch = batches(family)[0]
        bare, pooler = getattr(load(family), FAMILIES[family][2]), None
        if family in ("roberta", "xlm-roberta", "mpnet"):  # their classifiers have no pooler, the bare models do
            pooler = type(bare)(bare.config).pooler
            bare.pooler = pooler
            torch.manual_seed(17)
            with torch.no_grad():
                for value in pooler.parameters():
                    value.copy_(0.3 * torch.randn(value.shape))
        bare.save_pretrained(HERE / f"{family}-bare")
        copy_tokenizer(family, f"{family}-bare")
        loaded = AutoModel.from_pretrained(HERE / f"{family}-bare").eval()
        output = loaded(**inputs(family, batch))
        result[f"{family}-bare"] = {"lastHiddenState": rounded(output.last_hidden_state),
                                    "poolerOutput": None if family in ("distilbert", "electra", "deberta-v2", "modernbert") else rounded(output.pooler_output)}
    if "bert" in CHOSEN:
        result.update(stored_otherwise())
    update("variants.reference.json", "models", result)


def stored_otherwise():
    result = {}
    load("bert").save_pretrained(HERE / "bert-sharded", max_shard_size="40KB")
    copy_tokenizer("bert", "bert-sharded")
    for name, dtype in (("bfloat16", torch.bfloat16), ("float16", torch.float16)):
        load("bert").to(dtype).save_pretrained(HERE / f"bert-{name}")
        copy_tokenizer("bert", f"bert-{name}")
    for name in ("bert-sharded", "bert-bfloat16", "bert-float16"):
        model = AutoModelForSequenceClassification.from_pretrained(HERE / name, dtype=torch.float32).eval()
        batch = batches("bert")[0]
        result[name] = {"lastHiddenState": rounded(states("bert", model, batch)), "logits": rounded(logits_of("bert", model, batch, "firstToken"))}
    return result


def copy_tokenizer(family, folder):
    for file in (HERE / family).iterdir():
        if "token" in file.name:
            shutil.copy(file, HERE / folder / file.name)


check_versions()
for family in CHOSEN:
    create(family).save_pretrained(HERE / family)
    create_tokenizer(family, FAMILIES[family][0].vocab_size).save_pretrained(HERE / family)
    reference(family)
variants()
update("tokenizers.reference.json", "tokenizers", {family: tokenizations(family) for family in CHOSEN})
