"""The other side of the comparison: a plain transformers Trainer script with its defaults, and PEFT for the adapter.

    python opponent.py prepare SETTINGS   writes the starting model, with a head of its own drawing, for both sides
    python opponent.py train SETTINGS     trains in turns
    python opponent.py predict SETTINGS   Trainer.predict in turns
    python opponent.py peak SETTINGS      the speed of torch's matrix product

SETTINGS is a JSON file that measure.ts writes (settings.ts). Turns are commands on standard input, one a line, each
answered with a line of JSON on standard output (turns.ts has both sides' protocol). What is added to a plain script is
the callback that waits for its turn, and a frozen encoder that stays in evaluation mode.
"""
import json
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print goes beside the answers
mode, settings = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
os.environ.setdefault("OMP_NUM_THREADS", str(settings["threads"]))

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainerCallback, TrainingArguments
from transformers.modeling_outputs import SequenceClassifierOutput

torch.set_num_threads(settings["threads"])


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def peak_bytes():
    return int(open("/proc/self/status", encoding="utf-8").read().split("VmHWM:")[1].split()[0]) * 1024


imported_bytes = peak_bytes()


def command():
    line = sys.stdin.readline()
    if line.strip() in ("", "end"):
        answer({"peakBytes": peak_bytes(), "importedBytes": imported_bytes})
        os._exit(0)
    name, *count = line.split()
    return name, int(count[0]) if count else None


def prepare():
    torch.manual_seed(1)
    labels = {"id2label": dict(enumerate(settings["labels"])), "label2id": {name: i for i, name in enumerate(settings["labels"])}}
    AutoModelForSequenceClassification.from_pretrained(settings["base"], **labels).save_pretrained(settings["model"])
    AutoTokenizer.from_pretrained(settings["base"]).save_pretrained(settings["model"])


def examples(name, tokenizer):
    """Tokenized texts with labels, unpadded: the Trainer pads each batch to its longest."""
    rows = json.load(open(settings[name], encoding="utf-8"))
    encoded = tokenizer(rows["texts"], truncation=True, max_length=settings["maxLength"])
    number = {label: i for i, label in enumerate(settings["labels"])}
    return [{**{key: encoded[key][i] for key in encoded}, "label": number[label]} for i, label in enumerate(rows["labels"])]


class MeanPooledClassifier(torch.nn.Module):
    """transformers has no classifier on the mean over tokens: this is how people write one."""

    def __init__(self, classifier):
        super().__init__()
        self.encoder, self.dropout, self.classifier = classifier.base_model, classifier.dropout, classifier.classifier
        self.encoder.pooler = None

    def forward(self, input_ids, attention_mask, token_type_ids=None, labels=None):
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        logits = self.classifier(self.dropout((states * mask).sum(1) / mask.sum(1)))
        return SequenceClassifierOutput(loss=torch.nn.functional.cross_entropy(logits, labels), logits=logits)


def model():
    dropout = settings["dropout"]
    rates = {} if dropout is None else {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout, "classifier_dropout": dropout}
    result = AutoModelForSequenceClassification.from_pretrained(settings["model"], **rates)
    if settings["freeze"] == "encoder":
        for value in result.base_model.parameters():
            value.requires_grad = False
        result.base_model.eval()
        result.base_model.train = lambda mode=True: result.base_model  # a frozen encoder without dropout, as Attune's
    if settings["adapter"] is not None:
        from peft import LoraConfig, TaskType, get_peft_model
        adapter = settings["adapter"]
        return get_peft_model(result, LoraConfig(
            task_type=TaskType.SEQ_CLS, r=adapter["rank"], lora_alpha=adapter["alpha"], lora_dropout=adapter["dropout"],
            target_modules=adapter["targetModules"]))
    return MeanPooledClassifier(result) if settings["pooling"] == "mean" else result


def arguments():
    options = settings["training"]
    return TrainingArguments(
        output_dir=settings["output"], use_cpu=True, report_to="none", disable_tqdm=True, seed=settings["seed"],
        per_device_train_batch_size=options["batchSize"], learning_rate=options["learningRate"], weight_decay=options["weightDecay"],
        num_train_epochs=options["epochs"], warmup_steps=options["warmupRatio"],
        eval_strategy="epoch" if settings["evaluates"] else "no", **({"logging_steps": 1} if settings["logsLosses"] else {}))


class Turns(TrainerCallback):
    """Measures every step, what leads to it included (collation, padding, the optimizer), and waits between turns."""

    def __init__(self):
        self.losses, self.evaluations = [], []

    def mark(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def wait(self):
        _, self.left = command()
        self.milliseconds, self.processor_milliseconds = [], []
        self.mark()

    def on_train_begin(self, *_, **__):
        answer({"ready": True})
        self.wait()

    def on_step_end(self, *_, **__):
        self.milliseconds.append((time.perf_counter() - self.wall) * 1e3)
        self.processor_milliseconds.append((time.process_time() - self.processor) * 1e3)
        self.left -= 1
        if self.left == 0 and not settings["logsLosses"]:
            self.hand_over()
        self.mark()

    def hand_over(self):
        answer({"milliseconds": self.milliseconds, "processorMilliseconds": self.processor_milliseconds, "losses": self.losses,
                "evaluations": self.evaluations})
        self.losses = []
        self.wait()

    def on_log(self, *_, logs=None, **__):
        if settings["logsLosses"] and "loss" in logs:
            self.losses.append(float(logs["loss"]))
            if self.left == 0:
                self.hand_over()
        self.mark()

    def on_evaluate(self, *_, metrics=None, **__):
        self.evaluations.append({"accuracy": metrics["eval_accuracy"], "loss": metrics["eval_loss"]})
        self.mark()

    def on_save(self, *_, **__):
        self.mark()


def accuracy(prediction):
    return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())}


def train():
    tokenizer = AutoTokenizer.from_pretrained(settings["model"])
    training = examples("trainingData", tokenizer)
    test = examples("testData", tokenizer) if settings["evaluates"] else None
    turns = Turns()
    trainer = Trainer(model=model(), args=arguments(), train_dataset=training, eval_dataset=test, processing_class=tokenizer,
                      compute_metrics=accuracy, callbacks=[turns])
    trainer.train()
    turns.left = 0
    turns.hand_over()


def predict():
    tokenizer = AutoTokenizer.from_pretrained(settings["model"])
    trainer = Trainer(model=model(), args=arguments(), processing_class=tokenizer, compute_metrics=accuracy)
    answer({"ready": True})
    while command():
        wall, processor = time.perf_counter(), time.process_time()
        metrics = trainer.predict(examples("testData", tokenizer)).metrics
        answer({"milliseconds": [(time.perf_counter() - wall) * 1e3], "processorMilliseconds": [(time.process_time() - processor) * 1e3],
                "losses": [], "evaluations": [{"accuracy": metrics["test_accuracy"], "loss": metrics["test_loss"]}]})


def peak():
    size = settings["size"]
    left, right = torch.randn(size, size), torch.randn(size, size)
    answer({"ready": True})
    while command():
        start = time.perf_counter()
        left @ right
        answer({"milliseconds": [(time.perf_counter() - start) * 1e3]})


{"prepare": prepare, "train": train, "predict": predict, "peak": peak}[mode]()
