"""Trains a classifier on fixed batches by AdamW, as transformers' Trainer sets it up, without dropout: the whole model, or an adapter by PEFT.

Answers the first batch's states and logits, and every step's loss; writes the first step's gradients to `gradients`, and with `lora` the adapter as
it was before the first step to `adapter`.
"""
from exchange import answer, settings

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification
from transformers.trainer_pt_utils import get_parameter_names

torch.manual_seed(5)
# eval: no dropout. Nothing else differs from train mode in these models.
model = AutoModelForSequenceClassification.from_pretrained(settings["model"]).eval()
if settings["lora"] is not None:
    model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", **settings["lora"])).eval()
    model.save_pretrained(settings["adapter"])
trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]))
optimizer = torch.optim.AdamW(
    [
        {"params": [value for name, value in trained.items() if name in decayed], "weight_decay": settings["weightDecay"]},
        {"params": [value for name, value in trained.items() if name not in decayed], "weight_decay": 0.0},
    ],
    lr=settings["learningRate"], betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"],
)
losses, first = [], {}
for step in range(settings["steps"]):
    batch = settings["batches"][step % len(settings["batches"])]
    inputs = {name: torch.tensor(values) for name, values in batch["inputs"].items()}
    output = model(**inputs, labels=torch.tensor(batch["labels"]), output_hidden_states=step == 0)
    output.loss.backward()
    if step == 0:
        first = {"states": output.hidden_states[-1].flatten().tolist(), "logits": output.logits.flatten().tolist()}
        save_file({name: value.grad.contiguous() for name, value in trained.items() if value.grad is not None}, settings["gradients"])
    torch.nn.utils.clip_grad_norm_(trained.values(), settings["maxGradientNorm"])
    optimizer.step()
    optimizer.zero_grad()
    losses.append(output.loss.item())
answer({"losses": losses, **first})
