"""Preference optimization by TRL's trainers, on the tiny Llama of ../decoders: what they read of pairs and of thumbs,
and the loss of each of 12 steps.

    pip install -r ../hugging-face/requirements.txt && pip install trl==1.10.0
    TRL_EXPERIMENTAL_SILENCE=1 python tests/numerics/reference/trl/preference-training.py

Writes preference-training.reference.json beside this file. Each step reads all examples, so that their order does not
matter. Gradients are in float32, without dropout.
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
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

logging.disable(logging.WARNING)
HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "decoders" / "llama"
TEMPLATE = re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", (HERE / "marked.jinja").read_text())
STEPS = 12
MAX_LENGTH = 40
SETTINGS = {
    "learning_rate": 2e-3,
    "weight_decay": 0.01,
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_epsilon": 1e-8,
    "max_grad_norm": 1.0,
}
PAIRS = [
    ("the cat", "it sits", "no"),
    ("a dog", "it runs and then it sleeps", "a cat"),
    ("Größe?", "naïve", "one two three"),
    ("one", "two", "four four"),
    ("2 + 2", "is 4", "is 5 or so"),
    ("who", "me 😀", "nobody at all"),
]


def turn(role, content):
    return [{"role": role, "content": content}]


PAIR_ROWS = [
    {"prompt": turn("user", prompt), "chosen": turn("assistant", chosen), "rejected": turn("assistant", rejected)}
    for prompt, chosen, rejected in PAIRS
]
# Of the first three pairs the better answer, of the others the other one and of the fifth again the better one.
THUMBS = [(prompt, chosen if index < 3 or index == 4 else rejected, index < 3 or index == 4)
          for index, (prompt, chosen, rejected) in enumerate(PAIRS)]
THUMB_ROWS = [
    {"prompt": turn("user", prompt), "completion": turn("assistant", answer), "label": good}
    for prompt, answer, good in THUMBS
]


def run(trainer_class, config_class, rows, with_reference=False, **options):
    class Recording(trainer_class):
        """Keeps the loss of each step, which the log rounds, and the tokens that the first one reads."""

        def compute_loss(self, model, inputs, *args, **more):
            if not self.losses:
                self.read = inputs
            found = super().compute_loss(model, inputs, *args, **more)
            self.losses.append((found[0] if isinstance(found, tuple) else found).item())
            return found

    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    tokenizer.chat_template = TEMPLATE

    def load():
        return AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)

    with tempfile.TemporaryDirectory() as folder:
        config = config_class(
            output_dir=folder,
            per_device_train_batch_size=len(rows),
            max_steps=STEPS,
            lr_scheduler_type="constant",
            optim="adamw_torch",
            max_length=MAX_LENGTH,
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
        more = {"ref_model": load()} if with_reference else {}
        trainer = Recording(
            model=load(), args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer, **more
        )
        trainer.losses = []
        trainer.train()
    inputs = trainer.read
    written = None
    if "input_ids" in inputs:
        written = sorted(
            [id for id, there in zip(ids, attention) if there]
            for ids, attention in zip(inputs["input_ids"].tolist(), inputs["attention_mask"].tolist())
        )
    elif "chosen_input_ids" in inputs:
        written = sorted(
            [id for id, there in zip(ids, attention) if there]
            for side in ("chosen", "rejected")
            for ids, attention in zip(
                inputs[f"{side}_input_ids"].tolist(), inputs[f"{side}_attention_mask"].tolist())
        )
    return {"losses": trainer.losses, "written": written}


runs = {
    "dpo": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.1),
    "dpoWithSft": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.3, loss_type=["sigmoid", "sft"],
                      loss_weights=[1.0, 0.5]),
    "ipo": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.5, loss_type=["ipo"]),
    "ldDpo": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.1, ld_alpha=0.5),
    "robust": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.3, loss_type=["robust"], label_smoothing=0.1),
    "hinge": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.3, loss_type=["hinge"]),
    "apoZero": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.3, loss_type=["apo_zero"]),
    "apoDown": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=0.3, loss_type=["apo_down"]),
    "perToken": run(DPOTrainer, DPOConfig, PAIR_ROWS, True, beta=5.0, loss_type=["sigmoid_norm"]),
    "kto": run(KTOTrainer, KTOConfig, THUMB_ROWS, True, beta=0.1, desirable_weight=1.0, undesirable_weight=1.5),
    "cpo": run(CPOTrainer, CPOConfig, PAIR_ROWS, beta=0.1, cpo_alpha=1.0, loss_type="sigmoid"),
    "simpo": run(CPOTrainer, CPOConfig, PAIR_ROWS, beta=2.0, cpo_alpha=0.0, simpo_gamma=1.0, loss_type="simpo"),
    "orpo": run(ORPOTrainer, ORPOConfig, PAIR_ROWS, beta=0.1),
}
reference = {
    "versions": {
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers_version,
        "trl": trl.__version__,
    },
    "settings": {"steps": STEPS, "maxLength": MAX_LENGTH, **SETTINGS},
    "template": TEMPLATE,
    "pairs": PAIRS,
    "thumbs": THUMBS,
    "runs": runs,
}
text = json.dumps(reference, ensure_ascii=False, separators=(",", ":"))
(HERE / "preference-training.reference.json").write_text(text + "\n")
