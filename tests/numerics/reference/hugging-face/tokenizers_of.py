"""Small tokenizers as the families have them, trained on a few sentences, and what they make of some texts."""
import base64
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent
SENTENCES = [
    "My card payment was declined at the shop", "Why was I charged a fee for this transfer?", "The transfer to my account is still pending",
    "How do I activate my new card?", "Is there a fee for cash withdrawals abroad?", "I was charged twice for one payment",
    "Where is the money I transferred yesterday?", "Please cancel my card, it has been stolen",
]
TEXTS = [
    "My card payment was declined", "Why a fee?", "Überweisung: 3 charges — café 😀 done!", "", "  spaces\tand\nlines  ", "supercalifragilistic transfer",
    "payment 日本語 fee", "I'VE BEEN CHARGED TWICE",
]
PAIRS = [("Why was I charged?", "There is a fee for this transfer"), ("card", ""), ("The transfer to my account is still pending 😀", "Where is the money?")]


# Ligatures, composed letters, and spaces of all kinds: what a map of characters changes.
MAPPED_TEXTS = ["ﬁne pay\u3000ment ① Å", "  caf\u0065\u0301  fee\u200b s ", "▁transfer ▁ card", "a\u00a0b"]


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")


def byte_pairs():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)]
    tokenizer.train_from_iterator(SENTENCES, trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False, trim_offsets=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>", bos_token="<s>",
        eos_token="</s>", mask_token="<mask>")


def character_map():
    """A small one of SentencePiece's."""
    mapped = json.loads((HERE.parent / "tokenizers.reference.json").read_text())["mapped"]["tokenizer"]
    [characters] = [one["precompiled_charsmap"] for one in mapped["normalizer"]["normalizers"] if one["type"] == "Precompiled"]
    return base64.b64decode(characters)


def unigram(size):
    """XLM-RoBERTa's: a map of characters, and spaces as parts of words."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Precompiled(character_map())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        SENTENCES, trainers.UnigramTrainer(vocab_size=size - 1, special_tokens=special, unk_token="<unk>", show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>", bos_token="<s>",
        eos_token="</s>", mask_token="<mask>")


def deberta_unigram(size):
    """DeBERTa-v3's: XLM-RoBERTa's words between BERT's special tokens, without spaces at the ends and runs of them."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Strip(), normalizers.Precompiled(character_map()), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    tokenizer.train_from_iterator(
        SENTENCES, trainers.UnigramTrainer(vocab_size=size - 1, special_tokens=special, unk_token="[UNK]", show_progress=False))
    tokenizer.add_special_tokens(["[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", bos_token="[CLS]",
        eos_token="[SEP]", mask_token="[MASK]")


def mpnet_word_piece(size):
    """MPNet's: BERT's words between RoBERTa's special tokens, two of them between the texts of a pair."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]"]
    tokenizer.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=size - 1, special_tokens=special, show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s>:0 $A:0 </s>:0", pair="<s>:0 $A:0 </s>:0 </s>:0 $B:1 </s>:1", special_tokens=[("<s>", 0), ("</s>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="<pad>", unk_token="[UNK]", cls_token="<s>", sep_token="</s>", bos_token="<s>",
        eos_token="</s>", mask_token="<mask>", model_input_names=["input_ids", "attention_mask"])


def modernbert_byte_pairs(size):
    """ModernBERT's: byte pairs between BERT's special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", AddedToken("[MASK]", lstrip=True)]
    tokenizer.train_from_iterator(SENTENCES, trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_input_names=["input_ids", "attention_mask"])


def create_tokenizer(family, size):
    of_family = {"roberta": lambda _: byte_pairs(), "xlm-roberta": unigram, "mpnet": mpnet_word_piece, "deberta-v2": deberta_unigram,
                 "modernbert": modernbert_byte_pairs}
    tokenizer = of_family.get(family, lambda _: word_piece())(size)
    assert len(tokenizer) == size, (family, len(tokenizer))
    return tokenizer


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def tokenizations(family):
    """ids, type ids, offsets as UTF-16 indices and the text each token is from, cut to some lengths on either side."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(HERE / family)
    result = []
    texts = [*TEXTS, *(MAPPED_TEXTS if family in ("xlm-roberta", "deberta-v2") else [])]
    for text, pair in [*((text, None) for text in texts), *PAIRS]:
        for side in ("left", "right"):
            for length in (8, 64):
                backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
                backend.enable_truncation(length, strategy="longest_first", direction=side)
                encoding = backend.encode(text, pair)
                whole = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
                whole.no_truncation()
                offsets = [
                    [0, 0] if sequence is None else [utf16(text if sequence == 0 else pair, position) for position in offset]
                    for offset, sequence in zip(encoding.offsets, encoding.sequence_ids)]
                result.append({
                    "text": text, "pair": pair, "truncationSide": side, "maxLength": length, "ids": encoding.ids, "typeIds": encoding.type_ids,
                    "offsets": offsets, "sequence": encoding.sequence_ids, "truncated": len(whole.encode(text, pair).ids) > length})
    return result
