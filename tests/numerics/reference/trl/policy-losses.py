"""Losses, gradients and advantages of TRL's GRPOTrainer and RLOOTrainer at given log-probabilities and rewards. The
trainers' own `_compute_loss` is called without a model; the lines that make advantages of rewards are taken from
their source and run.

    pip install trl==1.10.0
    python tests/numerics/reference/trl/policy-losses.py

Writes policy-losses.reference.json beside this file. Two accumulated batches of three rows make an update.
"""

import inspect
import json
import textwrap
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from trl.trainer import grpo_trainer, rloo_trainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.rloo_trainer import RLOOTrainer

HERE = Path(__file__).resolve().parent
LENGTHS = [[4, 1, 6], [2, 5, 3]]
MASKED = [1, 0]  # the row of each batch that was cut off, where such rows are masked
MOST = 6
generator = torch.Generator().manual_seed(7)


def drawn(*shape, scale=1.0):
    values = torch.randn(*shape, generator=generator) * scale
    return (values * 4096).round() / 4096  # few digits


BATCHES = []
for lengths in LENGTHS:
    mask = torch.tensor([[float(t < n) for t in range(MOST)] for n in lengths])
    old = -drawn(3, MOST).abs() - 0.1
    now = (old + drawn(3, MOST, scale=0.25)).clamp(max=-0.001)
    ref = (now + drawn(3, MOST, scale=0.3)).clamp(max=-0.001)
    BATCHES.append({"lengths": lengths, "mask": mask, "old": old, "now": now, "ref": ref, "advantages": drawn(3)})


def fake(now, **settings):
    """What `_compute_loss` reads of a trainer."""
    identity = lambda value, *_, **__: value
    args = SimpleNamespace(delta=settings.pop("delta", None), use_bias_correction_kl=True)
    return SimpleNamespace(
        model=SimpleNamespace(training=True),
        args=args,
        accelerator=SimpleNamespace(gather=identity, reduce=identity, num_processes=1),
        _get_per_token_logps_and_entropies=lambda *_, **__: (now, torch.zeros_like(now), None),
        _metrics={"train": defaultdict(list)},
        aux_loss_enabled=False,
        top_entropy_quantile=1.0,
        off_policy_mask_threshold=None,
        use_vllm=False,
        _entropy_bonus_enabled=False,
        current_gradient_accumulation_steps=2,
        max_completion_length=MOST,
        **{"beta": 0.0, "importance_sampling_level": "token", "loss_type": "dapo", "epsilon_low": 0.2, "epsilon_high": 0.2, **settings},
    )


def inputs(batch, mask, items):
    ids = torch.zeros(3, MOST, dtype=torch.long)
    return {
        "prompt_ids": ids[:, :1],
        "prompt_mask": torch.ones(3, 1),
        "completion_ids": ids,
        "completion_mask": mask,
        "advantages": batch["advantages"],
        "old_per_token_logps": batch["old"],
        "old_logps": (batch["old"] * mask).sum(1),
        "ref_per_token_logps": batch["ref"],
        "num_items_in_batch": items,
    }


def numbers(tensor):
    return [float(value) for value in tensor.double().reshape(-1)]


def of_tokens(tensor, batch):
    return [numbers(row[:n]) for row, n in zip(tensor, batch["lengths"])]


def update(trainer, masks_truncated=False, **settings):
    masks = []
    for batch, masked in zip(BATCHES, MASKED):
        mask = batch["mask"].clone()
        if masks_truncated:
            mask[masked] = 0
        masks.append(mask)
    items = sum(mask.sum() for mask in masks)
    loss, gradients = 0.0, []
    for batch, mask in zip(BATCHES, masks):
        now = batch["now"].clone().requires_grad_(True)
        self = fake(now, steps_per_generation=2, **settings)
        self.args.steps_per_generation = 2
        part = trainer._compute_loss(self, None, inputs(batch, mask, items))
        if trainer is RLOOTrainer:
            part = part / 2  # transformers' Trainer divides it
        part.backward()
        loss += part.item()
        gradients.append(of_tokens(now.grad, batch))
    return {"loss": loss, "gradients": gradients}


