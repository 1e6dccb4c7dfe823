"""What decoders.py needs: tiny models with random weights, batches, heads and the training loop, as transformers and
PEFT have them."""
import json
import re
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import (AutoModelForCausalLM, AutoModelForSequenceClassification, AutoModelForTokenClassification, Gemma3TextConfig, GPT2Config,
                          LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config, get_scheduler)
from transformers.trainer_pt_utils import get_parameter_names

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from numbers_stream import numbers, tensor  # noqa: E402

STEPS, WARMUP, ROWS, TOKENS, BATCHES, LABELS = 50, 5, 4, 12, 3, 3
OPTIMIZER = {"learningRate": 2e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01, "maxGradientNorm": 1.0}
# Rows and tokens of the families whose models are smaller still.
SMALL_ROWS, SMALL_TOKENS = 3, 9
SIZES = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 40}
SMALL_SIZES = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "max_position_embeddings": 40}
# For each family: its configuration, ids of padding, and what an adapter changes.
FAMILIES = {
    "gpt2": (GPT2Config(vocab_size=320, n_positions=40, n_embd=16, n_inner=24, n_layer=2, n_head=4), 0, ["c_attn"]),
    "llama": (LlamaConfig(vocab_size=320, num_key_value_heads=2, **SIZES), 319, ["q_proj", "v_proj"]),
    # A head of another width than hidden size / heads, a window shorter than the texts, tied embeddings.
    "mistral": (MistralConfig(vocab_size=400, num_key_value_heads=1, head_dim=6, sliding_window=4, tie_word_embeddings=True, **SIZES), 2,
                ["q_proj", "v_proj"]),
    # Biases of queries, keys and values, a window in the second layer alone, no ties.
    "qwen2": (Qwen2Config(vocab_size=280, num_attention_heads=4, num_key_value_heads=2, use_sliding_window=True, sliding_window=4, max_window_layers=1,
                          **SMALL_SIZES), 279, ["q_proj", "v_proj"]),
    # Norms of heads that are wider together than the model, tied embeddings.
    "qwen3": (Qwen3Config(vocab_size=280, num_attention_heads=2, num_key_value_heads=1, head_dim=6, tie_word_embeddings=True,
                          **SMALL_SIZES), 279, ["q_proj", "v_proj"]),
    # A window and another rotary base in the first layer alone, a scaling in the other, scores divided by another root.
    "gemma3_text": (Gemma3TextConfig(vocab_size=344, num_attention_heads=2, num_key_value_heads=1, head_dim=6, query_pre_attn_scalar=5, sliding_window=4,
                                     layer_types=["sliding_attention", "full_attention"],
                                     rope_parameters={"full_attention": {"rope_type": "linear", "factor": 3.0, "rope_theta": 400.0},
                                                      "sliding_attention": {"rope_type": "default", "rope_theta": 30.0}}, **SMALL_SIZES),
                    0, ["q_proj", "v_proj"]),
}
SMALL = ("qwen2", "qwen3", "gemma3_text")
# transformers has no class for heads of tokens on this one.
WITHOUT_TOKENS = ("gemma3_text",)
# Other forms of the model `llama`, with the same weights where the shapes allow it.
VARIANTS = {
    "linear": {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.5}},
    "dynamic": {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 3.0}, "max_position_embeddings": 7},
    "llama3": {"rope_parameters": {"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                   "original_max_position_embeddings": 20}},
    "yarn": {"rope_parameters": {"rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 30}},
    "yarn-exact": {"rope_parameters": {"rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 30, "beta_fast": 3.0,
                                       "beta_slow": 0.5, "truncate": False, "mscale": 0.7, "mscale_all_dim": 0.4}},
    "biases": {"attention_bias": True, "mlp_bias": True},
}


def fill(model, seed):
    """Random weights far from zero, gains around one, so that no term hides behind another."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            from_one = re.search(r"(norm|ln_\w)\.weight$", name) and model.config.model_type != "gemma3_text"  # which counts gains from one itself
            value.copy_(0.3 * torch.randn(value.shape, generator=generator) + (1.0 if from_one else 0.0))
    return model.eval()


def draw_head(model, module, stream):
    """A head as the tests draw it too."""
    head = getattr(model, module)
    with torch.no_grad():
        head.weight.copy_(tensor(stream, list(head.weight.shape), 0.6))
        if head.bias is not None:
            head.bias.copy_(tensor(stream, list(head.bias.shape), 0.6))


def language_model(family, dtype=torch.float32):
    return AutoModelForCausalLM.from_pretrained(HERE / family, dtype=torch.float32).to(dtype).eval()


def classifier(family, dtype=torch.float32):
    """In evaluation mode: the same values as training with every dropout rate at 0."""
    model = AutoModelForSequenceClassification.from_pretrained(HERE / family, num_labels=LABELS, pad_token_id=FAMILIES[family][1], dtype=torch.float32)
    draw_head(model, "score", numbers(41))
    return model.to(dtype).eval()


def token_classifier(family):
    model = AutoModelForTokenClassification.from_pretrained(HERE / family, num_labels=LABELS, dtype=torch.float32)
    draw_head(model, "classifier" if family == "gpt2" else "score", numbers(41))
    return model.eval()


def adapted(family, dtype=torch.float32):
    """A classifier with PEFT's adapter, whose B, which PEFT starts at zero, is drawn too."""
    model = classifier(family)
    model.config.pad_token_id = FAMILIES[family][1]
    peft = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=3, lora_alpha=6, lora_dropout=0.0, target_modules=FAMILIES[family][2]))
    stream = numbers(43)
    with torch.no_grad():
        for name, value in peft.named_parameters():
            if "lora_" in name:
                value.copy_(tensor(stream, list(value.shape), 0.6))
    return peft.to(dtype).eval()


def batches(family, seed=11):
    """BATCHES × {ids, mask, labels, tags}: the first row of full length, padding at the end of others. `next` is what a
    language model is to say, −100 where nothing."""
    config, pad, _ = FAMILIES[family]
    rows, tokens = (SMALL_ROWS, SMALL_TOKENS) if family in SMALL else (ROWS, TOKENS)
    generator = torch.Generator().manual_seed(seed)
    draw = lambda low, high: int(torch.randint(low, high, (1,), generator=generator))
    result = []
    for _ in range(BATCHES):
        batch = {"ids": [], "mask": [], "labels": [], "tags": []}
        for row in range(rows):
            length = tokens if row == 0 else draw(3, tokens + 1)
            ids = [draw(3, config.vocab_size - 2) for _ in range(length)]
            padding = tokens - length
            batch["ids"].append(ids + [pad] * padding)
            batch["mask"].append([1] * length + [0] * padding)
            batch["labels"].append(draw(0, LABELS))
            batch["tags"].append([draw(0, LABELS) for _ in range(length)] + [-100] * padding)
        result.append(batch)
    return result


def inputs(batch):
    return {"input_ids": torch.tensor(batch["ids"]), "attention_mask": torch.tensor(batch["mask"])}


def classifier_loss(model, batch):
    return torch.nn.functional.cross_entropy(model(**inputs(batch)).logits, torch.tensor(batch["labels"]))


def token_loss(model, batch):
    return torch.nn.functional.cross_entropy(model(**inputs(batch)).logits.flatten(0, 1), torch.tensor(batch["tags"]).flatten())


def language_loss(model, batch):
    """transformers' own: each token's logits against the next token."""
    ids, mask = torch.tensor(batch["ids"]), torch.tensor(batch["mask"])
    return model(**inputs(batch), labels=torch.where(mask == 1, ids, -100)).loss


def train(model, data, loss_of):
    """STEPS of AdamW as transformers' Trainer sets it up. Returns each step's loss, and gradient norm unclipped."""
    # Trainer.get_decay_parameter_names of transformers 5
    decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]))
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    options = OPTIMIZER
    optimizer = torch.optim.AdamW(
        [{"params": [v for n, v in trained if n in decayed], "weight_decay": options["weightDecay"]},
         {"params": [v for n, v in trained if n not in decayed], "weight_decay": 0.0}],
        lr=options["learningRate"], betas=(options["beta1"], options["beta2"]), eps=options["epsilon"], fused=True)
    schedule = get_scheduler("linear", optimizer, num_warmup_steps=WARMUP, num_training_steps=STEPS)
    losses, norms = [], []
    for step in range(STEPS):
        loss = loss_of(model, data[step % BATCHES])
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_([v for _, v in trained], options["maxGradientNorm"])))
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, norms


def check_stable(losses, exact):
    """The same training in float64 must follow closely, or the trajectory would say nothing about another float32
    implementation."""
    worst = max(abs(a - b) / max(b, 0.1) for a, b in zip(losses, exact))
    print(f"  float32 against float64 over {STEPS} steps: {worst:.1e}; loss {losses[0]:.3f} to {losses[-1]:.3f}")
    assert worst < 2e-4, f"float32 and float64 differ by {worst}"


def plain_name(name):
    """Names as in an adapter's file, without PEFT's prefix and wrappers."""
    name = re.sub(r"^base_model\.model\.", "", name).replace(".modules_to_save.default", "")
    return name.replace(".lora_A.default.", ".lora_A.").replace(".lora_B.default.", ".lora_B.")


def write(name, value):
    (HERE / name).write_text(json.dumps(value) + "\n")
