"""Reward modelling by TRL's RewardTrainer. Its loss and gradient at fixed rewards, and the losses, accuracies and
margins of ten steps on the tiny Llama of ../decoders, of conversations by a chat template with margins and centring,
and on the tiny BERT of ../hugging-face, of single texts.

    pip install -r ../hugging-face/requirements.txt && pip install trl==1.10.0
    python tests/numerics/reference/trl/reward.py

Writes reward.reference.json beside this file. Each step reads all pairs, so that their order does not matter. Heads
begin with drawn weights (../numbers_stream.py). Gradients are in float32, without dropout.
"""

import json
import logging
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from datasets import Dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers import __version__ as transformers_version
from trl import RewardConfig, RewardTrainer

logging.disable(logging.WARNING)
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from numbers_stream import numbers, rounded, tensor  # noqa: E402

LLAMA = HERE.parent / "decoders" / "llama"
BERT = HERE.parent / "hugging-face" / "bert"
TEMPLATE = re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", (HERE / "marked.jinja").read_text())
STEPS = 10
MAX_LENGTH = 40
SETTINGS = {"learning_rate": 5e-3, "weight_decay": 0.01, "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8, "max_grad_norm": 1.0}

PAIRS = [
    ("the cat", "it sits", "it runs and runs"),
    ("a dog", "it runs", "no"),
    ("Größe?", "naïve", "a size"),
    ("who", "me 😀", "you and me"),
    ("2 + 2", "is 4", "is 5"),
    ("what now", "we wait", "we go on and on"),
]
STRENGTHS = [3.0, 1.0, 0.0, 2.0, 3.0, 1.5]
LARGEST_MARGIN = 0.8
TEXTS = [
    ("good answers please", "bad words"),
    ("a card arrived", "my fee is high"),
    ("transfers are quick", "cash was lost abroad"),
    ("yes", "never again"),
]


class Fixed(torch.nn.Module):
    """Gives rewards that do not depend on what it reads."""

    def __init__(self, chosen, rejected):
        super().__init__()
        self.rewards = torch.nn.Parameter(torch.cat([chosen, rejected]))

    def forward(self, **_):
        return SimpleNamespace(logits=self.rewards.unsqueeze(-1))


def loss_at(chosen, rejected, margins, centring):
    model = Fixed(chosen, rejected)
    same = lambda value: value
    trainer = SimpleNamespace(
        model=model,
        args=SimpleNamespace(center_rewards_coefficient=centring),
        accelerator=SimpleNamespace(gather=same, gather_for_metrics=same),
        _metrics=defaultdict(lambda: defaultdict(list)),
        _total_train_tokens=0,
    )
    inputs = {"attention_mask": torch.ones(1)}
    if margins is not None:
        inputs["margin"] = margins
    loss = RewardTrainer.compute_loss(trainer, model, inputs)
    loss.backward()
    gradient = model.rewards.grad.reshape(2, -1).T
    return {"loss": loss.item(), "gradient": rounded(gradient)}


class Recording(RewardTrainer):
    """Keeps what is measured of each step, which the log rounds."""

    def compute_loss(self, model, inputs, *args, **more):
        found = super().compute_loss(model, inputs, *args, **more)
        self.steps["losses"].append((found[0] if isinstance(found, tuple) else found).item())
        self.steps["accuracies"].append(self._metrics["train"]["accuracy"][-1])
        self.steps["margins"].append(self._metrics["train"]["margin"][-1])
        return found


def run(folder, rows, head, template=None, centring=None):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if template is not None:
        tokenizer.chat_template = template
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, dtype=torch.float32, ignore_mismatched_sizes=True)
    model.config.pad_token_id = tokenizer.pad_token_id
    stream = numbers(29)
    layer = getattr(model, head)
    with torch.no_grad():
        layer.weight.copy_(tensor(stream, layer.weight.shape, 2))
        if layer.bias is not None:
            layer.bias.copy_(tensor(stream, layer.bias.shape, 2))
    with tempfile.TemporaryDirectory() as output:
        config = RewardConfig(
            output_dir=output,
            per_device_train_batch_size=len(rows),
            max_steps=STEPS,
            lr_scheduler_type="constant",
            optim="adamw_torch",
            max_length=MAX_LENGTH,
            center_rewards_coefficient=centring,
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
        )
        trainer = Recording(model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
        trainer.steps = defaultdict(list)
        written = [[row["chosen_ids"], row["rejected_ids"]] for row in trainer.train_dataset]
        trainer.train()
        return {"written": written, **trainer.steps}


def turns(role, content):
    return [{"role": role, "content": content}]


stream = numbers(31)
chosen, rejected = tensor(stream, [20], 12), tensor(stream, [20], 12)
margins = tensor(stream, [20], 1, 0.5)
conversations = [
    {
        "prompt": turns("user", prompt),
        "chosen": turns("assistant", better),
        "rejected": turns("assistant", other),
        "margin": LARGEST_MARGIN * strength / max(STRENGTHS),
    }
    for (prompt, better, other), strength in zip(PAIRS, STRENGTHS)
]
bert = AutoTokenizer.from_pretrained(BERT)
texts = [{"chosen_ids": bert(better)["input_ids"], "rejected_ids": bert(other)["input_ids"]} for better, other in TEXTS]

reference = {
    "versions": {"trl": trl.__version__, "transformers": transformers_version, "torch": torch.__version__.split("+")[0]},
    "settings": {**SETTINGS, "maxLength": MAX_LENGTH, "largestMargin": LARGEST_MARGIN, "centring": 0.01},
    "losses": {
        "plain": loss_at(chosen, rejected, None, None),
        "withMargins": loss_at(chosen, rejected, margins, None),
        "centred": loss_at(chosen, rejected, margins, 0.01),
    },
    "template": TEMPLATE,
    "pairs": PAIRS,
    "strengths": STRENGTHS,
    "texts": TEXTS,
    "decoder": run(LLAMA, conversations, "score", TEMPLATE, 0.01),
    "encoder": run(BERT, texts, "classifier"),
}
(HERE / "reward.reference.json").write_text(json.dumps(reference, indent=1, ensure_ascii=False) + "\n")
