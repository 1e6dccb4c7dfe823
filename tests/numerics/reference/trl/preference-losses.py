"""Makes preference-losses.reference.json: preference losses and gradients by TRL's code at given log-probabilities.

TRL's trainers get a model whose log-probabilities of tokens are given, so that all that follows is theirs. What TRL
lacks (label smoothing of DPO, margins of strengths) is written from the papers.

    python preference-losses.py > preference-losses.reference.json
"""
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from torch.nn import functional as F
from trl.experimental.cpo import cpo_trainer
from trl.experimental.orpo import orpo_trainer
from trl.trainer import dpo_trainer, kto_trainer

sys.path.append(str(Path(__file__).parent.parent))  # last: files beside numbers_stream.py have names of libraries
from numbers_stream import numbers, rounded  # noqa: E402

PAIRS = 24
LONGEST = 9

stream = numbers(41)
# Answers of 1 to 9 tokens, after one token of a prompt; the first pair's answers are as long as each other.
lengths = [[5, 5]] + [[1 + int((next(stream) + 0.5) * LONGEST) for _ in range(2)] for _ in range(PAIRS - 1)]
mask = torch.zeros(2 * PAIRS, LONGEST + 1, dtype=torch.long)
for pair, (chosen, rejected) in enumerate(lengths):
    mask[pair, 1:1 + chosen] = 1
    mask[PAIRS + pair, 1:1 + rejected] = 1


def log_probabilities(scale):
    drawn = [[-(next(stream) + 0.5) * scale - 0.01 for _ in range(LONGEST)] for _ in range(2 * PAIRS)]
    return torch.tensor(drawn) * mask[:, 1:]


tokens = log_probabilities(4.0)
# Of the last two pairs one answer is nearly certain, and one hopeless.
tokens[PAIRS - 1] = mask[PAIRS - 1, 1:] * -1e-3
tokens[2 * PAIRS - 1] = mask[2 * PAIRS - 1, 1:] * -40.0
reference = log_probabilities(4.0)
certainty = torch.tensor([1.0 if pair % 3 == 0 else round(0.5 + (next(stream) + 0.5) / 2, 4) for pair in range(PAIRS)])
strength = torch.tensor([float(pair % 4) for pair in range(PAIRS)])


class Alone:
    """An accelerator of one process."""
    device = torch.device("cpu")
    gather = gather_for_metrics = staticmethod(lambda tensor: tensor)


def answer(loss_of):
    """Losses, and their gradients by the sums of chosen and rejected answers."""
    leaf = tokens.clone().requires_grad_()
    losses = loss_of(leaf)
    losses.mean().backward()
    gradient = leaf.grad[:, 0] * PAIRS  # an answer's first token always counts once
    return {"loss": rounded(losses.mean())[0], **({"losses": rounded(losses)} if losses.ndim else {}),
            "chosen": rounded(gradient[:PAIRS]), "rejected": rounded(gradient[PAIRS:])}


def sums(leaf):
    return leaf.sum(-1).chunk(2)


def dpo(loss_type, beta, label_smoothing=0.0, ld_alpha=None):
    trainer = dpo_trainer.DPOTrainer.__new__(dpo_trainer.DPOTrainer)
    trainer.accelerator = Alone()
    trainer.model = SimpleNamespace(training=True)
    trainer.aux_loss_enabled = trainer.use_weighting = False
    trainer.ld_alpha, trainer.beta, trainer.label_smoothing = ld_alpha, beta, label_smoothing
    trainer.precompute_ref_logps = True
    trainer.f_divergence_type = "reverse_kl"
    trainer.loss_types, trainer.loss_weights = [loss_type], [1.0]
    trainer._metrics = {"train": defaultdict(list)}
    trainer._total_train_tokens = 0

    def tail_weighted(values):
        if ld_alpha is None:
            return values.sum(-1)
        shared = torch.minimum(*mask.sum(-1).chunk(2)).repeat(2)
        place = torch.arange(1, LONGEST + 1)
        return (values * torch.where(place <= shared[:, None], 1.0, ld_alpha)).sum(-1)

    chosen, rejected = tail_weighted(reference).chunk(2)
    inputs = {"input_ids": torch.zeros_like(mask), "attention_mask": torch.ones_like(mask), "completion_mask": mask,
              "ref_chosen_logps": chosen, "ref_rejected_logps": rejected}

    def loss_of(leaf):
        dpo_trainer.selective_log_softmax = lambda logits, labels: leaf * 1
        model = lambda **_: SimpleNamespace(logits=torch.zeros(2 * PAIRS, LONGEST + 1, 3))
        return trainer._compute_loss(model, inputs, False)

    return loss_of


