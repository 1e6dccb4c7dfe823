"""Updates by the lines of TRL's OnlineDPOTrainer and PPOTrainer on the tiny Llama of ../decoders, from the completions
and rewards of policy-steps.reference.json: losses of the updates, and what the models give at the end.

    pip install -r ../hugging-face/requirements.txt && pip install trl==1.10.0
    python tests/numerics/reference/trl/online-steps.py

Writes online-steps.reference.json beside this file. PPO's values begin as the model with a head of zeros, with an
optimizer of their own; each completion is computed by itself, so that its score is at its last token.
"""

import copy
import inspect
import json
import textwrap
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from transformers import AutoModelForCausalLM
from trl.experimental.online_dpo import online_dpo_trainer
from trl.experimental.online_dpo.online_dpo_trainer import OnlineDPOTrainer
from trl.experimental.ppo import ppo_trainer
from trl.experimental.ppo.ppo_trainer import PPOTrainer

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "decoders" / "llama"
GIVEN = json.loads((HERE / "policy-steps.reference.json").read_text())
TEMPERATURE = GIVEN["settings"]["temperature"]
RATE, BETA, EPOCHS, KL = 1e-3, 0.2, 2, 0.05


def lines(function, first, last):
    """The lines of a function's source from the one that begins with `first` to the one that begins with `last`."""
    source = inspect.getsource(function).split("\n")
    begin = next(i for i, line in enumerate(source) if line.strip().startswith(first))
    end = next(i for i, line in enumerate(source) if i > begin and line.strip().startswith(last))
    return textwrap.dedent("\n".join(source[begin : end + 1]))


def log_probabilities(model, prompt, ids):
    logits = model(torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1] / TEMPERATURE
    return logits.log_softmax(-1).gather(1, torch.tensor(ids)[:, None])[:, 0]


def rows_of(round, samples):
    """(prompt, completion, reward) of a round, prompt by prompt."""
    return [
        (prompt, ids, reward)
        for prompt, completions, rewards in zip(GIVEN["prompts"], GIVEN["completions"][round], GIVEN["rewards"][round])
        for ids, reward in list(zip(completions, rewards))[:samples]
    ]


def optimizer_of(parameters):
    return torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)


def update(parameters, optimizer, loss):
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad()


def numbers(tensor):
    return [round(float(value), 6) for value in tensor.detach().double().reshape(-1)]


def load():
    return AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()


def online_dpo(loss_type):
    policy, reference = load(), load()
    parameters = list(policy.parameters())
    optimizer = optimizer_of(parameters)
    losses = []
    for index in range(len(GIVEN["completions"])):
        rows = rows_of(index, 2)
        rows = rows[0::2] + rows[1::2]  # TRL has first completions before second ones
        longest = max(len(ids) for _, ids, _ in rows)
        pad = lambda values: torch.nn.functional.pad(values, (0, longest - len(values)))
        now = torch.stack([pad(log_probabilities(policy, prompt, ids)) for prompt, ids, _ in rows])
        with torch.no_grad():
            ref = torch.stack([pad(log_probabilities(reference, prompt, ids)) for prompt, ids, _ in rows])
        scope = {
            **vars(online_dpo_trainer),
            "self": SimpleNamespace(args=SimpleNamespace(loss_type=loss_type), beta=BETA),
            "rewards": torch.tensor([reward for _, _, reward in rows]),
            "batch_size": len(rows) // 2,
            "device": "cpu",
            "logprobs": now,
            "ref_logprobs": ref,
            "completion_mask": torch.stack([pad(torch.ones(len(ids))) for _, ids, _ in rows]).long(),
        }
        exec(lines(OnlineDPOTrainer.training_step, "first_half, second_half", "loss = losses.mean()"), scope)
        losses.append(float(scope["loss"]))
        update(parameters, optimizer, scope["loss"])
    end = [numbers(log_probabilities(policy, prompt, ids)) for prompt, ids, _ in rows_of(0, 2)]
    return {"losses": losses, "logProbabilities": end}


