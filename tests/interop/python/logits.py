"""Logits, an example at a time, of the classifier in `folder`: loaded by transformers, by PEFT onto the base model in
`base`, or as an ONNX file; or of the model of masked words. Those of tokens one token after the other."""
import numpy as np


def by_onnxruntime(folder):
    import onnxruntime

    session = onnxruntime.InferenceSession(f"{folder}/model.onnx", providers=["CPUExecutionProvider"])
    names = {value.name: value.type for value in session.get_inputs()}
    dtypes = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(float)": np.float32}

    def logits(encoding):
        feeds = {name: np.array([encoding[name]], dtype=dtypes[kind]) for name, kind in names.items()}
        return session.run(["logits"], feeds)[0][0].flatten().tolist()

    return logits


def by_torch(model):
    import torch

    model.eval()

    @torch.no_grad()
    def logits(encoding):
        return model(**{name: torch.tensor([values]) for name, values in encoding.items()}).logits[0].flatten().tolist()

    return logits


def load(settings):
    kind, folder = settings["kind"], settings["folder"]
    if kind == "onnx":
        return by_onnxruntime(folder)
    import heads

    if kind == "masked":
        from transformers import AutoModelForMaskedLM

        model, told = AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
        assert not told["missing_keys"] and not told["unexpected_keys"], told
        return by_torch(model)
    if kind == "transformers":
        return by_torch(heads.auto_class(settings).from_pretrained(folder))
    from peft import PeftModel

    return by_torch(PeftModel.from_pretrained(heads.load(settings), folder))


def run(settings):
    logits = load(settings)
    return [logits(encoding) for encoding in settings["encodings"]]
