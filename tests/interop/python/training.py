"""Trains the classifier in `model` on fixed batches by AdamW, as transformers' Trainer sets it up, without dropout: all
of it, or an adapter by PEFT.

Answers the first batch's states and logits, and every step's loss. Writes the first step's gradients to the file
`gradients`, and with `lora` the adapter as it was before the first step to the folder `adapter`.
"""
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification
from transformers.trainer_pt_utils import get_parameter_names

UNDECAYED = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]


def load(settings):
    torch.manual_seed(5)
    model = AutoModelForSequenceClassification.from_pretrained(settings["model"])
    if settings["lora"] is not None:
        model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", **settings["lora"]))
        # PEFT starts lora_B at zero, where lora_A has no gradient to show.
        with torch.no_grad():
            for name, value in model.named_parameters():
                if "lora_B" in name:
                    value.copy_(0.02 * torch.randn(value.shape))
        model.save_pretrained(settings["adapter"])
    # eval: no dropout. Nothing else differs from train mode in these models.
    return model.eval()


def adamw(model, trained, options):
    decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], UNDECAYED))
    groups = [
        {"params": [value for name, value in trained.items() if name in decayed], "weight_decay": options["weightDecay"]},
        {"params": [value for name, value in trained.items() if name not in decayed], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=options["learningRate"], betas=(options["beta1"], options["beta2"]), eps=options["epsilon"])


def run(settings):
    model = load(settings)
    trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
    optimizer = adamw(model, trained, settings["optimizer"])
    losses, first = [], {}
    for step in range(settings["steps"]):
        batch = settings["batches"][step % len(settings["batches"])]
        inputs = {name: torch.tensor(values) for name, values in batch["inputs"].items()}
        output = model(**inputs, labels=torch.tensor(batch["labels"]), output_hidden_states=step == 0)
        output.loss.backward()
        if step == 0:
            first = {"states": output.hidden_states[-1].flatten().tolist(), "logits": output.logits.flatten().tolist()}
            gradients = {name: value.grad.contiguous() for name, value in trained.items() if value.grad is not None}
            save_file(gradients, settings["gradients"])
        torch.nn.utils.clip_grad_norm_(trained.values(), settings["optimizer"]["maxGradientNorm"])
        optimizer.step()
        optimizer.zero_grad()
        losses.append(output.loss.item())
    return {"losses": losses, **first}
