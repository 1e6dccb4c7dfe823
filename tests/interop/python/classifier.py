"""Puts a classifier with a random head on the model in `base`, and saves it to `folder`: both sides then start from the same one."""
import shutil
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification


def run(settings):
    torch.manual_seed(3)
    model = AutoModelForSequenceClassification.from_pretrained(settings["base"], id2label=dict(enumerate(settings["labels"])))
    model.save_pretrained(settings["folder"])
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(settings["base"]) / name, settings["folder"])
