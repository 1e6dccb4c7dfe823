"""The other side: transformers' `generate` with its own key-value cache, in float32.

    python opponent.py SETTINGS     writes in turns (../train/turns.ts); a step writes all answers

SETTINGS is a JSON file that main.ts writes (settings.ts).
"""
import json
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print goes beside the answers
settings = json.load(open(sys.argv[1], encoding="utf-8"))
os.environ.setdefault("OMP_NUM_THREADS", str(settings["threads"]))

import torch
from transformers import AutoModelForCausalLM

torch.set_num_threads(settings["threads"])


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def peak_bytes():
    return int(open("/proc/self/status", encoding="utf-8").read().split("VmHWM:")[1].split()[0]) * 1024


imported_bytes = peak_bytes()


model = AutoModelForCausalLM.from_pretrained(settings["model"], dtype=torch.float32).eval()
ids = torch.tensor(settings["prompts"])
mask = torch.ones_like(ids)


@torch.inference_mode()
def write():
    new = settings["newTokens"]
    model.generate(ids, attention_mask=mask, do_sample=False, min_new_tokens=new, max_new_tokens=new, pad_token_id=0)


@torch.inference_mode()
def first():
    """The negative log-probability of the likeliest first token, as a mean over the prompts."""
    logits = torch.cat([model(row[None], logits_to_keep=1).logits[:, -1] for row in ids])
    return -torch.log_softmax(logits.double(), -1).max(-1).values.mean().item()


answer({"ready": True})
for line in sys.stdin:
    name, *count = line.split()
    if name == "end":
        answer({"peakBytes": peak_bytes(), "importedBytes": imported_bytes})
        os._exit(0)
    turn = {"milliseconds": [], "processorMilliseconds": [], "losses": []}
    for _ in range(int(count[0])):
        wall, processor = time.perf_counter(), time.process_time()
        write()
        turn["milliseconds"].append((time.perf_counter() - wall) * 1e3)
        turn["processorMilliseconds"].append((time.process_time() - processor) * 1e3)
    turn["losses"].append(first())
    answer(turn)
