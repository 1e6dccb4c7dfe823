"""The other side of the comparison: a plain PyTorch loop over a model of transformers, as people write one for several
heads.

    python opponent.py SETTINGS

SETTINGS is a JSON file that measure.ts writes (side.ts). Losses are transformers' own for each kind of head:
cross-entropy, BCEWithLogitsLoss (problem_type multi_label_classification), MSELoss (problem_type regression) on
standardized targets, and cross-entropy at the first piece of each word; several are added. Scores are scikit-learn's,
SciPy's and seqeval's.
"""
import json
import math
import os
import sys
import time

settings = json.load(open(sys.argv[1], encoding="utf-8"))
os.environ.setdefault("OMP_NUM_THREADS", str(settings["threads"]))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # on a busy machine, spinning would cost several times the work

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from seqeval.metrics import f1_score as entity_f1
from sklearn.metrics import average_precision_score, f1_score
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer, get_linear_schedule_with_warmup

torch.set_num_threads(settings["threads"])
torch.manual_seed(settings["seed"])
budget, tasks = settings["budget"], settings["tasks"]


def read_split(name):
    lines = open(settings["rows"], encoding="utf-8")
    return [row for row in map(json.loads, lines) if row["__attune_split"] == name]


class MultiHead(torch.nn.Module):
    """One encoder; heads of whole texts read its pooler's output, as BertForSequenceClassification's does, heads of
    words the last states, as BertForTokenClassification's does."""

    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(settings["model"])
        config = self.encoder.config
        rate = getattr(config, "classifier_dropout", None)
        self.dropout = torch.nn.Dropout(config.hidden_dropout_prob if rate is None else rate)
        outputs = {each["task"]: max(1, len(each["labels"])) for each in tasks}
        self.heads = torch.nn.ModuleDict({task: torch.nn.Linear(config.hidden_size, n) for task, n in outputs.items()})
        for head in self.heads.values():
            torch.nn.init.normal_(head.weight, std=config.initializer_range)
            torch.nn.init.zeros_(head.bias)

    def forward(self, inputs):
        states = self.encoder(**inputs)
        of_words = any(each["kind"] == "tokenClassification" for each in tasks)
        pooled = self.dropout(states.pooler_output)
        tokens = self.dropout(states.last_hidden_state) if of_words else None
        read = {each["task"]: tokens if each["kind"] == "tokenClassification" else pooled for each in tasks}
        return {task: self.heads[task](vectors) for task, vectors in read.items()}


def encode(rows, tokenizer):
    first = [row[settings["textColumn"]] for row in rows]
    second = None if settings["pairColumn"] is None else [row[settings["pairColumn"]] for row in rows]
    cut = {"truncation": True, "max_length": budget["maxLength"]}
    return tokenizer(first, second, is_split_into_words=isinstance(first[0], list), **cut)


def targets_of(each, rows, encoded):
    """A tensor for each row: of tags one number a token, -100 at all but the first piece of a word."""
    number = {label: i for i, label in enumerate(each["labels"])}
    values = [row[each["column"]] for row in rows]
    if each["kind"] == "classification":
        return [torch.tensor(number[value]) for value in values]
    if each["kind"] == "regression":
        return [torch.tensor([value], dtype=torch.float64) for value in values]
    if each["kind"] == "multiLabel":
        return [torch.tensor([float(label in value) for label in each["labels"]]) for value in values]
    result = []
    for row, tags in enumerate(values):
        words = encoded.word_ids(row)
        firsts = [word is not None and (at == 0 or words[at - 1] != word) for at, word in enumerate(words)]
        result.append(torch.tensor([number[tags[word]] if first else -100 for word, first in zip(words, firsts)]))
    return result


class Split:
    def __init__(self, name, tokenizer):
        self.rows = read_split(name)
        self.encoded = encode(self.rows, tokenizer)
        self.lengths = np.array([len(ids) for ids in self.encoded["input_ids"]])
        self.targets = {each["task"]: targets_of(each, self.rows, self.encoded) for each in tasks}
        self.tokenizer = tokenizer

    def inputs(self, chosen):
        rows = {key: [values[i] for i in chosen] for key, values in self.encoded.items()}
        return self.tokenizer.pad(rows, return_tensors="pt")

    def batches(self, size, shuffle):
        """Texts of similar length together, as Attune has them: shuffled, sorted by length, cut, batches shuffled."""
        order = shuffle.permutation(len(self.rows)) if shuffle is not None else np.arange(len(self.rows))
        order = order[np.argsort(self.lengths[order], kind="stable")]
        cut = [order[start:start + size] for start in range(0, len(order), size)]
        return [cut[i] for i in shuffle.permutation(len(cut))] if shuffle is not None else cut


def loss_of(each, outputs, split, chosen, standard):
    targets = [split.targets[each["task"]][i] for i in chosen]
    if each["kind"] == "tokenClassification":
        padded = torch.nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=-100)
        return F.cross_entropy(outputs.flatten(0, 1), padded.flatten())
    stacked = torch.stack(targets)
    if each["kind"] == "classification":
        return F.cross_entropy(outputs, stacked)
    if each["kind"] == "multiLabel":
        return F.binary_cross_entropy_with_logits(outputs, stacked)
    mean, scale = standard[each["task"]]
    return F.mse_loss(outputs, ((stacked - mean) / scale).float())


