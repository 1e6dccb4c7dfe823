"""Puts a random head on the model in `base`, and saves it to `folder`: both sides then start from the same one. Answers
logits of `encodings`."""
import shutil
from pathlib import Path

import torch

from heads import load
from logits import by_torch


def run(settings):
    torch.manual_seed(3)
    model = load(settings)
    model.save_pretrained(settings["folder"])
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(settings["base"]) / name, settings["folder"])
    logits = by_torch(model)
    return [logits(encoding) for encoding in settings.get("encodings", [])]
