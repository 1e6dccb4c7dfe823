import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { labelsOf } from '../../../gpu-worker/hugging-face/labels.js';
import { longestText } from '../../../src/protocol/architectures/index.js';

const read = (config: object) => readConfig(JSON.stringify(config));

describe('readConfig', () => {
  // Defaults of BertConfig, DistilBertConfig and RobertaConfig in transformers 5.
  test('takes what is absent from transformers’ defaults', () => {
    const common = {
      intermediateSize: 3072,
      hiddenSize: 768,
      attentionHeads: 12,
      maxPositions: 512,
      layerNormEpsilon: 1e-12,
      activation: 'gelu',
      hiddenDropout: 0.1,
      attentionDropout: 0.1,
    };
    expect(read({ model_type: 'bert' }).config).toEqual({
      ...common,
      architecture: 'bert',
      vocabularySize: 30_522,
      layers: 12,
      tokenTypes: 2,
      classifierDropout: 0.1,
      padTokenId: 0,
    });
    expect(read({ model_type: 'distilbert' }).config).toEqual({
      ...common,
      architecture: 'distilbert',
      vocabularySize: 30_522,
      layers: 6,
      classifierDropout: 0.2,
      padTokenId: 0,
    });
    expect(read({ model_type: 'roberta' }).config).toEqual({
      ...common,
      architecture: 'roberta',
      vocabularySize: 50_265,
      layers: 12,
      tokenTypes: 2,
      classifierDropout: 0.1,
      padTokenId: 1,
    });
  });

  test('reads each family’s own keys', () => {
    const bert = { hidden_size: 384, num_hidden_layers: 6, hidden_act: 'gelu_new', hidden_dropout_prob: 0.2 };
    expect(read({ model_type: 'bert', ...bert }).config).toMatchObject({
      hiddenSize: 384,
      layers: 6,
      activation: 'gelu_new',
      hiddenDropout: 0.2,
      classifierDropout: 0.2,
    });
    const distilBert = { dim: 384, n_layers: 3, hidden_dim: 512, n_heads: 6, activation: 'relu', dropout: 0.3 };
    expect(read({ model_type: 'distilbert', ...distilBert }).config).toMatchObject({
      hiddenSize: 384,
      layers: 3,
      intermediateSize: 512,
      attentionHeads: 6,
      activation: 'relu',
      hiddenDropout: 0.3,
      classifierDropout: 0.2,
    });
  });

  test('knows a family by the class that wrote it, where files are older than model_type', () => {
    expect(read({ architectures: ['BertForMaskedLM'] }).config.architecture).toBe('bert');
    expect(read({ architectures: ['DistilBertModel'] }).config.architecture).toBe('distilbert');
    expect(() => read({ architectures: ['BertweetModel'] })).toThrow('config.json has no model_type');
  });

  test('takes values that change nothing, and null for none', () => {
    const harmless = {
      is_decoder: false,
      add_cross_attention: false,
      pruned_heads: {},
      quantization_config: null,
      position_embedding_type: 'absolute',
      classifier_dropout: null,
      use_cache: true,
      tie_word_embeddings: false,
    };
    expect(read({ model_type: 'roberta', ...harmless }).config.classifierDropout).toBe(0.1);
  });

  test.each([
    ['"layer_norm_eps":1e999', 'layer_norm_eps is Infinity; supported: a number above 0, at most 1'],
    ['"layer_norm_eps":1e300', 'layer_norm_eps is 1e+300; supported'],
    ['"pad_token_id":1e300', 'pad_token_id is 1e+300; supported: a whole number from 0 to 16777215'],
    ['"pad_token_id":-1', 'pad_token_id is -1; supported'],
    ['"pad_token_id":40000', 'pad_token_id is 40000; supported: a token below vocab_size 30522'],
    ['"vocab_size":1e999', 'vocab_size is Infinity; supported: a whole number from 1 to 16777216'],
  ])('refuses %s', (pair, message) => {
    expect(() => readConfig(`{"model_type":"bert",${pair}}`)).toThrow(message);
  });

  test('refuses a RoBERTa without positions for a token', () => {
    expect(() => read({ model_type: 'roberta', max_position_embeddings: 2 })).toThrow(
      'max_position_embeddings is 2; RoBERTa counts positions from pad_token_id + 1 = 2',
    );
  });
});

test('a RoBERTa of 514 positions reads 512 tokens, a BERT of 512 as many', () => {
  expect(longestText(read({ model_type: 'roberta', max_position_embeddings: 514 }).config)).toBe(512);
  expect(longestText(read({ model_type: 'bert', max_position_embeddings: 512 }).config)).toBe(512);
});

test.each([
  [{ id2label: { '0': 'no', '1': 'yes' } }, ['no', 'yes']],
  [{ id2label: { '1': 'yes', '0': 'no' } }, ['no', 'yes']],
  [
    { id2label: Object.fromEntries(Array.from({ length: 11 }, (_, id) => [id, `l${id}`])) },
    Array.from({ length: 11 }, (_, id) => `l${id}`),
  ],
  [{ id2label: { '0': 'no', '2': 'yes' } }, null],
  [{ id2label: { '0': 0, '1': 1 } }, ['0', '1']],
  [{ id2label: { '0': 'no', '1': 7 } }, ['no', '7']],
  [{ id2label: { '0': -0.5, '1': true, '2': false } }, ['-0.5', 'true', 'false']],
  [{ id2label: { '0': 'no', '1': null, '2': 'yes', '3': ['x'] } }, ['no', 'LABEL_1', 'yes', 'LABEL_3']],
  [{ id2label: [1, 2] }, ['1', '2']],
  [{ num_labels: 3 }, null],
  [{ num_labels: 5e9 }, null],
  [{ id2label: {} }, null],
  [{}, null],
])('labels of %j', (config, labels) => {
  expect(labelsOf(config)).toEqual(labels);
});

test.each([
  ['a name that no list can be filtered by', 'x'.repeat(501), 'a name of 501 characters for class 1'],
  ['a NUL', 'a\0b', 'a NUL'],
  ['half a surrogate pair', 'a\ud83d', 'half a surrogate pair'],
])('labels with %s are refused', (_, label, message) => {
  expect(() => labelsOf({ id2label: { '0': 'no', '1': label } })).toThrow(message);
});
