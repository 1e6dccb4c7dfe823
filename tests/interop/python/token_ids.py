"""Ids and type ids of texts, or of pairs of texts, by the `tokenizers` library from a tokenizer.json, cut to
`maxLength`.
"""
from tokenizers import Tokenizer


def run(settings):
    tokenizer = Tokenizer.from_file(settings["file"])
    tokenizer.no_padding()
    tokenizer.enable_truncation(settings["maxLength"], direction=settings["side"])
    encodings = [tokenizer.encode(text, pair) for text, pair in settings["texts"]]
    return [{"ids": encoding.ids, "typeIds": encoding.type_ids} for encoding in encodings]