@torch.no_grad()
def outputs_of(model, split):
    """By task a list of each row's outputs as arrays, in the split's order."""
    model.eval()
    collected = {each["task"]: [None] * len(split.rows) for each in tasks}
    for chosen in split.batches(64, None):
        for task, outputs in model(split.inputs(chosen)).items():
            for place, row in enumerate(chosen):
                collected[task][row] = outputs[place].numpy()
    return collected


def choose_thresholds(logits, targets):
    """Of each label, halfway between two neighbouring probabilities, where F1 is highest; of equally good ones the
    nearest to 0.5."""
    probabilities = 1 / (1 + np.exp(-logits.astype(np.float64)))
    thresholds = []
    for scores, truth in zip(probabilities.T, targets.T):
        if truth.sum() == 0:
            thresholds.append(0.5)
            continue
        levels = np.unique(scores)[::-1]
        cuts = (levels + np.append(levels[1:], 0)) / 2
        predicted = scores[None, :] >= cuts[:, None]
        f1 = 2 * (predicted & (truth == 1)).sum(1) / (predicted.sum(1) + truth.sum())
        best = cuts[f1 >= f1.max() - 1e-12]
        thresholds.append(best[np.abs(best - 0.5).argmin()])
    return np.array(thresholds)


def scores_of(each, outputs, split, standard, thresholds):
    targets = split.targets[each["task"]]
    if each["kind"] == "classification":
        return {"accuracy": float(np.mean([row.argmax() == int(target) for row, target in zip(outputs, targets)]))}
    if each["kind"] == "regression":
        mean, scale = standard[each["task"]]
        predicted, truth = mean + scale * np.concatenate(outputs).astype(np.float64), torch.cat(targets).numpy()
        return {"pearson": float(pearsonr(truth, predicted)[0]), "spearman": float(spearmanr(truth, predicted)[0]),
                "mse": float(np.mean((truth - predicted) ** 2))}
    if each["kind"] == "multiLabel":
        logits, truth = np.stack(outputs), torch.stack(targets).numpy().astype(int)
        predicted = (1 / (1 + np.exp(-logits.astype(np.float64))) >= thresholds[each["task"]]).astype(int)
        f1 = {f"{average}F1": float(f1_score(truth, predicted, average=average, zero_division=0))
              for average in ("micro", "macro", "samples")}
        return {**f1, "macroAveragePrecision": float(average_precision_score(truth, logits, average="macro"))}
    labels = each["labels"]
    pairs = [[(labels[int(target)], labels[int(row.argmax())]) for row, target in zip(tokens, tags) if target != -100]
             for tokens, tags in zip(outputs, targets)]
    truth, predicted = ([[pair[i] for pair in row] for row in pairs] for i in (0, 1))
    return {"entityF1": float(entity_f1(truth, predicted))}


def settle(outputs, validation):
    names = [each["task"] for each in tasks if each["kind"] == "multiLabel"]
    truth = {name: torch.stack(validation.targets[name]).numpy() for name in names}
    return {name: choose_thresholds(np.stack(outputs[name]), truth[name]) for name in names}


def standardization(training):
    values = {each["task"]: torch.cat(training.targets[each["task"]]) for each in tasks if each["kind"] == "regression"}
    return {task: (float(column.mean()), float(column.std(unbiased=False)) or 1.0) for task, column in values.items()}


def optimizer_of(model):
    """Weight decay on matrices alone, as the Trainer has it."""
    of_dimensions = lambda decays: [value for value in model.parameters() if (value.dim() > 1) == decays]
    groups = [{"params": of_dimensions(decays), "weight_decay": budget["weightDecay"] * decays} for decays in (True, False)]
    return torch.optim.AdamW(groups, lr=budget["learningRate"], fused=True)


def train(tokenizer):
    training, validation = Split("train", tokenizer), Split("validation", tokenizer)
    standard = standardization(training)
    model, shuffle = MultiHead(), np.random.default_rng(settings["seed"])
    optimizer = optimizer_of(model)
    total = budget["epochs"] * math.ceil(len(training.rows) / budget["batchSize"])
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(budget["warmupRatio"] * total), total)
    for _ in range(budget["epochs"]):
        model.train()
        for chosen in training.batches(budget["batchSize"], shuffle):
            outputs = model(training.inputs(chosen))
            loss = sum(loss_of(each, outputs[each["task"]], training, chosen, standard) for each in tasks)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        outputs = outputs_of(model, validation)
        thresholds = settle(outputs, validation)
    return model, standard, thresholds


wall, processor = time.perf_counter(), time.process_time()
tokenizer = AutoTokenizer.from_pretrained(settings["model"])
model, standard, thresholds = train(tokenizer)
seconds, processor_seconds = time.perf_counter() - wall, time.process_time() - processor
test = Split("test", tokenizer)
outputs = outputs_of(model, test)
scores = {each["task"]: scores_of(each, outputs[each["task"]], test, standard, thresholds) for each in tasks}
with open(settings["result"], "w", encoding="utf-8") as file:
    json.dump({"seconds": seconds, "processorSeconds": processor_seconds, "scores": scores}, file)
