"""Makes the low-rank adapters that PEFT trains on hugging_face.py's models, and their references (README.md says what
is what).

For each case the adapter as it is before training (`adapters/<case>/initial`) and after it (`adapters/<case>/trained`),
in PEFT's format.
"""
import shutil

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model

from families import *  # noqa: F403
from numbers_stream import rounded

# `task`: SEQ_CLS makes PEFT train the whole module `classifier` beside the adapter; for RoBERTa that is two
# projections.
CASES = {
    "bert-lora": ("bert", {"r": 4, "lora_alpha": 8, "target_modules": ["query", "value"], "task_type": TaskType.SEQ_CLS}),
    "bert-rslora": ("bert", {"r": 4, "lora_alpha": 8, "use_rslora": True, "target_modules": ["query", "value"], "task_type": TaskType.SEQ_CLS}),
    "bert-regex": ("bert", {"r": 2, "lora_alpha": 4, "target_modules": r".*layer\.1\..*(key|dense)", "modules_to_save": ["classifier"]}),
    "bert-pooler": ("bert", {"r": 4, "lora_alpha": 8, "target_modules": ["query", "value"], "modules_to_save": ["pooler", "classifier"]}),
    "distilbert-lora": ("distilbert", {"r": 4, "lora_alpha": 8, "target_modules": ["q_lin", "v_lin"], "task_type": TaskType.SEQ_CLS}),
    "roberta-lora": ("roberta", {"r": 4, "lora_alpha": 8, "target_modules": ["query", "value"], "modules_to_save": ["out_proj"]}),
    "xlm-roberta-lora": ("xlm-roberta", {"r": 2, "lora_alpha": 4, "target_modules": ["query", "value"], "task_type": TaskType.SEQ_CLS}),
    "electra-lora": ("electra", {"r": 2, "lora_alpha": 4, "target_modules": ["query", "value"], "task_type": TaskType.SEQ_CLS}),
    "mpnet-lora": ("mpnet", {"r": 2, "lora_alpha": 4, "target_modules": ["q", "v"], "task_type": TaskType.SEQ_CLS}),
    "deberta-v2-lora": ("deberta-v2", {"r": 2, "lora_alpha": 4, "target_modules": ["query_proj", "value_proj"],
                                       "modules_to_save": ["pooler", "classifier"]}),
    "modernbert-lora": ("modernbert", {"r": 2, "lora_alpha": 4, "target_modules": ["Wqkv"], "task_type": TaskType.SEQ_CLS,
                                       "modules_to_save": ["head"]}),
    "roberta-whole-classifier": ("roberta", {"r": 4, "lora_alpha": 8, "target_modules": ["query", "value"], "task_type": TaskType.SEQ_CLS}),
}


def create_adapter(family, settings):
    """A is PEFT's; B, which PEFT starts at zero, is random here, so that every gradient and the logits have something
    to show.
    """
    torch.manual_seed(13)
    model = get_peft_model(load(family), LoraConfig(lora_dropout=0.0, **settings)).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value.copy_(0.2 * torch.randn(value.shape))
    model.peft_config["default"].base_model_name_or_path = family  # a name that is the same wherever the script runs
    return model


def logits(family, model):
    return logits_of(family, model.base_model.model, batches(family)[0], "firstToken")


def reference(case, family, settings):
    print(case)
    data, folder = batches(family), HERE / "adapters" / case
    model = create_adapter(family, settings)
    model.save_pretrained(folder / "initial")
    initial_logits = rounded(logits(family, model))
    loss = loss_of(family, model.base_model.model, data[0], "firstToken")
    loss.backward()
    gradients = {plain_name(name): rounded(value.grad) for name, value in model.named_parameters() if value.requires_grad}
    model = create_adapter(family, settings)
    losses, norms = train(family, model.base_model.model, data)
    exact = create_adapter(family, settings).to(torch.float64)
    check_stable(losses, train(family, exact.base_model.model, data)[0])
    model.save_pretrained(folder / "trained")
    loaded = PeftModel.from_pretrained(load(family), folder / "trained").eval()
    trained_logits = rounded(logits(family, loaded))
    merged = loaded.merge_and_unload().eval()
    for file in folder.rglob("README.md"):
        file.unlink()
    return {"family": family, "logits": initial_logits, "loss": loss.item(), "gradients": gradients, "losses": losses, "gradientNorms": norms,
            "trainedLogits": trained_logits, "mergedLogits": rounded(logits_of(family, merged, data[0], "firstToken"))}


check_versions()
for case, (family, settings) in CASES.items():
    if family not in CHOSEN:
        continue
    shutil.rmtree(HERE / "adapters" / case, ignore_errors=True)
    write(f"{case}.reference.json", {"versions": versions(), **reference(case, family, settings)})
