"""Makes an adapter by PEFT on the classifier in `base`, with every matrix random, saves it to `folder`, and answers its logits."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

from logits import by_torch


def run(settings):
    torch.manual_seed(7)
    base = AutoModelForSequenceClassification.from_pretrained(settings["base"], num_labels=settings["labels"])
    model = get_peft_model(base, LoraConfig(task_type="SEQ_CLS", **settings["lora"]))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value.copy_(0.2 * torch.randn(value.shape))
    model.save_pretrained(settings["folder"])
    logits = by_torch(model)
    return [logits(encoding) for encoding in settings["encodings"]]
