"""Runs the code of an exported model's card on a text: answers what its last line is, and the logits that it
computed."""
import ast
import re
from pathlib import Path


def run(settings):
    folder = settings["folder"]
    code = re.search("```python\n(.*?)```", (Path(folder) / "README.md").read_text(), re.DOTALL).group(1)
    *lines, last = ast.parse(code.replace("<this folder>", folder).replace("a text", settings["text"])).body
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
