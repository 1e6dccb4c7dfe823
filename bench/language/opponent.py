"""The other side: a plain transformers Trainer script for next tokens or a classifier of texts, and PEFT for
the adapter.

    python opponent.py SETTINGS     trains in turns (../train/turns.ts)

SETTINGS is a JSON file that main.ts writes (settings.ts). Texts are padded to the longest of their batch, as the
library's collator does. What is added to a plain script is the callback that waits for its turn.
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
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, Trainer, TrainerCallback, TrainingArguments

torch.set_num_threads(settings["threads"])


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def peak_bytes():
    return int(open("/proc/self/status", encoding="utf-8").read().split("VmHWM:")[1].split()[0]) * 1024


imported_bytes = peak_bytes()


def command():
    line = sys.stdin.readline()
    if line.strip() in ("", "end"):
        answer({"peakBytes": peak_bytes(), "importedBytes": imported_bytes})
        os._exit(0)
    return int(line.split()[1])


def model():
    config = AutoConfig.from_pretrained(settings["config"])
    classifies = settings["classes"] is not None
    result = (AutoModelForSequenceClassification if classifies else AutoModelForCausalLM).from_config(config, dtype=torch.float32)
    weights = {settings["prefix"] + name: value for name, value in load_file(settings["weights"]).items()}
    missing, unexpected = result.load_state_dict(weights, strict=False)
    new = ("pooler.", "classifier.") if classifies else ("lm_head.",)
    assert not unexpected and all(name.startswith(new) for name in missing), (missing, unexpected)
    result.tie_weights()
    if settings["adapter"] is None:
        return result
    from peft import LoraConfig, TaskType, get_peft_model
    return get_peft_model(result, LoraConfig(task_type=TaskType.CAUSAL_LM, r=16, lora_alpha=32, target_modules=settings["adapter"]))


def collate(rows):
    longest = max(len(row["input_ids"]) for row in rows)
    pad = lambda row, value: row["input_ids"] + [value] * (longest - len(row["input_ids"]))
    return {
        "input_ids": torch.tensor([pad(row, 0) for row in rows]),
        "attention_mask": torch.tensor([[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows]),
        "labels": torch.tensor([row["label"] if "label" in row else pad(row, -100) for row in rows]),
    }


class Turns(TrainerCallback):
    """Measures every step, what leads to it included, and waits between turns."""

    def mark(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def wait(self):
        self.left = command()
        self.milliseconds, self.processor_milliseconds, self.losses = [], [], []
        self.mark()

    def on_train_begin(self, *_, **__):
        answer({"ready": True})
        self.wait()

    def on_step_end(self, *_, **__):
        self.milliseconds.append((time.perf_counter() - self.wall) * 1e3)
        self.processor_milliseconds.append((time.process_time() - self.processor) * 1e3)
        self.left -= 1

    def on_log(self, *_, logs=None, **__):
        if "loss" in logs:
            self.losses.append(float(logs["loss"]))
            if self.left == 0:
                answer({"milliseconds": self.milliseconds, "processorMilliseconds": self.processor_milliseconds, "losses": self.losses})
                self.wait()
        self.mark()


arguments = TrainingArguments(
    output_dir=settings["output"], use_cpu=True, report_to="none", disable_tqdm=True, logging_steps=1, save_strategy="no",
    per_device_train_batch_size=settings["batchSize"], learning_rate=1e-4, weight_decay=0.01, num_train_epochs=1,
    lr_scheduler_type="constant")
rows = [{"input_ids": row} for row in settings["rows"]]
for row, label in zip(rows, settings["classes"] or []):
    row["label"] = label
Trainer(model=model(), args=arguments, train_dataset=rows, data_collator=collate, callbacks=[Turns()]).train()
raise RuntimeError("The texts have ended before the turns.")
