"""PyTorch's side: the same commands as attune.mjs, the same workload, trained as transformers' Trainer does by default
(its own BertForSequenceClassification, fused AdamW, gradients clipped to norm 1).

Arguments: folder of the workload, dropout rate, threads.
"""
import json
import resource
import sys
import time
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

folder, dropout, threads = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(1)
workload = json.loads((folder / "workload.json").read_text())
config, options = workload["config"], workload["optimizer"]

model = BertForSequenceClassification(BertConfig(
    vocab_size=config["vocabularySize"], hidden_size=config["hiddenSize"], num_hidden_layers=config["layers"],
    num_attention_heads=config["attentionHeads"], intermediate_size=config["intermediateSize"],
    max_position_embeddings=config["maxPositions"], type_vocab_size=config["tokenTypes"],
    layer_norm_eps=config["layerNormEpsilon"], num_labels=workload["classes"],
    hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)).train()
parameters = {name.removeprefix("bert."): value for name, value in model.named_parameters()}
with torch.no_grad():
    offset = 0
    start = torch.from_file(str(folder / "start.f32"), size=sum(p.numel() for p in parameters.values()))
    for name in workload["parameters"]:
        parameters[name].copy_(start[offset:offset + parameters[name].numel()].reshape(parameters[name].shape))
        offset += parameters[name].numel()
    del start
decayed = [value for name, value in parameters.items() if value.dim() > 1]
others = [value for name, value in parameters.items() if value.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": options["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
    lr=options["learningRate"], betas=(options["beta1"], options["beta2"]), eps=options["epsilon"], fused=True)
shape = (workload["batchSize"], workload["tokens"])
batches = [(torch.tensor(b["ids"]).reshape(shape), torch.tensor(b["mask"]).reshape(shape), torch.tensor(b["labels"]))
           for b in workload["batches"]]
done = 0


def step():
    global done
    ids, mask, labels = batches[done % len(batches)]
    loss = model(ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), options["maxGradientNorm"])
    optimizer.step()
    optimizer.zero_grad()
    done += 1
    return loss.item()


def answer(value):
    print(json.dumps(value), flush=True)


answer({"ready": True, "torch": torch.__version__})
for line in sys.stdin:
    command, *count = line.split()
    if command == "end":
        break
    losses, milliseconds, cpu_milliseconds = [], [], []
    for _ in range(int(count[0])):
        begin, before = time.perf_counter(), time.process_time()
        losses.append(step())
        milliseconds.append((time.perf_counter() - begin) * 1e3)
        cpu_milliseconds.append((time.process_time() - before) * 1e3)
    answer({"losses": losses, "milliseconds": milliseconds, "cpuMilliseconds": cpu_milliseconds})
answer({"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
