"""Instruction tuning by TRL's SFTTrainer, on the tiny Llama of ../decoders: what it reads of conversations, which
tokens its loss is of, and the loss of 20 steps. Once with `assistant_only_loss`, of a template that marks answers, and
once with `completion_only_loss`, of prompts and completions.

    pip install -r ../hugging-face/requirements.txt && pip install trl==1.16.0
    python tests/numerics/reference/trl/sft.py

Writes sft.reference.json beside this file. Each step reads all conversations, so that their order does not matter.
Gradients are in float32, without dropout.
"""

import json
import logging
import re
import tempfile
from pathlib import Path

import torch
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers import __version__ as transformers_version
from trl import SFTConfig, SFTTrainer

logging.disable(logging.WARNING)
HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "decoders" / "llama"
MARKED = (HERE / "marked.jinja").read_text()
PLAIN = re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", MARKED)
STEPS = 20
MAX_LENGTH = 40
SETTINGS = {"learning_rate": 5e-3, "weight_decay": 0.01, "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8, "max_grad_norm": 1.0}

CONVERSATIONS = [
    ["the cat", "it sits"],
    ["a dog", "it runs", "and then", "it sleeps"],
    ["Größe?", "naïve"],
    ["one", "two", "three", "four"],
    ["2 + 2", "is 4"],
    ["who", "me 😀"],
]


def messages(contents):
    roles = ["user", "assistant"] * len(contents)
    return [{"role": role, "content": content} for role, content in zip(roles, contents)]


class Recording(SFTTrainer):
    """Keeps the loss of each step, which the log rounds."""

    def compute_loss(self, model, inputs, *args, **more):
        found = super().compute_loss(model, inputs, *args, **more)
        self.losses.append((found[0] if isinstance(found, tuple) else found).item())
        return found


def run(rows, template, **options):
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    tokenizer.chat_template = template
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            per_device_train_batch_size=len(rows),
            max_steps=STEPS,
            lr_scheduler_type="constant",
            optim="adamw_torch",
            max_length=MAX_LENGTH,
            packing=False,
            gradient_checkpointing=False,
            bf16=False,
            fp16=False,
            use_cpu=True,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            seed=0,
            **SETTINGS,
            **options,
        )
        trainer = Recording(model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
        trainer.losses = []
        prepared = [trainer.data_collator([row]) for row in trainer.train_dataset]
        trainer.train()
    written = []
    for batch in prepared:
        ids, labels = batch["input_ids"][0].tolist(), batch["labels"][0].tolist()
        assert all(label in (-100, id) for id, label in zip(ids, labels))
        written.append({"ids": ids, "mask": [int(label != -100) for label in labels]})
    return {"written": written, "losses": trainer.losses}


ASSISTANT_ONLY = run([{"messages": messages(each)} for each in CONVERSATIONS], MARKED, assistant_only_loss=True)
COMPLETION_ONLY = run(
    [{"prompt": messages(each[:1]), "completion": messages(each[:2])[1:]} for each in CONVERSATIONS],
    PLAIN,
    completion_only_loss=True,
)
reference = {
    "versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers_version, "trl": trl.__version__},
    "settings": {"steps": STEPS, "maxLength": MAX_LENGTH, **SETTINGS},
    "templates": {"marked": MARKED, "plain": PLAIN},
    "conversations": [messages(each) for each in CONVERSATIONS],
    "assistantOnly": ASSISTANT_ONLY,
    "completionOnly": COMPLETION_ONLY,
}
(HERE / "sft.reference.json").write_text(json.dumps(reference, ensure_ascii=False, separators=(",", ":")) + "\n")
