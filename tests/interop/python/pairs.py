"""Logits of a classifier in `folder` for pairs of texts, or for single texts, as `AutoTokenizer` and
`AutoModelForSequenceClassification` give them; null where they fail."""
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def run(settings):
    tokenizer = AutoTokenizer.from_pretrained(settings["folder"])
    model = AutoModelForSequenceClassification.from_pretrained(settings["folder"]).eval()
    try:
        with torch.no_grad():
            return [model(**tokenizer(*texts, return_tensors="pt")).logits[0].tolist() for texts in settings["texts"]]
    except IndexError:
        return None
