"""What the Rust implementation of Hugging Face's `tokenizers` makes of the ids of tokenizers.reference.json again, as a
text goes on with them: what they add to the text of a token before them, special tokens left out.

    python tests/numerics/reference/decoders/decoded.py
"""
import json
from pathlib import Path

from tokenizers import Tokenizer

HERE = Path(__file__).parent

if __name__ == "__main__":
    result = {}
    for name, reference in json.loads((HERE / "tokenizers.reference.json").read_text()).items():
        tokenizer = Tokenizer.from_str(reference["json"] if isinstance(reference["json"], str) else json.dumps(reference["json"]))
        before = tokenizer.encode("a", add_special_tokens=False).ids
        start = len(tokenizer.decode(before))
        result[name] = [tokenizer.decode(before + encoding["ids"])[start:] for encoding in reference["encodings"] if encoding["pair"] is None]
    (HERE / "decoded.reference.json").write_text(json.dumps(result, ensure_ascii=True) + "\n")
