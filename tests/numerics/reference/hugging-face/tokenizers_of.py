"""Small tokenizers as the families have them, trained on a few sentences, and what they make of some texts."""
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
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


def create_tokenizer(family):
    tokenizer = byte_pairs() if family == "roberta" else word_piece()
    assert len(tokenizer) == (300 if family == "roberta" else 120)
    return tokenizer


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def tokenizations(family):
    """ids, type ids, offsets as UTF-16 indices and the text each token is from, cut to some lengths on either side."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(HERE / family)
    result = []
    for text, pair in [*((text, None) for text in TEXTS), *PAIRS]:
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
