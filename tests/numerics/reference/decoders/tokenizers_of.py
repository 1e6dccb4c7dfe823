"""Small tokenizers as the families of decoders have them, trained on a few sentences."""
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SENTENCES = [
    "My card payment was declined at the shop", "Why was I charged a fee for this transfer?", "The transfer to my account is still pending",
    "How do I activate my new card?", "Is there a fee for cash withdrawals abroad?", "I was charged twice for one payment",
    "Where is the money I transferred yesterday?", "Please cancel my card, it has been stolen", "if (x == 1) { return a[0]; }\n    // done",
    "I'm, you're, we've, they'll, he'd: don't! 2024-11-28, 1,234.50", "Die Größe des Cafés, naïve Gäste", "日本語 中文 한국어 русский 😀",
]
# Llama 3's words.
WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def bytes_trainer(size, special):
    return trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)


def gpt2(size=320):
    """Byte-level BPE with GPT-2's words and no special tokens about a text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(SENTENCES * 4, bytes_trainer(size, ["<|endoftext|>"]))
    return tokenizer


def llama3(size=320):
    """Byte-level BPE with Llama 3's words, whole words before merges, and a token before each text."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORDS), behavior="isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(SENTENCES * 4, bytes_trainer(size - 3, []))
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ("<|begin_of_text|>", "<|end_of_text|>", "<|pad|>")])
    first = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
                                      special_tokens=[("<|begin_of_text|>", first)])])
    return tokenizer


def with_bytes(tokenizer, size):
    """Trains BPE over characters, and puts a token for each byte behind the special ones, as SentencePiece does."""
    special = ["<unk>", "<s>", "</s>"]
    trained = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    trained.normalizer, trained.pre_tokenizer = tokenizer.normalizer, pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    # Characters that are rare fall back to bytes.
    trained.train_from_iterator(SENTENCES[:9] * 4, trainers.BpeTrainer(vocab_size=size - 259, special_tokens=[], show_progress=False))
    import json
    model = json.loads(trained.to_str())["model"]
    tokens = special + [f"<0x{byte:02X}>" for byte in range(256)] + list(sorted(model["vocab"], key=model["vocab"].get))
    tokens = list(dict.fromkeys(tokens))[:size]
    vocab = {token: index for index, token in enumerate(tokens)}
    merges = [tuple(pair) for pair in model["merges"] if "".join(pair) in vocab and pair[0] in vocab and pair[1] in vocab]
    result = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    result.normalizer, result.pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    result.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    result.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    result.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return result


def llama2(size=400):
    """BPE with byte fallback over a whole text, spaces replaced by the normalizer."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return with_bytes(tokenizer, size)


def mistral(size=400):
    """The same, spaces replaced by Metaspace, which puts one before the first word alone."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    return with_bytes(tokenizer, size)


def smollm(size=320):
    """Byte-level BPE with each digit a word of its own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(SENTENCES * 4, bytes_trainer(size, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]))
    return tokenizer


def qwen2(size=280):
    """Byte-level BPE of composed texts, with Qwen's words: Llama 3's, but each digit a word of its own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORDS.replace(r"\p{N}{1,3}", r"\p{N}")), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    special, others = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"], ["<tool_call>", "</tool_call>"]
    tokenizer.train_from_iterator(SENTENCES * 4, bytes_trainer(size - len(special + others), []))
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in others])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer


def gemma3(size=344):
    """BPE with byte fallback over a whole text without a space before it, and tokens for runs of lines and spaces."""
    special, runs = ["<pad>", "<eos>", "<bos>", "<unk>"], ["\n", "\n\n", "▁▁", "▁▁▁"]
    first = [*special, *runs, "<start_of_turn>", "<end_of_turn>"]
    trained = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split("▁", behavior="merged_with_next")
    trained.train_from_iterator(SENTENCES[:9] * 4, trainers.BpeTrainer(vocab_size=size - 256 - len(first), special_tokens=[], show_progress=False))
    import json
    model = json.loads(trained.to_str())["model"]
    learnt = list(sorted(model["vocab"], key=model["vocab"].get))
    tokens = list(dict.fromkeys([*first, *(f"<0x{byte:02X}>" for byte in range(256)), *learnt]))[:size]
    vocab = {token: index for index, token in enumerate(tokens)}
    merges = [tuple(pair) for pair in model["merges"] if "".join(pair) in vocab and pair[0] in vocab and pair[1] in vocab]
    result = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    result.normalizer = normalizers.Replace(" ", "▁")
    result.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    result.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    result.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in [*special, *first[-2:]]])
    result.add_tokens([AddedToken(token, special=False, normalized=False) for token in runs])
    result.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)])
    return result


TOKENIZERS = {"gpt2": gpt2, "llama3": llama3, "llama2": llama2, "mistral": mistral, "smollm": smollm, "qwen2": qwen2, "gemma3": gemma3}
