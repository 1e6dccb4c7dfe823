"""Losses, gradients, rewards of tokens, advantages and returns of TRL's OnlineDPOTrainer and PPOTrainer at given
log-probabilities, values and rewards: the lines of the trainers that compute them are taken from their source and run.

    pip install trl==1.10.0
    python tests/numerics/reference/trl/online-losses.py

Writes online-losses.reference.json beside this file. PPO's lines make rewards and advantages of each completion by
itself, so that its score stands at its last token: where a completion ends before others of its batch, TRL puts the
score on a position after its end, which has a value of its own. What TRL lacks is written from the papers: the limit of
a ratio at negative advantages (Ye et al. 2020, arXiv:1912.09729, equation 5), and the adaptive weight of the divergence
(Ziegler et al. 2019, arXiv:1909.08593, section 2.2).
"""

import inspect
import json
import textwrap
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from trl.experimental.online_dpo import online_dpo_trainer
from trl.experimental.online_dpo.online_dpo_trainer import OnlineDPOTrainer
from trl.experimental.ppo import ppo_trainer
from trl.experimental.ppo.ppo_trainer import PPOTrainer

HERE = Path(__file__).resolve().parent
MOST = 6
generator = torch.Generator().manual_seed(11)


def drawn(*shape, scale=1.0):
    values = torch.randn(*shape, generator=generator) * scale
    return (values * 4096).round() / 4096  # few digits


def numbers(tensor):
    return [float(value) for value in tensor.double().reshape(-1)]


def of_tokens(tensor, lengths):
    return [numbers(row[:n]) for row, n in zip(tensor, lengths)]


def lines(function, first, last, after=""):
    """The lines of a function's source from the one that begins with `first` to the one that begins with `last`."""
    source = inspect.getsource(function).split("\n")
    start = next(i for i, line in enumerate(source) if line.strip().startswith(after))
    begin = next(i for i, line in enumerate(source) if i >= start and line.strip().startswith(first))
    end = next(i for i, line in enumerate(source) if i > begin and line.strip().startswith(last))
    return textwrap.dedent("\n".join(source[begin : end + 1]))


# Online DPO: completions 0 to 4 and 5 to 9 are pairs.
PAIRS = 5
LENGTHS = [4, 1, 6, 2, 5, 3, 5, 6, 1, 2]
MASK = torch.tensor([[int(t < n) for t in range(MOST)] for n in LENGTHS])
REF = -drawn(2 * PAIRS, MOST).abs() - 0.1
NOW = (REF + drawn(2 * PAIRS, MOST, scale=0.5)).clamp(max=-0.001)
REWARDS = drawn(2 * PAIRS)


def online_dpo(loss_type, beta):
    leaf = NOW.clone().requires_grad_(True)
    scope = {
        **vars(online_dpo_trainer),
        "self": SimpleNamespace(args=SimpleNamespace(loss_type=loss_type), beta=beta),
        "rewards": REWARDS,
        "batch_size": PAIRS,
        "device": "cpu",
        "logprobs": leaf,
        "ref_logprobs": REF,
        "completion_mask": MASK,
    }
    exec(lines(OnlineDPOTrainer.training_step, "first_half, second_half", "loss = losses.mean()"), scope)
    scope["loss"].backward()
    return {"loss": scope["loss"].item(), "gradients": of_tokens(leaf.grad, LENGTHS)}


# PPO.
OF_PPO = [4, 1, 6, 2, 5, 3]
R = len(OF_PPO)
PPO_MASK = torch.tensor([[t < n for t in range(MOST)] for n in OF_PPO])
OLD = -drawn(R, MOST).abs() - 0.1
PPO_REF = (OLD + drawn(R, MOST, scale=0.3)).clamp(max=-0.001)
PPO_NOW = (OLD + drawn(R, MOST, scale=0.25)).clamp(max=-0.001)
VALUES = drawn(R, MOST)
VALUES_NOW = VALUES + drawn(R, MOST, scale=0.3)
SCORES = drawn(R)


def advantages(kl_coef=0.05, kl_estimator="k1", gamma=1.0, lam=0.95, whiten_rewards=False):
    args = SimpleNamespace(
        kl_coef=kl_coef, kl_estimator=kl_estimator, gamma=gamma, lam=lam, whiten_rewards=whiten_rewards
    )
    of_rewards = lines(PPOTrainer.train, "logr = ref_logprobs", "rewards[actual_start, actual_end] += scores")
    whiten = lines(PPOTrainer.train, "if args.whiten_rewards:", "rewards = torch.masked_fill(", after="# 5. whiten")
    gae = lines(PPOTrainer.train, "lastgaelam = 0", "returns = advantages + values")
    mask = torch.ones(1, 1, dtype=torch.bool)

    def run(code, **scope):
        scope = {**vars(ppo_trainer), "args": args, **scope}
        exec(code, scope)
        return scope

    rewards = []
    for row, n in enumerate(OF_PPO):
        of_row = run(
            of_rewards,
            logprobs=OLD[row : row + 1, :n],
            ref_logprobs=PPO_REF[row : row + 1, :n],
            sequence_lengths=torch.tensor([n - 1]),
            sequence_lengths_p1=torch.tensor([n]),
            scores=SCORES[row : row + 1],
        )
        rewards.append(of_row["rewards"][0])
    flat = torch.cat(rewards)[None]
    flat = run(whiten, rewards=flat, padding_mask_p1=torch.zeros_like(flat, dtype=torch.bool))["rewards"][0]
    rewards = flat.split(OF_PPO)
    found = [
        run(gae, rewards=row[None], values=VALUES[i : i + 1, : len(row)], responses=row[None])
        for i, row in enumerate(rewards)
    ]
    raw = torch.cat([each["advantages"][0] for each in found])[None]
    whitened = ppo_trainer.masked_whiten(raw, torch.ones_like(raw, dtype=torch.bool))
    return {
        "rewards": [numbers(row) for row in rewards],
        "returns": [numbers(each["returns"]) for each in found],
        "advantages": [numbers(row) for row in whitened[0].split(OF_PPO)],
    }


