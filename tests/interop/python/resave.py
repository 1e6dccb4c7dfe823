"""Loads the model in `folder` and saves it to `target`, as whoever trains it further does."""
import shutil
from pathlib import Path

from heads import auto_class


def run(settings):
    auto_class(settings).from_pretrained(settings["folder"]).save_pretrained(settings["target"])
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(settings["folder"]) / name, settings["target"])
