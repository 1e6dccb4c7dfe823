"""Steps of TRL's GRPOTrainer and RLOOTrainer on the tiny Llama of ../decoders: given completions in place of generated
ones, rewards by their lengths, and the loss of each update with the log-probabilities of all completions at the end.

    pip install -r ../hugging-face/requirements.txt && pip install trl==1.10.0
    python tests/numerics/reference/trl/policy-steps.py

Writes policy-steps.reference.json beside this file. Each step holds all prompts, so that their order does not matter.
"""

import json
import logging
import tempfile
from pathlib import Path

import pyarrow
import torch
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers import __version__ as transformers_version
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

logging.disable(logging.WARNING)
HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "decoders" / "llama"
PROMPTS = ["the cat", "a dog runs"]
SAMPLES, MOST, ROUNDS, TEMPERATURE = 4, 7, 3, 0.8
SETTINGS = {"learning_rate": 1e-3, "weight_decay": 0.01, "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8, "max_grad_norm": 1.0}

tokenizer = AutoTokenizer.from_pretrained(MODEL)
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token
END = tokenizer.eos_token_id
IDS = [tokenizer(prompt)["input_ids"] for prompt in PROMPTS]
generator = torch.Generator().manual_seed(3)


def completion(sample):
    """Some tokens; every third completion is cut off, the others end."""
    isCut = sample % 3 == 2
    length = MOST if isCut else int(torch.randint(1, MOST, (1,), generator=generator))
    drawn = torch.randint(10, 90, (length - (0 if isCut else 1),), generator=generator).tolist()
    return drawn if isCut else drawn + [END]


GIVEN = [[[completion(sample) for sample in range(SAMPLES)] for _ in PROMPTS] for _ in range(ROUNDS)]


def rewards(completion_ids, **_):
    return [-0.1 * len(ids) + 0.01 * (ids[0] % 7) for ids in completion_ids]


def run(trainer_class, config_class, **options):
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    losses = []

    class Given(trainer_class):
        round = 0

        def _generate_single_turn(self, prompt_ids, *_):
            place = [IDS.index(list(ids)) for ids in prompt_ids]
            taken = [place[:row].count(each) for row, each in enumerate(place)]
            ids = [GIVEN[self.round][prompt][sample] for prompt, sample in zip(place, taken)]
            self.round += 1
            return ids if trainer_class is RLOOTrainer else (ids, None)

        def compute_loss(self, *args, **more):
            found = super().compute_loss(*args, **more)
            losses.append(found.item())
            return found

    with tempfile.TemporaryDirectory() as folder:
        config = config_class(
            output_dir=folder,
            per_device_train_batch_size=len(PROMPTS) * SAMPLES,
            num_generations=SAMPLES,
            max_completion_length=MOST,
            temperature=TEMPERATURE,
            lr_scheduler_type="constant",
            optim="adamw_torch",
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
        dataset = Dataset(pyarrow.table({"prompt": PROMPTS}), fingerprint="prompts")
        trainer = Given(model=model, reward_funcs=rewards, args=config, train_dataset=dataset, processing_class=tokenizer)
        trainer.train()
    model = trainer.model.eval()
    scored = []
    for prompt, completions in zip(IDS, GIVEN[0]):
        for ids in completions:
            with torch.no_grad():
                logits = model(torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1] / TEMPERATURE
            scored.append(logits.log_softmax(-1).gather(1, torch.tensor(ids)[:, None])[:, 0].tolist())
    return {"losses": losses, "logProbabilities": scored}


reference = {
    "versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers_version, "trl": trl.__version__},
    "settings": {"samples": SAMPLES, "mostTokens": MOST, "temperature": TEMPERATURE, **SETTINGS},
    "prompts": IDS,
    "completions": GIVEN,
    "rewards": [[rewards(group) for group in groups] for groups in GIVEN],
    "end": END,
    "grpo": run(GRPOTrainer, GRPOConfig, max_steps=2 * ROUNDS, num_iterations=2, beta=0.1),
    "masked": run(GRPOTrainer, GRPOConfig, max_steps=ROUNDS, loss_type="grpo", mask_truncated_completions=True),
    "rloo": run(RLOOTrainer, RLOOConfig, max_steps=2 * ROUNDS, num_iterations=2, beta=0.05),
}
(HERE / "policy-steps.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