def by_paper(beta, label_smoothing, margin, per_token=False, robust=False):
    """−c log σ(z) − (1 − c) log σ(−z), c with label smoothing, z = β d − margin · strength."""
    def loss_of(leaf):
        (chosen, rejected), (ref_chosen, ref_rejected) = sums(leaf), sums(reference)
        n_chosen, n_rejected = mask.sum(-1).chunk(2) if per_token else (1, 1)
        z = beta * ((chosen - ref_chosen) / n_chosen - (rejected - ref_rejected) / n_rejected) - margin * strength
        c, epsilon = certainty, label_smoothing
        if robust:
            clean = -c * F.logsigmoid(z) - (1 - c) * F.logsigmoid(-z)
            flipped = -c * F.logsigmoid(-z) - (1 - c) * F.logsigmoid(z)
            return ((1 - epsilon) * clean - epsilon * flipped) / (1 - 2 * epsilon)
        right = c * (1 - epsilon) + (1 - c) * epsilon
        return -right * F.logsigmoid(z) - (1 - right) * F.logsigmoid(-z)
    return loss_of


def cpo(loss_type, beta, gamma=0.0, label_smoothing=0.0):
    trainer = SimpleNamespace(alpha=0.0, loss_type=loss_type, simpo_gamma=gamma, beta=beta,
                              label_smoothing=label_smoothing, accelerator=Alone())

    def loss_of(leaf):
        values = leaf.sum(-1) / (mask.sum(-1) if loss_type == "simpo" else 1)
        return cpo_trainer.CPOTrainer.cpo_loss(trainer, *values.chunk(2))[0]

    return loss_of


def orpo(beta):
    trainer = SimpleNamespace(beta=beta, accelerator=Alone())

    def loss_of(leaf):
        values = leaf.sum(-1) / mask.sum(-1)
        return -orpo_trainer.ORPOTrainer.odds_ratio_loss(trainer, *values.chunk(2))[0]

    return loss_of


def kto(loss_type, beta, desirable, undesirable, shift):
    """All 48 answers, every third of them bad; mismatched ones are `shift` nats likelier than by the reference."""
    trainer = kto_trainer.KTOTrainer.__new__(kto_trainer.KTOTrainer)
    trainer.accelerator = Alone()
    trainer.model = SimpleNamespace(training=True)
    trainer.aux_loss_enabled = False
    trainer.precompute_ref_logps, trainer.calculate_KL = True, loss_type == "kto"
    trainer.loss_type, trainer.beta = loss_type, beta
    trainer.desirable_weight, trainer.undesirable_weight = desirable, undesirable
    trainer._metrics = {"train": defaultdict(list)}
    trainer._total_train_tokens = 0
    trainer._compute_kl_logps = lambda model, batch: reference.sum(-1).roll(1) + shift
    inputs = {"input_ids": torch.zeros_like(mask), "attention_mask": torch.ones_like(mask), "completion_mask": mask,
              "label": torch.tensor([row % 3 != 2 for row in range(2 * PAIRS)]),
              "ref_logps": reference.sum(-1), "ref_KL_logps": reference.sum(-1).roll(1)}

    def loss_of(leaf):
        kto_trainer.selective_log_softmax = lambda logits, labels: leaf * 1
        model = lambda **_: SimpleNamespace(logits=torch.zeros(2 * PAIRS, LONGEST + 1, 3))
        return trainer._compute_loss(model, inputs, False)

    return loss_of


def case(objective, loss_of, **more):
    # A sum is of both answers of a pair; TRL's mean of KTO is over twice as many.
    found = answer(loss_of)
    if objective["kind"] == "kto":
        for side in ("chosen", "rejected"):
            found[side] = [value * 2 for value in found[side]]
    return {"objective": objective, **more, **found}