class Values(torch.nn.Module):
    """A value before each token of a completion."""

    def __init__(self, model):
        super().__init__()
        self.trunk = copy.deepcopy(model.model)
        self.head = torch.nn.Linear(model.config.hidden_size, 1)
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, prompt, ids):
        states = self.trunk(torch.tensor([prompt + ids])).last_hidden_state[0, len(prompt) - 1 : -1]
        return self.head(states)[:, 0]


def ppo():
    policy, reference = load(), load()
    values = Values(policy)
    sides = [[list(model.parameters()), optimizer_of(model.parameters())] for model in (policy, values)]
    args = SimpleNamespace(
        kl_coef=KL, kl_estimator="k1", gamma=1.0, lam=0.95, cliprange=0.2, cliprange_value=0.2, vf_coef=1.0
    )
    of_rewards = lines(PPOTrainer.train, "logr = ref_logprobs", "rewards[actual_start, actual_end] += scores")
    gae = lines(PPOTrainer.train, "lastgaelam = 0", "returns = advantages + values")
    of_losses = lines(PPOTrainer.train, "vpred = torch.masked_fill(", "loss = pg_loss")

    def run(code, **scope):
        scope = {**vars(ppo_trainer), "args": args, **scope}
        exec(code, scope)
        return scope

    losses, value_losses = [], []
    for index in range(len(GIVEN["completions"])):
        rows = rows_of(index, None)
        with torch.no_grad():
            old = [log_probabilities(policy, prompt, ids) for prompt, ids, _ in rows]
            ref = [log_probabilities(reference, prompt, ids) for prompt, ids, _ in rows]
            before = [values(prompt, ids) for prompt, ids, _ in rows]
            advantages, returns = [], []
            for row, (_, ids, reward) in enumerate(rows):
                n = len(ids)
                of_row = run(
                    of_rewards,
                    logprobs=old[row][None],
                    ref_logprobs=ref[row][None],
                    sequence_lengths=torch.tensor([n - 1]),
                    sequence_lengths_p1=torch.tensor([n]),
                    scores=torch.tensor([reward]),
                )
                found = run(gae, rewards=of_row["rewards"], values=before[row][None], responses=torch.zeros(1, n))
                advantages.append(found["advantages"][0])
                returns.append(found["returns"][0])
            flat = torch.cat(advantages)[None]
            whitened = ppo_trainer.masked_whiten(flat, torch.ones_like(flat, dtype=torch.bool))
        none = torch.zeros_like(flat, dtype=torch.bool)
        for _ in range(EPOCHS):
            scope = run(
                of_losses,
                micro_batch_inds=torch.tensor([0]),
                padding_mask=none,
                padding_mask_p1=none,
                vpred=torch.cat([values(prompt, ids) for prompt, ids, _ in rows])[None],
                mb_values=torch.cat(before)[None],
                mb_return=torch.cat(returns)[None],
                mb_advantage=whitened,
                mb_logprobs=torch.cat(old)[None],
                new_logprobs=torch.cat([log_probabilities(policy, prompt, ids) for prompt, ids, _ in rows])[None],
            )
            losses.append(float(scope["pg_loss"]))
            value_losses.append(float(scope["vf_loss"]))
            for (parameters, optimizer), loss in zip(sides, (scope["pg_loss"], scope["vf_loss"])):
                update(parameters, optimizer, loss)
    return {
        "losses": losses[::EPOCHS],
        "valueLosses": value_losses[::EPOCHS],
        "logProbabilities": [numbers(log_probabilities(policy, prompt, ids)) for prompt, ids, _ in rows_of(0, None)],
        "values": [numbers(values(prompt, ids)) for prompt, ids, _ in rows_of(0, None)],
    }


reference = {
    "versions": {"torch": torch.__version__.split("+")[0], "trl": trl.__version__},
    "settings": {"learningRate": RATE, "beta": BETA, "iterations": EPOCHS, "klWeight": KL},
    "sigmoid": online_dpo("sigmoid"),
    "ipo": online_dpo("ipo"),
    "ppo": ppo(),
}
(HERE / "online-steps.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
