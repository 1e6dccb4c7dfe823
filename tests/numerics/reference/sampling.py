"""Distributions after transformers' logits processors and warpers, and the last float of softmax by each:

    python tests/numerics/reference/sampling.py

Made with transformers 5.24. The order is that of its generation: repetition penalty, temperature, top-k, top-p, min-p.
"""
import json
from pathlib import Path

import torch
from transformers import LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

HERE = Path(__file__).parent
SETTINGS = [
    {}, {"temperature": 0.5}, {"temperature": 2.0}, {"topK": 1}, {"topK": 7}, {"topK": 500}, {"topP": 0.9}, {"topP": 0.3}, {"topP": 0.01},
    {"minP": 0.1}, {"minP": 0.9}, {"temperature": 0.7, "topK": 20, "topP": 0.8}, {"temperature": 1.5, "topP": 0.95, "minP": 0.05},
    {"temperature": 0.8, "topK": 12, "topP": 0.9, "minP": 0.2}, {"repetitionPenalty": 1.3}, {"repetitionPenalty": 0.8, "topK": 5},
    {"repetitionPenalty": 2.0, "temperature": 0.6, "topP": 0.7},
]

if __name__ == "__main__":
    torch.manual_seed(3)
    logits = (torch.randn(60) * 2.5).float()
    seen = [3, 17, 17, 41, 5]
    cases = []
    for setting in SETTINGS:
        steps = LogitsProcessorList()
        if "repetitionPenalty" in setting:
            steps.append(RepetitionPenaltyLogitsProcessor(setting["repetitionPenalty"]))
        steps.append(TemperatureLogitsWarper(float(setting.get("temperature", 1.0))))
        if "topK" in setting:
            steps.append(TopKLogitsWarper(setting["topK"]))
        if "topP" in setting:
            steps.append(TopPLogitsWarper(setting["topP"]))
        if "minP" in setting:
            steps.append(MinPLogitsWarper(setting["minP"]))
        warped = steps(torch.tensor([seen]), logits[None].clone())[0]
        probabilities = torch.softmax(warped.double(), -1)
        cases.append({"setting": setting, "probabilities": {int(i): float(probabilities[i]) for i in probabilities.nonzero().flatten()}})
    logProbabilities = torch.log_softmax(logits.double(), -1)
    reference = {"logits": logits.tolist(), "seen": seen, "logProbabilities": logProbabilities.tolist(), "cases": cases}
    (HERE / "sampling.reference.json").write_text(json.dumps(reference) + "\n")
