"""What a pipeline of transformers says of texts: `options` are the pipeline's own, `asked` those of each call."""
from transformers import AutoTokenizer, pipeline

from card import plain


def run(settings):
    folder = settings["folder"]
    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=settings["maxLength"])
    run_pipeline = pipeline(settings["task"], model=folder, tokenizer=tokenizer, **settings["options"])
    return [[plain(answer) for answer in run_pipeline(text, **settings["asked"])] for text in settings["texts"]]
