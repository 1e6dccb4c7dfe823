"""The other side: TRL's RewardTrainer, DPOTrainer with PEFT, and GRPOTrainer with transformers' `generate`.

    python opponent.py SETTINGS     trains in turns (../train/turns.ts)

SETTINGS is a JSON file that main.ts writes (settings.ts). What is added to a plain script is the callback that waits
for its turn, and that texts are tokenized before: both sides read the same tokens.
"""
import json
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print goes beside the answers
settings = json.load(open(sys.argv[1], encoding="utf-8"))
os.environ.setdefault("OMP_NUM_THREADS", str(settings["threads"]))
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, BertModel, BertPreTrainedModel, PreTrainedTokenizerFast, TrainerCallback
from transformers.modeling_outputs import SequenceClassifierOutput

torch.set_num_threads(settings["threads"])


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def peak_bytes():
    return int(open("/proc/self/status", encoding="utf-8").read().split("VmHWM:")[1].split()[0]) * 1024


class Turns(TrainerCallback):
    """Measures every step, what leads to it included, and waits between turns."""

    def mark(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def wait(self):
        self.milliseconds, self.processor_milliseconds, self.losses, self.lengths = [], [], [], []
        while True:
            name, *count = sys.stdin.readline().split() or ["end"]
            if name == "end":
                answer({"peakBytes": peak_bytes(), "importedBytes": imported_bytes})
                os._exit(0)
            if name == "steps":
                self.left = int(count[0])
                return self.mark()
            began = time.perf_counter()
            scores = trainer.evaluate()
            answer({
                "milliseconds": [(time.perf_counter() - began) * 1e3],
                "evaluations": [{"accuracy": scores["eval_accuracy"], "loss": scores["eval_loss"]}],
            })

    def on_train_begin(self, *_, **__):
        answer({"ready": True})
        self.wait()

    def on_step_end(self, *_, **__):
        self.milliseconds.append((time.perf_counter() - self.wall) * 1e3)
        self.processor_milliseconds.append((time.process_time() - self.processor) * 1e3)
        self.left -= 1

    def on_log(self, *_, logs=None, **__):
        if "loss" not in logs:
            return
        self.losses.append(float(logs["loss"]))
        if "completions/mean_length" in logs:
            self.lengths.append(float(logs["completions/mean_length"]))
        if self.left == 0:
            answer({
                "milliseconds": self.milliseconds,
                "processorMilliseconds": self.processor_milliseconds,
                "losses": self.losses,
                "lengths": self.lengths,
            })
            self.wait()
        self.mark()


def arguments(Config, **given):
    return Config(
        output_dir=settings["output"], use_cpu=True, bf16=False, report_to="none", disable_tqdm=True, logging_steps=1,
        save_strategy="no", per_device_train_batch_size=settings["batchSize"], learning_rate=settings["learningRate"],
        lr_scheduler_type="constant", gradient_checkpointing=False, seed=settings["seed"], **given)


class MeanReward(BertPreTrainedModel):
    """A head on the mean of the tokens, as Attune has it, and not on what BERT's pooler makes of the first one."""

    def __init__(self, config):
        super().__init__(config)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.score = torch.nn.Linear(config.hidden_size, 1)
        self.post_init()

    def forward(self, input_ids=None, attention_mask=None, **_):
        states = self.bert(input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        return SequenceClassifierOutput(logits=self.score((states * weights).sum(1) / weights.sum(1)))


def reward():
    from trl import RewardConfig, RewardTrainer

    tokenizer = AutoTokenizer.from_pretrained(settings["model"], truncation_side="left")
    ids = lambda text: tokenizer(text, truncation=True, max_length=settings["maxLength"])["input_ids"]
    rows = lambda pairs: Dataset.from_list([{"chosen_ids": ids(pair["chosen"]), "rejected_ids": ids(pair["rejected"])} for pair in pairs])
    model = MeanReward.from_pretrained(settings["model"], num_labels=1, dtype=torch.float32)
    config = arguments(RewardConfig, num_train_epochs=settings["epochs"], weight_decay=0.01, max_length=None, per_device_eval_batch_size=settings["batchSize"])
    return RewardTrainer(
        model=model, args=config, train_dataset=rows(settings["rows"]), eval_dataset=rows(settings["heldOut"]),
        processing_class=tokenizer, callbacks=[Turns()])


def causal(end, padding):
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=os.path.join(settings["model"], "tokenizer.json"), bos_token="<s>", eos_token=end, pad_token=padding)
    return AutoModelForCausalLM.from_pretrained(settings["model"], dtype=torch.float32), tokenizer


def dpo():
    from peft import LoraConfig, TaskType
    from trl import DPOConfig, DPOTrainer

    model, tokenizer = causal("</s>", "<unk>")
    config = arguments(DPOConfig, num_train_epochs=1, weight_decay=0.01, beta=0.1, max_length=None, precompute_ref_log_probs=True)
    adapter = LoraConfig(task_type=TaskType.CAUSAL_LM, r=16, lora_alpha=32, target_modules=settings["adapter"])
    return DPOTrainer(
        model=model, args=config, train_dataset=Dataset.from_list(settings["rows"]), processing_class=tokenizer,
        peft_config=adapter, callbacks=[Turns()])


def grpo():
    from trl import GRPOConfig, GRPOTrainer

    model, tokenizer = causal("<s>", "</s>")
    samples, length = settings["samples"], settings["newTokens"]

    def variety(completions, **_):
        """Different words / words − 1, as Attune's rule of repetition has it."""
        return [len(set(words)) / max(1, len(words)) - 1 for words in map(str.split, completions)]

    config = arguments(
        GRPOConfig, num_train_epochs=1, weight_decay=0.01, num_generations=samples, max_completion_length=length,
        temperature=1.0, top_p=1.0, top_k=0, beta=0.0, loss_type="dapo", scale_rewards="group", shuffle_dataset=False)
    return GRPOTrainer(
        model=model, reward_funcs=variety, args=config, train_dataset=Dataset.from_list(settings["rows"]),
        processing_class=tokenizer, callbacks=[Turns()])


imported_bytes = peak_bytes()
trainer = {"reward": reward, "dpo": dpo, "grpo": grpo}[settings["method"]]()
trainer.train()
raise RuntimeError("The rows have ended before the turns.")
