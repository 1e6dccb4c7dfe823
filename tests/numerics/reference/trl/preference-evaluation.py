"""What transformers makes of the pairs of preference-training.py, by the tiny Llama of ../decoders: the sum of ln p
over each answer's tokens, and how many there are.

    pip install -r ../hugging-face/requirements.txt
    python tests/numerics/reference/trl/preference-evaluation.py

Reads preference-training.reference.json, and writes preference-evaluation.reference.json beside this file. An answer is
what follows the prompt with the beginning of the assistant's turn. In float64, one text at a time.
"""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers import __version__ as transformers_version

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "decoders" / "llama"
given = json.loads((HERE / "preference-training.reference.json").read_text())
tokenizer = AutoTokenizer.from_pretrained(MODEL)
tokenizer.chat_template = given["template"]
model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float64).eval()


def ids(turns, **options):
    return tokenizer.apply_chat_template(turns, tokenize=True, return_dict=True, **options)["input_ids"]


def score(prompt, answer):
    turns = [{"role": "user", "content": prompt}]
    before = ids(turns, add_generation_prompt=True)
    whole = ids(turns + [{"role": "assistant", "content": answer}])
    assert whole[: len(before)] == before
    with torch.no_grad():
        logits = model(torch.tensor([whole])).logits[0, :-1]
    targets = torch.tensor(whole[1:])
    of_targets = torch.log_softmax(logits, -1).gather(1, targets[:, None])[:, 0]
    return {"sum": of_targets[len(before) - 1 :].sum().item(), "tokens": len(whole) - len(before)}


reference = {
    "versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers_version},
    "pairs": [
        {"chosen": score(prompt, chosen), "rejected": score(prompt, rejected)}
        for prompt, chosen, rejected in given["pairs"]
    ],
}
text = json.dumps(reference, ensure_ascii=False, separators=(",", ":"))
(HERE / "preference-evaluation.reference.json").write_text(text + "\n")
