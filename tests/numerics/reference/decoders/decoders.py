"""Makes the tiny decoders in Hugging Face's layout and their references (README.md says what is what):

    pip install -r ../hugging-face/requirements.txt
    python decoders.py && python tokenizers_reference.py
    python decoders.py qwen3              # one family alone

The tests read the committed results and need no Python.
"""
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaForCausalLM, LlamaConfig, PreTrainedTokenizerFast

from models import *  # noqa: F403
from models import FAMILIES, HERE, SIZES, SMALL, VARIANTS, WITHOUT_TOKENS
from tokenizers_of import gemma3, gpt2, llama3, mistral, qwen2
from transformers import __version__ as transformers_version

TOKENIZER_OF = {"gpt2": (gpt2, {"eos_token": "<|endoftext|>", "bos_token": "<|endoftext|>"}),
                "llama": (llama3, {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>", "pad_token": "<|pad|>"}),
                "mistral": (mistral, {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}),
                "qwen2": (qwen2, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
                "qwen3": (qwen2, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
                "gemma3_text": (gemma3, {"unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"})}


def write_model(family):
    config = FAMILIES[family][0]
    model = fill(AutoModelForCausalLM.from_config(config), seed=7)
    model.save_pretrained(HERE / family)
    create, special = TOKENIZER_OF[family]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=create(), model_max_length=40, **special)
    tokenizer.save_pretrained(HERE / family)
    for name in ("generation_config.json",):
        (HERE / family / name).unlink(missing_ok=True)


def kept(tensors):
    return {name: value.detach().contiguous().clone() for name, value in tensors}


def step(model, batch, loss_of, prefix, file):
    """One step's loss, logits and gradients; the tensors go into `file`."""
    logits = model(**inputs(batch)).logits
    loss = loss_of(model, batch)
    loss.backward()
    file[f"{prefix}/logits"] = logits.detach().contiguous()
    for name, value in model.named_parameters():
        if value.grad is not None:
            file[f"{prefix}/gradients/{plain_name(name)}"] = value.grad.contiguous().clone()
    return loss.item()


def training(create, data, loss_of, prefix, file):
    model = create()
    losses, norms = train(model, data, loss_of)
    check_stable(losses, train(create(torch.float64), data, loss_of)[0])
    with torch.no_grad():
        file[f"{prefix}/trainedLogits"] = model(**inputs(data[0])).logits.contiguous()
    return {"losses": losses, "gradientNorms": norms}


def reference(family):
    print(family)
    data, file = batches(family), {}
    full = lambda dtype=torch.float32: classifier(family, dtype)
    lora = lambda dtype=torch.float32: adapted(family, dtype)
    whole = lambda dtype=torch.float32: language_model(family, dtype)
    with torch.no_grad():
        base = language_model(family).base_model
        file["states"] = base(**inputs(data[0])).last_hidden_state.contiguous()
    result = {
        "versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers_version}, "batches": data,
        "training": {"steps": STEPS, "warmupSteps": WARMUP, "schedule": "linear", **OPTIMIZER},
        "classifier": {"loss": step(full(), data[0], classifier_loss, "classifier", file), **training(full, data, classifier_loss, "classifier", file)},
        "adapter": {"loss": step(lora(), data[0], classifier_loss, "adapter", file), **training(lora, data, classifier_loss, "adapter", file)},
        "languageModel": {"loss": step(whole(), data[0], language_loss, "languageModel", file),
                          **training(whole, data, language_loss, "languageModel", file)},
    }
    if family not in WITHOUT_TOKENS:
        result["tokens"] = {"loss": step(token_classifier(family), data[0], token_loss, "tokens", file)}
    adapter = lora()
    adapter.peft_config["default"].base_model_name_or_path = family  # a name that is the same wherever the script runs
    adapter.save_pretrained(HERE / f"{family}-adapter")
    (HERE / f"{family}-adapter" / "README.md").unlink(missing_ok=True)
    full().save_pretrained(HERE / f"{family}-classifier")
    write(f"{family}.reference.json", result)
    save_file(file, HERE / f"{family}.reference.safetensors")


def variants():
    """States of the first batch of `llama` with other configurations, and what a file of it holds then."""
    batch, file = batches("llama")[0], {}
    configs = {}
    for name, changes in VARIANTS.items():
        config = LlamaConfig(vocab_size=320, num_key_value_heads=2, **{**SIZES, **changes})
        model = LlamaForCausalLM(config)
        own = language_model("llama").state_dict()
        model.load_state_dict(own, strict=False)
        stream = numbers(47)
        with torch.no_grad():
            for parameter, value in model.named_parameters():
                if parameter.endswith(".bias"):
                    value.copy_(tensor(stream, list(value.shape), 0.6))
        model.eval()
        file[name] = model.base_model(**inputs(batch)).last_hidden_state.detach().contiguous()
        configs[name] = json.loads(config.to_json_string(use_diff=False))
        if name == "dynamic":  # the same of shorter texts, which the scaling leaves alone
            short = {"ids": [row[:5] for row in batch["ids"]], "mask": [row[:5] for row in batch["mask"]]}
            file["dynamic-short"] = reloaded(config, own).base_model(**inputs(short)).last_hidden_state.detach().contiguous()
    write("variants.reference.json", configs)
    save_file(file, HERE / "variants.reference.safetensors")


def reloaded(config, weights):
    model = LlamaForCausalLM(config)
    model.load_state_dict(weights, strict=False)
    return model.eval()


def sharded(family, size):
    """The same model in several files of 16 bits, with the states of the rounded weights."""
    folder = HERE / f"{family}-sharded"
    model = language_model(family, torch.bfloat16)
    model.save_pretrained(folder, max_shard_size=size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    exact = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        states = exact.base_model(**inputs(batches(family)[0])).last_hidden_state.contiguous()
    save_file({"states": states}, HERE / f"{family}-sharded.reference.safetensors")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(HERE / family / name, folder / name)


if __name__ == "__main__":
    for family in sys.argv[1:] or FAMILIES:
        write_model(family)
        reference(family)
        if family == "llama":
            variants()
        if family == "llama" or family in SMALL:
            sharded(family, "12KB" if family == "llama" else "4KB")
