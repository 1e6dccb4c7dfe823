"""Ids and type ids of texts, or of pairs of texts, by the `tokenizers` library from a tokenizer.json, cut to `maxLength`."""
from exchange import answer, settings

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(settings["file"])
tokenizer.no_padding()
tokenizer.enable_truncation(settings["maxLength"], direction=settings["side"])
encodings = [tokenizer.encode(text, pair) for text, pair in settings["texts"]]
answer([{"ids": encoding.ids, "typeIds": encoding.type_ids} for encoding in encodings])
