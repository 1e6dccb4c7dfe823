"""Makes an adapter by PEFT on the classifier in `base`, with every matrix random, saves it to `folder`, and answers
its logits."""
import torch
from peft import LoraConfig, get_peft_model

from heads import load
from logits import by_torch


def run(settings):
    torch.manual_seed(7)
    task = "TOKEN_CLS" if settings.get("readsTokens") else "SEQ_CLS"
    model = get_peft_model(load(settings), LoraConfig(task_type=task, **settings["lora"]))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value.copy_(0.2 * torch.randn(value.shape))
    model.save_pretrained(settings["folder"])
    logits = by_torch(model)
    return [logits(encoding) for encoding in settings["encodings"]]
