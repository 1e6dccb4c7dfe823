"""Which automatic classes of transformers refuse a folder, each with what it says."""
from transformers import AutoModel, AutoModelForSequenceClassification, AutoModelForTokenClassification


def run(settings):
    said = {}
    for auto in (AutoModel, AutoModelForSequenceClassification, AutoModelForTokenClassification):
        try:
            auto.from_pretrained(settings["folder"])
        except (OSError, ValueError) as error:
            said[auto.__name__] = str(error)
    return said
