"""Makes adamw.reference.json: AdamW, clipping, accumulation and schedules as PyTorch and transformers do them.

    python adamw.py > adamw.reference.json
"""
import json

import torch
from transformers import get_scheduler

from numbers_stream import numbers, rounded, tensor

UPDATES, MICRO_BATCHES = 50, 2
SHAPES = {"weight": [5, 7], "bias": [7], "table": [11, 3]}
DECAYED = {"weight", "table"}
TABLE_IDS = [3, 0, 3, 7, 3, 9]  # rows 1, 2, 4, 5, 6, 8, 10 never have a gradient


def values(parameters):
    return {name: rounded(value) for name, value in parameters.items()}


def case(fused, schedule, warmup, max_norm, weight_decay, betas, eps, seed):
    stream = numbers(seed)
    parameters = {name: torch.nn.Parameter(tensor(stream, shape)) for name, shape in SHAPES.items()}
    start = values(parameters)
    groups = [
        {"params": [p for n, p in parameters.items() if n in DECAYED], "weight_decay": weight_decay},
        {"params": [p for n, p in parameters.items() if n not in DECAYED], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=betas, eps=eps, fused=fused)
    scheduler = get_scheduler(schedule, optimizer, num_warmup_steps=warmup, num_training_steps=UPDATES)
    rates, norms, snapshots = [], [], {}
    for update in range(1, UPDATES + 1):
        scale = 0.05 + next(stream) + 0.5  # so that some norms are below the limit and some above
        for _ in range(MICRO_BATCHES):
            loss = (parameters["weight"] * tensor(stream, SHAPES["weight"], scale)).sum()
            loss = loss + (parameters["bias"] * tensor(stream, SHAPES["bias"], scale)).sum()
            rows = parameters["table"][torch.tensor(TABLE_IDS)]
            loss = loss + (rows * tensor(stream, [len(TABLE_IDS), 3], scale)).sum()
            (loss / MICRO_BATCHES).backward()
        limit = float("inf") if max_norm is None else max_norm
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), limit).item())
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        if update in (1, 2, 10, UPDATES):
            snapshots[update] = values(parameters)
    schedule_name = {"constant_with_warmup": "constant"}.get(schedule, schedule)
    return {
        "options": {"schedule": schedule_name, "warmupUpdates": warmup, "peakLearningRate": 0.01, "maxGradientNorm": max_norm,
                    "weightDecay": weight_decay, "beta1": betas[0], "beta2": betas[1], "epsilon": eps},
        "seed": seed, "start": start, "learningRates": rates, "gradientNorms": norms, "snapshots": snapshots,
    }


print(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0], "transformers": __import__("transformers").__version__},
    "updates": UPDATES, "microBatches": MICRO_BATCHES, "tableIds": TABLE_IDS, "shapes": SHAPES,
    "cases": {
        "constant, no clipping": case(False, "constant_with_warmup", 0, None, 0.01, (0.9, 0.999), 1e-8, 1),
        "warm-up then linear, clipped": case(False, "linear", 5, 1.0, 0.1, (0.9, 0.999), 1e-8, 2),
        "warm-up then cosine, clipped, fused": case(True, "cosine", 10, 0.7, 0.05, (0.8, 0.95), 1e-6, 3),
        "warm-up then constant, no decay": case(False, "constant_with_warmup", 7, 1.0, 0.0, (0.9, 0.98), 1e-8, 4),
    },
}))
