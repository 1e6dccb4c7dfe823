"""Lets transformers generate from the tiny decoders of this folder, and writes generation.reference.json:

    pip install -r ../hugging-face/requirements.txt
    python generation.py

Greedy, each prompt by itself, with transformers' own key-value cache; no token ends an answer. `dynamic` is `llama`
with the rotary scaling of that name, beyond its original length.
"""
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
FAMILIES = ("gpt2", "llama", "mistral", "qwen2", "qwen3", "gemma3_text")
PROMPTS = [[17, 4, 230, 9, 9, 81, 5], [3], [120, 33, 7, 250, 61, 60, 59, 58, 12, 101, 14, 200, 77]]
NEW = 20


def dynamic():
    config = json.loads((HERE / "variants.reference.json").read_text())["dynamic"]
    model = LlamaForCausalLM(LlamaConfig(**config))
    model.load_state_dict(load_file(HERE / "llama" / "model.safetensors"))
    return model


def answer(model, prompt):
    model.generation_config.eos_token_id = None
    given = torch.tensor([prompt])
    with torch.no_grad():
        result = model.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=NEW, do_sample=False,
                                pad_token_id=0, return_dict_in_generate=True, output_logits=True)
    ids = result.sequences[0, len(prompt):].tolist()
    logs = [torch.log_softmax(logits[0].double(), -1)[id].item() for logits, id in zip(result.logits, ids)]
    return {"ids": ids, "logProbabilities": [round(value, 7) for value in logs]}


def plain(family):
    return AutoModelForCausalLM.from_pretrained(HERE / family, dtype=torch.float32)


def answers(create):
    # A new model for each prompt: one with the dynamic scaling goes on with the frequencies of the text before.
    return [answer(create().eval(), prompt) for prompt in PROMPTS]


made = {family: answers(lambda: plain(family)) for family in FAMILIES} | {"dynamic": answers(dynamic)}
(HERE / "generation.reference.json").write_text(json.dumps({"prompts": PROMPTS, "answers": made}) + "\n")