def dpo_case(loss, trl_loss, beta, label_smoothing=0.0, tail=1.0, **more):
    objective = {"kind": "dpo", "loss": loss, "beta": beta, "labelSmoothing": label_smoothing, "sftWeight": 0,
                 "tailWeight": tail, "strengthMargin": 0}
    return case(objective, dpo(trl_loss, beta, label_smoothing, None if tail == 1 else tail), **more)


def paper_case(loss, beta, label_smoothing, margin, **forms):
    objective = {"kind": "dpo", "loss": loss, "beta": beta, "labelSmoothing": label_smoothing, "sftWeight": 0,
                 "tailWeight": 1, "strengthMargin": margin}
    return case(objective, by_paper(beta, label_smoothing, margin, **forms), isGraded=True)


cases = {
    "DPO": dpo_case("sigmoid", "sigmoid", 0.1),
    "DPO, β 0.5": dpo_case("sigmoid", "sigmoid", 0.5),
    "DPO of a token": dpo_case("sigmoidPerToken", "sigmoid_norm", 5.0),
    "LD-DPO": dpo_case("sigmoid", "sigmoid", 0.1, tail=0.5),
    "robust DPO": dpo_case("robust", "robust", 0.1, 0.1),
    "hinge": dpo_case("hinge", "hinge", 0.05),
    "IPO": dpo_case("ipo", "ipo", 0.1),
    "APO zero": dpo_case("apoZero", "apo_zero", 0.1),
    "APO down": dpo_case("apoDown", "apo_down", 0.1),
    "cDPO with soft labels": paper_case("sigmoid", 0.1, 0.1, 0),
    "DPO with margins of strengths": paper_case("sigmoid", 0.3, 0.0, 0.7),
    "cDPO of a token with margins": paper_case("sigmoidPerToken", 4.0, 0.2, 0.5, per_token=True),
    "robust DPO with soft labels": paper_case("robust", 0.2, 0.2, 0, robust=True),
    "ORPO": case({"kind": "orpo", "beta": 0.1, "learnsPrompts": False}, orpo(0.1)),
    "ORPO, β 1": case({"kind": "orpo", "beta": 1.0, "learnsPrompts": False}, orpo(1.0)),
    "SimPO": case({"kind": "simpo", "beta": 2.0, "gamma": 1.0, "labelSmoothing": 0, "sftWeight": 0},
                  cpo("simpo", 2.0, 1.0)),
    "SimPO with label smoothing": case(
        {"kind": "simpo", "beta": 2.5, "gamma": 1.375, "labelSmoothing": 0.1, "sftWeight": 0},
        cpo("simpo", 2.5, 1.375, 0.1)),
    "CPO": case({"kind": "cpo", "beta": 0.1, "labelSmoothing": 0, "sftWeight": 0}, cpo("sigmoid", 0.1)),
    "CPO with label smoothing": case({"kind": "cpo", "beta": 0.2, "labelSmoothing": 0.1, "sftWeight": 0},
                                     cpo("sigmoid", 0.2, 0.0, 0.1)),
    "KTO": case({"kind": "kto", "loss": "kto", "beta": 0.1, "desirableWeight": 1, "undesirableWeight": 1},
                kto("kto", 0.1, 1.0, 1.0, 1.5), shift=1.5),
    "KTO with weights and no divergence": case(
        {"kind": "kto", "loss": "kto", "beta": 0.3, "desirableWeight": 1.2, "undesirableWeight": 0.8},
        kto("kto", 0.3, 1.2, 0.8, -2.0), shift=-2.0),
    "unpaired APO zero": case(
        {"kind": "kto", "loss": "apoZero", "beta": 0.1, "desirableWeight": 1, "undesirableWeight": 1},
        kto("apo_zero_unpaired", 0.1, 1.0, 1.0, 3.0), shift=3.0),
}
print(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0], "trl": trl.__version__},
    "lengths": lengths, "tokens": [rounded(row) for row in tokens], "reference": [rounded(row) for row in reference],
    "certainty": rounded(certainty), "strength": rounded(strength), "cases": cases,
}))
