"""Writes the model `llama` as checkpoints of llama2.c (export.py, versions 0 and 1), with SentencePiece tokenizers, and
what a program computes that reads them as llama2.c's run.c does: pairs of neighbours are rotated.

    pip install -r ../hugging-face/requirements.txt sentencepiece==0.2.3
    python llama2c.py
"""
import contextlib
import json
import struct
import tempfile
from pathlib import Path

import numpy as np
import sentencepiece
from safetensors.numpy import load_file, save_file

from models import HERE, batches
from tokenizers_of import SENTENCES
from tokenizers_reference import TEXTS, utf16

HIDDEN, INTERMEDIATE, LAYERS, HEADS, KEYS, VOCABULARY, POSITIONS = 16, 24, 2, 4, 2, 320, 40


def neighbours(weight, heads):
    """Rows as Meta's Llama has them: row i of a head's first half beside row i of its second."""
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width)


def tensors():
    own = load_file(HERE / "llama" / "model.safetensors")
    layers = lambda name: [own[f"model.layers.{layer}.{name}.weight"] for layer in range(LAYERS)]
    return {
        "embeddings": own["model.embed_tokens.weight"], "norm": own["model.norm.weight"], "logits": own["lm_head.weight"],
        "first": layers("input_layernorm"), "second": layers("post_attention_layernorm"),
        "q": [neighbours(w, HEADS) for w in layers("self_attn.q_proj")], "k": [neighbours(w, KEYS) for w in layers("self_attn.k_proj")],
        "v": layers("self_attn.v_proj"), "o": layers("self_attn.o_proj"),
        "w1": layers("mlp.gate_proj"), "w2": layers("mlp.down_proj"), "w3": layers("mlp.up_proj")}


def write(path, header, parts):
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(header)
        for part in parts:
            file.write(np.ascontiguousarray(part, dtype=np.float32).tobytes())


def version_0(w, path):
    """A negative vocabulary says that the logits have a matrix of their own."""
    rotations = np.zeros((2, POSITIONS, HIDDEN // HEADS // 2))
    header = struct.pack("7i", HIDDEN, INTERMEDIATE, LAYERS, HEADS, KEYS, -VOCABULARY, POSITIONS)
    write(path, header, [w["embeddings"], *w["first"], *w["q"], *w["k"], *w["v"], *w["o"], *w["second"], *w["w1"], *w["w2"], *w["w3"], w["norm"],
                         rotations, w["logits"]])


def version_1(w, path):
    """Tied: the table of embeddings gives the logits."""
    header = struct.pack("Ii7iB", 0x616B3432, 1, HIDDEN, INTERMEDIATE, LAYERS, HEADS, KEYS, VOCABULARY, POSITIONS, 1).ljust(256, b"\0")
    write(path, header, [*w["first"], *w["second"], w["norm"], w["embeddings"], *w["q"], *w["k"], *w["v"], *w["o"], *w["w1"], *w["w2"], *w["w3"]])


def norm(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def rotated(x, size):
    """[T,heads·size]: components 2i and 2i + 1 turned together."""
    T = len(x)
    pairs = x.reshape(T, -1, size // 2, 2)
    angles = np.arange(T)[:, None] * 10000.0 ** (-np.arange(0, size, 2) / size)
    turn = (np.cos(angles) + 1j * np.sin(angles))[:, None]
    turned = (pairs[..., 0] + 1j * pairs[..., 1]) * turn
    return np.stack([turned.real, turned.imag], -1).reshape(T, -1, size)


def forward(w, ids):
    """Logits [T,V] of one text, as run.c computes them token by token."""
    x, T, D = w["embeddings"].astype(np.float64)[ids], len(ids), HIDDEN // HEADS
    for layer in range(LAYERS):
        read = norm(x, w["first"][layer])
        q, k = rotated(read @ w["q"][layer].T, D), rotated(read @ w["k"][layer].T, D)
        v = (read @ w["v"][layer].T).reshape(T, KEYS, D)
        context = np.zeros((T, HEADS, D))
        for head in range(HEADS):
            shared = head // (HEADS // KEYS)
            scores = q[:, head] @ k[:, shared].T / np.sqrt(D)
            scores[np.triu_indices(T, 1)] = -np.inf
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            context[:, head] = weights / weights.sum(-1, keepdims=True) @ v[:, shared]
        x = x + context.reshape(T, -1) @ w["o"][layer].T
        wide = norm(x, w["second"][layer])
        gate = wide @ w["w1"][layer].T
        x = x + (gate / (1 + np.exp(-gate)) * (wide @ w["w3"][layer].T)) @ w["w2"][layer].T
    return norm(x, w["norm"]) @ w["logits"].T


def tokenizer(prefix, **options):
    # By names in a folder of its own: the model that the trainer writes holds the paths that it was given.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("sentences.txt").write_text("\n".join(SENTENCES * 4))
        sentencepiece.SentencePieceTrainer.train(
            input="sentences.txt", model_prefix="tokenizer", model_type="bpe", normalization_rule_name="identity", split_digits=True,
            allow_whitespace_only_pieces=True, minloglevel=2, **options)
        trained = Path("tokenizer.model").read_bytes()
    prefix.with_suffix(".model").write_bytes(trained)
    model = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
    # Typed names of control tokens are those tokens in transformers' conversion; an empty text begins too.
    texts = [text for text in TEXTS if "<s>" not in text and "<0x" not in text]
    return [{"text": text, "ids": [1, *model.encode(text)]} for text in texts]


if __name__ == "__main__":
    w = tensors()
    version_0(w, HERE / "llama2c" / "model.bin")
    version_1(w, HERE / "llama2c-tied" / "model.bin")
    batch = batches("llama")[0]
    rows = [forward(w, [t for t, m in zip(ids, mask) if m]) for ids, mask in zip(batch["ids"], batch["mask"])]
    save_file({"logits": np.concatenate(rows).astype(np.float32)}, HERE / "llama2c.reference.safetensors")
    encodings = {
        "llama2c": tokenizer(HERE / "llama2c" / "tokenizer", vocab_size=250, byte_fallback=False, remove_extra_whitespaces=False),
        "llama2c-tied": tokenizer(HERE / "llama2c-tied" / "tokenizer", vocab_size=120, byte_fallback=False),
        "byte-fallback": tokenizer(HERE / "byte-fallback", vocab_size=420, byte_fallback=True, remove_extra_whitespaces=False,
                                   character_coverage=0.98)}
    (HERE / "llama2c.reference.json").write_text(json.dumps(encodings) + "\n")
