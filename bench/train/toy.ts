import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layersOf } from '../../gpu-worker/architectures/encoder.js';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { classifierTensorName } from '../../gpu-worker/hugging-face/tensor-names.js';
import type { BertConfig } from '../../src/protocol/architectures/index.js';
import { elementCount, type Tensor, writeSafetensors } from '../../src/storage/safetensors.js';

/** What a toy run trains: a BERT of about 10,000 random weights, and three intents to tell apart. */

const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
/** 120 words: ban, bar, bas, ben, … */
export const toyWords: readonly string[] = [...'bdfgklmn'].flatMap((first) =>
  [...'aeiou'].flatMap((vowel) => [...'nrs'].map((last) => `${first}${vowel}${last}`)),
);
const vocabulary = [...special, ...toyWords];
const idOf = Object.fromEntries(vocabulary.map((token, id) => [token, id]));

const config: BertConfig = {
  architecture: 'bert',
  vocabularySize: vocabulary.length,
  hiddenSize: 16,
  intermediateSize: 64,
  attentionHeads: 2,
  layers: 2,
  maxPositions: 32,
  tokenTypes: 2,
  layerNormEpsilon: 1e-12,
  activation: 'gelu',
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  classifierDropout: 0.1,
  padTokenId: 0,
};

/** Writes it with a head of these labels to a folder, in Hugging Face's layout. */
export async function writeToyModel(folder: string, labels: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const random = createRandom(1);
  const tensor = (name: string, shape: readonly number[]): [string, Tensor] => {
    const data = Float32Array.from({ length: elementCount(shape) }, () => 0.4 * (uniform(random) - 0.5));
    return [name, { shape, data: name.endsWith('LayerNorm.weight') ? data.fill(1) : data }];
  };
  const tensors = layersOf(config, { pooler: true })
    .flatMap((layer) => layer.tensors)
    .map(({ name, shape }) => tensor(classifierTensorName(name, 'bert'), shape));
  const head = [
    tensor('classifier.weight', [labels.length, config.hiddenSize]),
    tensor('classifier.bias', [labels.length]),
  ];
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat(writeSafetensors(new Map([...tensors, ...head]))));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configJson(labels)));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson()));
}

/** Writes train.csv and test.csv as BANKING77 has them: each text names its intent by a word of its own. */
export function writeToyBanking(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const random = createRandom(2);
  const categories = ['cards', 'fees', 'transfers'];
  const row = (index: number) => {
    const category = index % categories.length;
    const filler = Array.from({ length: 1 + Math.floor(8 * uniform(random)) }, () => {
      return toyWords[10 + Math.floor(100 * uniform(random))];
    });
    return `${[toyWords[category], ...filler].join(' ')},${categories[category]}`;
  };
  for (const [name, count] of [
    ['train', 24],
    ['test', 9],
  ] as const) {
    const rows = Array.from({ length: count }, (_, index) => row(index));
    writeFileSync(join(folder, `${name}.csv`), `${['text,category', ...rows].join('\n')}\n`);
  }
}

function configJson(labels: readonly string[]) {
  return {
    model_type: 'bert',
    architectures: ['BertForSequenceClassification'],
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_attention_heads: config.attentionHeads,
    num_hidden_layers: config.layers,
    max_position_embeddings: config.maxPositions,
    type_vocab_size: config.tokenTypes,
    layer_norm_eps: config.layerNormEpsilon,
    hidden_act: config.activation,
    hidden_dropout_prob: config.hiddenDropout,
    attention_probs_dropout_prob: config.attentionDropout,
    pad_token_id: config.padTokenId,
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  };
}

function tokenizerJson() {
  const ofSpecial = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  const sequence = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => {
      return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    }),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [ofSpecial('[CLS]'), sequence('A', 0), ofSpecial('[SEP]')],
      pair: [ofSpecial('[CLS]'), sequence('A', 0), ofSpecial('[SEP]'), sequence('B', 1), ofSpecial('[SEP]')],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [idOf[id]], tokens: [id] }])),
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: idOf,
    },
  };
}
