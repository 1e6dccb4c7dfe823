"""Runs the code of an exported model's card on a text, the first block of it or the one that `block` counts: answers
what its last line is, and the logits that it computed. `base` is the base model of an adapter."""
import ast
import re
from pathlib import Path


def run(settings):
    folder = settings["folder"]
    blocks = re.findall("```python\n(.*?)```", (Path(folder) / "README.md").read_text(), re.DOTALL)
    code = blocks[settings.get("block", 0)].replace("a text", settings["text"])
    code = code.replace("<this folder>", folder).replace("path/to/this-folder", folder)
    *lines, last = ast.parse(code.replace("path/to/base-model", settings.get("base", ""))).body
    scope = {}
    if not isinstance(last, ast.Expr):
        lines.append(last)
    exec(compile(ast.Module(lines, []), "card", "exec"), scope)
    value = eval(compile(ast.Expression(last.value), "card", "eval"), scope) if isinstance(last, ast.Expr) else None
    logits = {name: given.flatten().tolist() for name, given in scope.items() if name.startswith("logits")}
    return {"value": plain(value), "logits": logits}


def plain(value):
    """Numbers of numpy as Python's."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value.item() if hasattr(value, "item") else value