CASES = {}
for loss_type in ["grpo", "bnpo", "dapo", "dr_grpo"]:
    CASES[loss_type] = update(GRPOTrainer, loss_type=loss_type)
    CASES[f"{loss_type}, masked"] = update(GRPOTrainer, masks_truncated=True, loss_type=loss_type)
CASES["clip-higher"] = update(GRPOTrainer, epsilon_low=0.1, epsilon_high=0.28)
CASES["two-sided"] = update(GRPOTrainer, delta=1.1)
CASES["kl"] = update(GRPOTrainer, beta=0.4)
CASES["gspo"] = update(GRPOTrainer, loss_type="grpo", importance_sampling_level="sequence", epsilon_low=0.05, epsilon_high=0.05)
CASES["rloo"] = update(RLOOTrainer)


def lines(function, first, last):
    """The lines of a function's source from the one that begins with `first` to the one that begins with `last`."""
    source = inspect.getsource(function).split("\n")
    begin = next(i for i, line in enumerate(source) if line.strip().startswith(first))
    end = next(i for i, line in enumerate(source) if i > begin and line.strip().startswith(last))
    return textwrap.dedent("\n".join(source[begin : end + 1]))


LAST = "advantages = torch.nan_to_num(advantages, nan=0.0)"
G = 4
REWARDS = drawn(12, 2)
REWARDS[5, 0] = float("nan")
REWARDS[9] = float("nan")
REWARDS[:4, 1] = 0.5
LOGPS, REFS = -drawn(12, 3).abs(), -drawn(12, 3).abs()
WEIGHTS = torch.tensor([1.0, 0.5])


def advantages(module, trainer, first, **settings):
    scope = {
        **vars(module),
        "self": SimpleNamespace(
            reward_weights=WEIGHTS, **{"beta": 0.0, "reward_clip_range": None, "reward_funcs": [None, None], **settings}
        ),
        "rewards_per_func": REWARDS,
        "unscorable_mask": torch.isnan(REWARDS).all(dim=1),
        "num_generations": G,
        "device": "cpu",
        "old_per_token_logps": LOGPS,
        "ref_per_token_logps": REFS,
        "completion_mask": torch.ones(12, 3),
        "gather": lambda value: value,
    }
    exec(lines(trainer._generate_and_score_completions, first, LAST), scope)
    return numbers(scope["advantages"])


def of_grpo(**settings):
    return advantages(grpo_trainer, GRPOTrainer, "if self.multi_objective_aggregation ==", **settings)


def of_rloo(**settings):
    return advantages(rloo_trainer, RLOOTrainer, "rewards = (rewards_per_func * self.reward_weights", **settings)


ADVANTAGES = {
    **{
        scale: of_grpo(multi_objective_aggregation="sum_then_normalize", scale_rewards=scale)
        for scale in ["group", "batch", "none"]
    },
    "separate": of_grpo(multi_objective_aggregation="normalize_then_sum", scale_rewards="group"),
    "leaveOneOut": of_rloo(normalize_advantages=False),
    "leaveOneOutNormalized": of_rloo(normalize_advantages=True),
    "leaveOneOutWithKl": of_rloo(normalize_advantages=False, beta=0.05),
}


def or_null(values):
    return [None if value != value else value for value in values]


reference = {
    "versions": {"torch": torch.__version__.split("+")[0], "trl": trl.__version__},
    "mostTokens": MOST,
    "masked": MASKED,
    "batches": [
        {
            "now": of_tokens(batch["now"], batch),
            "old": of_tokens(batch["old"], batch),
            "ref": of_tokens(batch["ref"], batch),
            "advantages": numbers(batch["advantages"]),
        }
        for batch in BATCHES
    ],
    "cases": CASES,
    "groups": {
        "size": G,
        "rewards": [or_null(numbers(REWARDS[:, source])) for source in range(2)],
        "weights": numbers(WEIGHTS),
        "kl": numbers((LOGPS - REFS).sum(1)),
    },
    "advantages": ADVANTAGES,
}
(HERE / "policy-losses.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
