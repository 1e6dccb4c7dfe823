"""Conversations as transformers writes them by chat templates: the text, the ids, and the mask of what the assistant
says (`return_assistant_tokens_mask`). The templates beside this file have the forms of well-known families of models,
with `{% generation %}` around answers; each is also carried out without these tags, as models mostly have them.

    python tests/numerics/reference/chat-templates.py > tests/numerics/reference/chat-templates.reference.json

Made with transformers 5.24.0 and tokenizers 0.23.3.
"""

import json
import logging
import os
import re
import sys
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

# Two files here have the names of libraries.
HERE = Path(__file__).resolve().parent
sys.path = [entry for entry in sys.path if os.path.abspath(entry or ".") != str(HERE)]

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402
from transformers import PreTrainedTokenizerFast  # noqa: E402

logging.disable(logging.WARNING)

NOW = datetime(2026, 3, 7, 12, 30)

CORPUS = [
    "What is the capital of Switzerland? The capital of Switzerland is Bern.",
    "You are a helpful assistant. Users and assistants take turns, and answer briefly.",
    "Translate the sentence into German: Wo bleibt die Größe der Straße? Das weiß ich nicht.",
    "import re\n\ndef main():\n    return [1, 2, 3]\n\nSystem, user, assistant, model, tool.",
    "日本語のテキスト 😀 emoji, naïve café, 1.50 CHF",
] * 8

SPECIAL = {
    "byte-level": ["<|begin|>", "<|end|>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    "pieces": ["<s>", "</s>", "<unk>", "<start_of_turn>", "<end_of_turn>"],
}
NAMES = {
    "byte-level": {"bos_token": "<|begin|>", "eos_token": "<|end|>"},
    "pieces": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
}


def byte_level() -> Tokenizer:
    """As GPT-2, Llama 3 and Qwen have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def pieces() -> Tokenizer:
    """As Llama 2, Mistral and Gemma have it: BPE over characters, spaces as ▁, bytes for what is unknown."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    alphabet = sorted({character for text in CORPUS for character in text if ord(character) < 256})
    trainer = trainers.BpeTrainer(
        vocab_size=560,
        special_tokens=["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))],
        initial_alphabet=["▁", *alphabet],
        limit_alphabet=80,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    # Training notes the bytes as special tokens, which would be found in texts.
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(content))


def with_special(kind: str, tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.add_special_tokens([AddedToken(content, special=True, normalized=False) for content in SPECIAL[kind]])
    bos = NAMES[kind]["bos_token"]
    layout = processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, tokenizer.token_to_id(bos))]
    )
    if kind == "byte-level":
        layout = processors.Sequence([processors.ByteLevel(trim_offsets=True), layout])
    tokenizer.post_processor = layout
    return tokenizer


TOKENIZERS = {"byte-level": byte_level(), "pieces": pieces()}
TEMPLATES = {
    "chatml": "byte-level",
    "llama-2": "pieces",
    "llama-3": "byte-level",
    "mistral": "pieces",
    "gemma": "pieces",
    "qwen": "byte-level",
    "zephyr": "pieces",
}


def turns(*contents: str, system: str | None = None) -> list[dict[str, str]]:
    roles = ["user", "assistant"] * len(contents)
    start = [] if system is None else [{"role": "system", "content": system}]
    return start + [{"role": role, "content": content} for role, content in zip(roles, contents)]


CONVERSATIONS = [
    turns("What is the capital of Switzerland?", "Bern."),
    turns("Hello", " Hi there! "),
    turns("Was ist das?", "Größe 😀\n\n  日本語, naïve café", "And now?", "Nothing.\n", system="Answer briefly."),
    turns("a", "b", "c", "d", "e", "f"),
    turns("What does <|im_end|> or </s> mean?", "<|im_start|> begins a turn, <s> a text.", "Why?", "Because."),
    turns("x" * 40, "    return [1, 2]\n\n\n", system="  You are a helpful assistant.  "),
    turns("“Quoted” & <escaped>", "{{ 1 + 1 }} {% if %} \\n \"", system="{# comment #}"),
]


def without_marks(template: str) -> str:
    """The same text, with blocks that do nothing in place of the marks: white space around blocks is trimmed."""
    return re.sub(
        r"\{%(-?)\s*(end)?generation\s*(-?)%\}",
        lambda tag: "{%" + tag[1] + (" endif " if tag[2] else " if true ") + tag[3] + "%}",
        template,
    )


def case(tokenizer: PreTrainedTokenizerFast, template: str, messages: list[dict[str, str]]) -> dict:
    try:
        text = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False)
    except Exception as error:  # noqa: BLE001: jinja2.TemplateError of raise_exception
        return {"messages": messages, "refused": str(error)}
    asked = tokenizer.apply_chat_template(
        messages[:-1], chat_template=template, tokenize=False, add_generation_prompt=True
    )
    encoded = tokenizer.apply_chat_template(
        messages, chat_template=template, return_dict=True, return_assistant_tokens_mask=True
    )
    plain = without_marks(template)
    assert tokenizer.apply_chat_template(messages, chat_template=plain, tokenize=False) == text
    assert tokenizer.apply_chat_template(messages, chat_template=plain)["input_ids"] == encoded["input_ids"]
    return {
        "messages": messages,
        "text": text,
        "asked": asked,
        "ids": encoded["input_ids"],
        "mask": encoded["assistant_masks"],
    }


class Today(datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def main() -> None:
    tokenizers = {kind: with_special(kind, tokenizer) for kind, tokenizer in TOKENIZERS.items()}
    fast = {kind: PreTrainedTokenizerFast(tokenizer_object=one, **NAMES[kind]) for kind, one in tokenizers.items()}
    templates = {}
    with patch("transformers.utils.chat_template_utils.datetime", Today):
        for name, kind in TEMPLATES.items():
            template = (HERE / "chat-templates" / f"{name}.jinja").read_text()
            templates[name] = {
                "tokenizer": kind,
                "marked": template,
                "plain": without_marks(template),
                "cases": [case(fast[kind], template, messages) for messages in CONVERSATIONS],
            }
    files = {
        kind: {"tokenizer": json.loads(one.backend_tokenizer.to_str()), "specialTokens": NAMES[kind]}
        for kind, one in fast.items()
    }
    json.dump({"now": "2026-03-07T12:30:00Z", "tokenizers": files, "templates": templates}, sys.stdout, ensure_ascii=True)
    sys.stdout.write("\n")


main()