ADVANTAGES = {
    "usual": advantages(),
    "k3": advantages(kl_estimator="k3", kl_coef=0.4),
    "discounted": advantages(gamma=0.9, lam=0.8),
    "whitened": advantages(whiten_rewards=True),
}


def padded(rows):
    return torch.tensor([[*row, *[0.0] * (MOST - len(row))] for row in rows])


RETURNS, A = padded(ADVANTAGES["usual"]["returns"]), padded(ADVANTAGES["usual"]["advantages"])


def losses(cliprange=0.2, cliprange_value=0.2):
    """PPO's losses of policy and values, and their gradients."""
    now, vpred = PPO_NOW.clone().requires_grad_(True), VALUES_NOW.clone().requires_grad_(True)
    rows = torch.arange(R)
    scope = {
        **vars(ppo_trainer),
        "args": SimpleNamespace(cliprange=cliprange, cliprange_value=cliprange_value, vf_coef=1.0),
        "micro_batch_inds": rows,
        "padding_mask": ~PPO_MASK,
        "padding_mask_p1": ~PPO_MASK,
        "vpred": vpred,
        "mb_values": VALUES,
        "mb_return": RETURNS,
        "mb_advantage": A,
        "mb_logprobs": OLD,
        "new_logprobs": now,
    }
    exec(lines(PPOTrainer.train, "vpred = torch.masked_fill(", "loss = pg_loss"), scope)
    scope["loss"].backward()
    return {
        "policyLoss": scope["pg_loss"].item(),
        "valueLoss": scope["vf_loss"].item(),
        "valueClipped": scope["vf_clipfrac"].item(),
        "policyGradients": of_tokens(now.grad, OF_PPO),
        "valueGradients": of_tokens(vpred.grad, OF_PPO),
    }


def dual_clip(most, clip=0.2):
    now = PPO_NOW.clone().requires_grad_(True)
    ratio = (now - OLD).exp()
    objective = torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    objective = torch.where(A < 0, torch.max(objective, most * A), objective)
    loss = -(objective * PPO_MASK).sum() / PPO_MASK.sum()
    loss.backward()
    return {"policyLoss": loss.item(), "policyGradients": of_tokens(now.grad, OF_PPO)}


def adaptive(weight, target, horizon, steps):
    """Weights of the divergence after each step of (its mean, completions)."""
    weights = []
    for kl, completions in steps:
        error = min(max(kl / target - 1, -0.2), 0.2)
        weight *= 1 + error * completions / horizon
        weights.append(weight)
    return weights


CONTROL = {"weight": 0.05, "target": 6.0, "horizon": 1000.0, "steps": [[9.0, 64], [5.5, 64], [0.1, 32], [6.3, 8]]}

reference = {
    "versions": {"torch": torch.__version__.split("+")[0], "trl": trl.__version__},
    "pairs": {
        "now": of_tokens(NOW, LENGTHS),
        "ref": of_tokens(REF, LENGTHS),
        "rewards": numbers(REWARDS),
        "cases": {
            "sigmoid": online_dpo("sigmoid", 0.1),
            "sigmoid, β 0.7": online_dpo("sigmoid", 0.7),
            "ipo": online_dpo("ipo", 0.1),
        },
    },
    "ppo": {
        "now": of_tokens(PPO_NOW, OF_PPO),
        "old": of_tokens(OLD, OF_PPO),
        "ref": of_tokens(PPO_REF, OF_PPO),
        "values": of_tokens(VALUES, OF_PPO),
        "valuesNow": of_tokens(VALUES_NOW, OF_PPO),
        "scores": numbers(SCORES),
        "advantages": ADVANTAGES,
        "losses": {"usual": losses(), "narrow": losses(cliprange=0.05, cliprange_value=0.05)},
        "dualClip": {"most": 1.25, **dual_clip(1.25)},
    },
    "control": {**CONTROL, "weights": adaptive(CONTROL["weight"], CONTROL["target"], CONTROL["horizon"], CONTROL["steps"])},
}
(HERE / "online-losses.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
