"""Answers requests, each a line of JSON on standard input: {"script": …, "settings": …} → a line {"result": …} or
{"error": …}. One process, because importing torch and transformers takes longer than most of what is asked.
"""
import importlib
import json
import os
import sys
import traceback

# Nothing here may ask a hub: every model is a folder.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# Libraries print what they like: standard output is for answers alone.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"result": importlib.import_module(request["script"]).run(request["settings"])}
    except Exception:
        answer = {"error": traceback.format_exc()}
    answers.write(f"{json.dumps(answer)}\n")
    answers.flush()
