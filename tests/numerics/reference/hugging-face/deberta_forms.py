"""Makes deberta-forms.reference.json: transformers' DeBERTa-v2 in the forms that its configuration can have, with
weights that the tests draw too, and the classes of distances that it tells apart.

    pip install -r requirements.txt
    python deberta_forms.py
"""
import torch
from transformers import DebertaV2Config, DebertaV2Model
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

from families import *  # noqa: F403
from numbers_stream import numbers, rounded, tensor

SIZES = {"vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 48,
         "pad_token_id": 0, "relative_attention": True}
# DeBERTa-v2's form first, then one difference or two at a time; keys as files have them.
FORMS = {
    "as version 2": {"position_buckets": 8, "max_relative_positions": 30, "pos_att_type": "p2c|c2p", "norm_rel_ebd": "layer_norm",
                     "share_att_key": True, "position_biased_input": False, "type_vocab_size": 0},
    "projections of its own": {"position_buckets": 8, "max_relative_positions": 30, "pos_att_type": ["p2c", "c2p"], "share_att_key": False,
                               "position_biased_input": False},
    "positions and types": {"position_buckets": 6, "max_relative_positions": -1, "pos_att_type": "c2p|p2c", "share_att_key": True,
                            "position_biased_input": True, "type_vocab_size": 2, "norm_rel_ebd": "layer_norm"},
    "keys' distances alone": {"position_buckets": 8, "pos_att_type": ["c2p"], "share_att_key": False, "position_biased_input": False,
                              "norm_rel_ebd": "none"},
    "queries' distances alone": {"position_buckets": -1, "max_relative_positions": 5, "pos_att_type": "p2c", "share_att_key": True,
                                 "position_biased_input": False},
    "narrow embeddings": {"embedding_size": 6, "position_buckets": 9, "max_relative_positions": 20, "pos_att_type": "p2c|c2p", "share_att_key": True,
                          "type_vocab_size": 1, "hidden_act": "relu"},
}
# Span and what is farthest: of DeBERTa-v2 and v3, then small and odd ones, some with bounds at whole quotients.
SPANS = [(256, 512), (256, 1024), (8, 20), (8, 33), (9, 20), (6, 48), (16, 65), (16, 129), (32, 40), (2, 10), (3, 10), (64, 512), (100, 300), (128, 512)]
MOST = 600


def batch():
    """A text of full length, and shorter ones; two types where there are any."""
    ids = [[2 + (7 * place + 3 * row) % 28 for place in range(40)] for row in range(3)]
    lengths = [40, 23, 9]
    mask = [[int(place < length) for place in range(40)] for length in lengths]
    types = [[int(length // 2 <= place < length) for place in range(40)] for length in lengths]
    return ids, mask, types


def reference(keys):
    config = DebertaV2Config(**SIZES, **keys)
    model, stream = DebertaV2Model(config).eval(), numbers(5)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(tensor(stream, value.shape, 0.8, 1.0 if name.endswith("LayerNorm.weight") else 0.0))
    ids, mask, types = (torch.tensor(values) for values in batch())
    states = model(input_ids=ids, attention_mask=mask, token_type_ids=types if config.type_vocab_size > 1 else None).last_hidden_state
    directions = tensor(numbers(9), states.shape)
    (states * directions * mask.unsqueeze(-1)).sum().backward()
    return {
        "config": {"model_type": "deberta-v2", **SIZES, **keys},
        "parameters": [{"name": name, "shape": list(value.shape), "gradient": rounded(value.grad.flatten()[:40])}
                       for name, value in model.named_parameters()],
        "states": [rounded(states[row, place]) for row, place in PLACES],
    }


PLACES = [(0, 0), (0, 17), (0, 39), (1, 0), (1, 22), (2, 5)]


def bounds(span, farthest):
    """The least distance of each class beyond half the span, as `classBounds` gives them: a class that no distance has
    has the next one's."""
    classes = make_log_bucket_position(torch.arange(MOST), span, farthest).long().tolist()
    assert make_log_bucket_position(-torch.arange(MOST), span, farthest).long().tolist() == [-one for one in classes]
    return [next(distance for distance in range(MOST) if classes[distance] >= one)
            for one in range(span // 2 + 1, min(max(classes), span) + 1)]


ids, mask, types = batch()
check_versions()
write("deberta-forms.reference.json", {
    "versions": versions(), "ids": ids, "mask": mask, "types": types, "places": PLACES, "most": MOST,
    "forms": {name: reference(keys) for name, keys in FORMS.items()},
    "bounds": [{"span": span, "farthest": farthest, "bounds": bounds(span, farthest)} for span, farthest in SPANS],
})
