"""What other scripts take for a model with one head: the class of transformers by what the head reads, and how it
is told of the problem."""
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification


def auto_class(settings):
    return AutoModelForTokenClassification if settings.get("readsTokens") else AutoModelForSequenceClassification


def told(settings):
    """`labels`: their names, or their number. `problem`: transformers' `problem_type`."""
    labels = settings["labels"]
    problem = {} if settings.get("problem") is None else {"problem_type": settings["problem"]}
    if isinstance(labels, int):
        return {"num_labels": labels, **problem}
    ids = {label: i for i, label in enumerate(labels)}
    return {"num_labels": len(labels), "id2label": dict(enumerate(labels)), "label2id": ids, **problem}


def load(settings):
    """The model in `base` under such a head, which is a new one where the model has another."""
    return auto_class(settings).from_pretrained(settings["base"], ignore_mismatched_sizes=True, **told(settings))
