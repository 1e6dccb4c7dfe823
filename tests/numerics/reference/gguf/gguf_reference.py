"""What llama.cpp's own converter writes of the decoders beside this folder: metadata by value, tensors by digest.

    git clone --depth 1 https://github.com/ggml-org/llama.cpp
    python gguf_reference.py <folder of llama.cpp> <folder of gloss-lm as HUGGING_FACE exports it>

Needs torch, transformers, safetensors and numpy; `gguf` is taken from llama.cpp's folder.
The converter knows the words of a tokenizer by a digest of what a published tokenizer makes of a text; it is told here
which words the small tokenizers have. gloss-lm's tokenizer it does not know at all, and is not asked for it.
"""
import hashlib, json, shutil, sys, tempfile
from pathlib import Path

llama_cpp, gloss_lm = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(llama_cpp), str(llama_cpp / "gguf-py")]
import gguf  # noqa: E402
from conversion import get_model_class  # noqa: E402
from conversion.base import ModelBase, TextModel  # noqa: E402

HERE = Path(__file__).parent
DECODERS = HERE.parent / "decoders"
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 500.0,
          "original_max_position_embeddings": 16}
YARN = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 10000.0, "original_max_position_embeddings": 10,
        "beta_fast": 16.0, "beta_slow": 2.0}
LINEAR = {"rope_type": "linear", "factor": 2.5, "rope_theta": 10000.0}
# Name, folder, changes of its configuration, words. Keys that llama.cpp wants and transformers does not write are among
# the changes.
MODELS = [
    ("gpt2", DECODERS / "gpt2", {"n_ctx": 40, "original_max_position_embeddings": None}, "gpt-2"),
    ("llama", DECODERS / "llama", {}, "llama-bpe"),
    ("llama-llama3", DECODERS / "llama", {"rope_parameters": LLAMA3, "original_max_position_embeddings": 16}, "llama-bpe"),
    ("llama-linear", DECODERS / "llama", {"rope_parameters": LINEAR}, "llama-bpe"),
    ("qwen2", DECODERS / "qwen2", {}, "qwen2"),
    ("qwen3", DECODERS / "qwen3", {}, "qwen2"),
    ("qwen3-yarn", DECODERS / "qwen3", {"rope_parameters": YARN}, "qwen2"),
    ("gemma3_text", DECODERS / "gemma3_text", {"architectures": ["Gemma3ForCausalLM"]}, "gemma4"),
    ("gloss-lm", gloss_lm, {}, None),
]
TYPES = {"F32": gguf.LlamaFileType.ALL_F32, "F16": gguf.LlamaFileType.MOSTLY_F16, "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0}


def convert(folder, changes, words, ftype, out):
    config = folder / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **changes}))
    hparams = ModelBase.load_hparams(folder, False)
    model_class = get_model_class(hparams["architectures"][0])
    TextModel.get_vocab_base_pre = lambda self, tokenizer: words
    original = model_class.set_vocab
    # What it does where there is no tokenizer.model.
    model_class.set_vocab = (lambda self: None) if words is None else (lambda self: self._set_vocab_gpt2())
    try:
        model_class(dir_model=folder, ftype=ftype, fname_out=out, use_temp_file=False, eager=True).write()
    finally:
        model_class.set_vocab = original


def described(path):
    reader = gguf.GGUFReader(path)
    metadata = {key: field.contents() for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    for key in ("name", "basename", "finetune", "size_label", "version", "organization", "license", "tags", "languages"):
        metadata.pop(f"general.{key}", None)
    # Of pairs of texts, which no such model reads.
    metadata.pop("tokenizer.ggml.add_sep_token", None)
    tensors = {tensor.name: {"type": tensor.tensor_type.name, "shape": [int(size) for size in reversed(tensor.shape)],
                             "sha256": hashlib.sha256(tensor.data.tobytes()).hexdigest()} for tensor in reader.tensors}
    return metadata, tensors


reference = {}
for name, folder, changes, words in MODELS:
    entry = {"changes": {key: value for key, value in changes.items() if key in ("rope_parameters",)}, "tensors": {}}
    for type_name, ftype in TYPES.items():
        with tempfile.TemporaryDirectory() as scratch:
            copy, out = Path(scratch) / name, Path(scratch) / "model.gguf"
            shutil.copytree(folder, copy)
            convert(copy, changes, words, ftype, out)
            metadata, entry["tensors"][type_name] = described(out)
            if type_name == "F32":
                entry["metadata"] = metadata
    reference[name] = entry
lines = [f"{json.dumps(name)}: {json.dumps(entry, ensure_ascii=False)}" for name, entry in reference.items()]
(HERE / "gguf.reference.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
