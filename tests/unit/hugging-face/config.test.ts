import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { familyOf } from '../../../gpu-worker/hugging-face/families/index.js';
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
    expect(read({ model_type: 'xlm-roberta' }).config).toEqual({
      ...common,
      architecture: 'xlm-roberta',
      vocabularySize: 30_522,
      layers: 12,
      tokenTypes: 2,
      classifierDropout: 0.1,
      padTokenId: 1,
    });
    expect(read({ model_type: 'electra' }).config).toEqual({
      ...common,
      architecture: 'electra',
      vocabularySize: 30_522,
      embeddingSize: 128,
      hiddenSize: 256,
      intermediateSize: 1024,
      attentionHeads: 4,
      layers: 12,
      tokenTypes: 2,
      classifierDropout: 0.1,
      padTokenId: 0,
    });
    expect(read({ model_type: 'mpnet' }).config).toEqual({
      ...common,
      architecture: 'mpnet',
      vocabularySize: 30_527,
      layers: 12,
      classifierDropout: 0.1,
      padTokenId: 1,
    });
  });

  test('takes DeBERTa’s keys as files have them', () => {
    // The file of microsoft/deberta-v3-small, and of deberta-v2-xlarge but for its convolution.
    const version3 = {
      model_type: 'deberta-v2',
      attention_probs_dropout_prob: 0.1,
      hidden_act: 'gelu',
      hidden_dropout_prob: 0.1,
      hidden_size: 768,
      initializer_range: 0.02,
      intermediate_size: 3072,
      max_position_embeddings: 512,
      relative_attention: true,
      position_buckets: 256,
      norm_rel_ebd: 'layer_norm',
      share_att_key: true,
      pos_att_type: 'p2c|c2p',
      layer_norm_eps: 1e-7,
      max_relative_positions: -1,
      position_biased_input: false,
      num_attention_heads: 12,
      num_hidden_layers: 6,
      type_vocab_size: 0,
      vocab_size: 128_100,
    };
    const distances = {
      span: 256,
      farthest: 512,
      ofKeys: true,
      ofQueries: true,
      sharesProjections: true,
      isNormalized: true,
    };
    expect(read(version3).config).toEqual({
      architecture: 'deberta-v2',
      vocabularySize: 128_100,
      hiddenSize: 768,
      intermediateSize: 3072,
      attentionHeads: 12,
      layers: 6,
      maxPositions: 512,
      layerNormEpsilon: 1e-7,
      activation: 'gelu',
      hiddenDropout: 0.1,
      attentionDropout: 0.1,
      classifierDropout: 0.1,
      padTokenId: 0,
      tokenTypes: 0,
      embeddingSize: 768,
      hasPositionTable: false,
      distances,
      poolerDropout: 0,
    });
    const version2 = {
      ...version3,
      hidden_size: 1536,
      num_attention_heads: 24,
      attention_head_size: 64,
      conv_kernel_size: 0,
      pooler_dropout: 0,
      pooler_hidden_act: 'gelu',
      pooler_hidden_size: 1536,
    };
    expect(read(version2).config).toMatchObject({ hiddenSize: 1536, attentionHeads: 24, distances });
    // What transformers takes where a file says no more than that distances are read.
    const short = { model_type: 'deberta-v2', relative_attention: true, pos_att_type: ['c2p'] };
    expect(read(short).config).toMatchObject({
      hiddenSize: 1536,
      intermediateSize: 6144,
      attentionHeads: 24,
      layers: 24,
      hasPositionTable: true,
      tokenTypes: 0,
      distances: {
        span: 512,
        farthest: null,
        ofKeys: true,
        ofQueries: false,
        sharesProjections: false,
        isNormalized: false,
      },
    });
    expect(read({ ...version3, cls_dropout: 0.3 }).config).toMatchObject({
      classifierDropout: 0.3,
      hiddenDropout: 0.1,
    });
  });

  test.each([
    [{ relative_attention: false }, 'relative_attention is false; supported: true'],
    [{ conv_kernel_size: 3 }, 'conv_kernel_size is 3; supported: 0 (no convolution)'],
    [{ attention_head_size: 32 }, 'attention_head_size is 32; supported: hidden_size / num_attention_heads'],
    [{ pooler_hidden_size: 32 }, 'pooler_hidden_size is 32; supported: hidden_size'],
    [{ pooler_hidden_act: 'tanh' }, 'pooler_hidden_act is "tanh"; supported: gelu'],
    [{ pos_att_type: 'p2c|p2p' }, 'pos_att_type is "p2c|p2p"; supported: c2p, p2c'],
    [{ pos_att_type: null }, 'pos_att_type names nothing; supported: c2p, p2c or both'],
    [{ norm_rel_ebd: 'batch_norm' }, 'norm_rel_ebd is "batch_norm"; supported: layer_norm, none'],
    [
      { position_buckets: 1 },
      'position_buckets is 1; supported: from 2 to less than twice max_relative_positions, 512',
    ],
    [{ position_buckets: 64, max_relative_positions: 33 }, 'position_buckets is 64; supported'],
    [{ position_buckets: 2.5 }, 'position_buckets is 2.5; supported: a whole number'],
  ])('refuses a DeBERTa with %j', (keys, message) => {
    const given = { model_type: 'deberta-v2', relative_attention: true, pos_att_type: 'c2p', ...keys };
    expect(() => read(given)).toThrow(message);
  });

  test('reads a ModernBERT as transformers’ versions write it, with its defaults', () => {
    const usual = {
      architecture: 'modernbert',
      vocabularySize: 50_368,
      hiddenSize: 768,
      intermediateSize: 1152,
      attentionHeads: 12,
      layers: 22,
      maxPositions: 8192,
      layerNormEpsilon: 1e-5,
      activation: 'gelu',
      attentionBias: false,
      feedForwardBias: false,
      normBias: false,
      poolerBias: false,
      slidingLayers: Array.from({ length: 22 }, (_, layer) => layer % 3 !== 0),
      windowEachSide: 64,
      rotaryBase: 160_000,
      slidingRotaryBase: 10_000,
      embeddingDropout: 0,
      attentionDropout: 0,
      feedForwardDropout: 0,
      classifierDropout: 0,
      padTokenId: 50_283,
    };
    expect(read({ model_type: 'modernbert' })).toMatchObject({ config: usual, classifierPooling: 'firstToken' });
    const former = {
      global_attn_every_n_layers: 2,
      global_rope_theta: 1000,
      local_rope_theta: 500,
      local_attention: 9,
      rope_scaling: null,
      classifier_pooling: 'mean',
      num_hidden_layers: 3,
    };
    const changed = {
      slidingLayers: [false, true, false],
      rotaryBase: 1000,
      slidingRotaryBase: 500,
      windowEachSide: 4,
    };
    expect(read({ model_type: 'modernbert', ...former })).toMatchObject({ config: changed, classifierPooling: 'mean' });
    const newer = {
      num_hidden_layers: 3,
      layer_types: ['full_attention', 'sliding_attention', 'full_attention'],
      rope_parameters: {
        full_attention: { rope_theta: 1000, rope_type: 'default' },
        sliding_attention: { rope_theta: 500, rope_type: 'default' },
      },
      local_attention: 8,
    };
    expect(read({ model_type: 'modernbert', ...newer }).config).toMatchObject(changed);
  });

  test('refuses a ModernBERT that Attune would compute otherwise', () => {
    const of = (keys: object) => () => read({ model_type: 'modernbert', ...keys });
    expect(of({ classifier_activation: 'relu' })).toThrow('classifier_activation is "relu"; supported: gelu');
    expect(of({ classifier_pooling: 'max' })).toThrow('classifier_pooling is "max"; supported: cls, mean');
    expect(of({ rope_scaling: { rope_type: 'linear', factor: 2 } })).toThrow('rope_scaling is');
    const tables = { full_attention: { rope_type: 'linear', factor: 2 } };
    expect(of({ rope_parameters: tables })).toThrow('rope_parameters: full_attention has a rope_type');
    expect(of({ hidden_size: 36, num_attention_heads: 12 })).toThrow('gives 12 heads no even width');
  });

  test('an MPNet’s classifier drops as its layers do, whatever the file says of one', () => {
    const rates = { hidden_dropout_prob: 0.2, classifier_dropout: 0.5 };
    expect(read({ model_type: 'mpnet', ...rates }).config.classifierDropout).toBe(0.2);
  });

  test('refuses an MPNet with other positions or distances than transformers computes', () => {
    const of = (keys: object) => () => read({ model_type: 'mpnet', ...keys });
    expect(of({ pad_token_id: 0 })).toThrow('pad_token_id is 0; supported: 1');
    expect(of({ relative_attention_num_buckets: 64 })).toThrow('relative_attention_num_buckets is 64; supported: 32');
    expect(of({ max_position_embeddings: 2 })).toThrow('max_position_embeddings is 2; MPNet counts positions from 2');
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
    expect(read({ architectures: ['XLMRobertaModel'] }).config.architecture).toBe('xlm-roberta');
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
  expect(longestText(read({ model_type: 'xlm-roberta', max_position_embeddings: 514 }).config)).toBe(512);
  expect(longestText(read({ model_type: 'mpnet', max_position_embeddings: 514 }).config)).toBe(512);
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

describe('causal models', () => {
  test('take what is absent from transformers’ defaults', () => {
    expect(read({ model_type: 'gpt2' }).config).toEqual({
      architecture: 'gpt2',
      vocabularySize: 50_257,
      hiddenSize: 768,
      intermediateSize: 3072,
      attentionHeads: 12,
      layers: 12,
      maxPositions: 1024,
      layerNormEpsilon: 1e-5,
      activation: 'gelu_new',
      embeddingDropout: 0.1,
      hiddenDropout: 0.1,
      attentionDropout: 0.1,
      classifierDropout: 0.1,
      padTokenId: null,
      tiesEmbeddings: true,
    });
    const common = {
      vocabularySize: 32_000,
      hiddenSize: 4096,
      attentionHeads: 32,
      headSize: 128,
      layers: 32,
      normEpsilon: 1e-6,
      rotaryBase: 10_000,
      rotaryScaling: { kind: 'none' },
      attentionBias: false,
      feedForwardBias: false,
      attentionDropout: 0,
      classifierDropout: 0.1,
      padTokenId: null,
      tiesEmbeddings: false,
    };
    expect(read({ model_type: 'llama' }).config).toEqual({
      ...common,
      architecture: 'llama',
      intermediateSize: 11_008,
      keyValueHeads: 32,
      maxPositions: 2048,
      slidingWindow: null,
    });
    expect(read({ model_type: 'mistral' }).config).toEqual({
      ...common,
      architecture: 'mistral',
      intermediateSize: 14_336,
      keyValueHeads: 8,
      maxPositions: 131_072,
      slidingWindow: 4096,
    });
    expect(read({ model_type: 'mistral', sliding_window: null }).config).toMatchObject({ slidingWindow: null });
    expect(read({ model_type: 'llama', pad_token_id: -1 }).config.padTokenId).toBeNull();
  });

  test('of later families take what is absent from transformers’ defaults', () => {
    const common = {
      rotaryScaling: { kind: 'none' },
      normEpsilon: 1e-6,
      feedForwardBias: false,
      attentionDropout: 0,
      classifierDropout: 0.1,
    };
    const qwen = {
      ...common,
      vocabularySize: 151_936,
      hiddenSize: 4096,
      intermediateSize: 22_016,
      attentionHeads: 32,
      keyValueHeads: 32,
      headSize: 128,
      layers: 32,
      maxPositions: 32_768,
      rotaryBase: 10_000,
      slidingWindow: null,
      slidingLayers: new Array(32).fill(false),
      padTokenId: null,
      tiesEmbeddings: false,
    };
    expect(read({ model_type: 'qwen2' }).config).toEqual({ ...qwen, architecture: 'qwen2', attentionBias: true });
    expect(read({ model_type: 'qwen3' }).config).toEqual({ ...qwen, architecture: 'qwen3', attentionBias: false });
    // The width of Qwen3's heads does not follow from the others.
    const narrow = { hidden_size: 64, num_attention_heads: 2, num_key_value_heads: null };
    expect(read({ model_type: 'qwen2', ...narrow }).config).toMatchObject({ headSize: 32, keyValueHeads: 2 });
    expect(read({ model_type: 'qwen3', ...narrow }).config).toMatchObject({ headSize: 128, keyValueHeads: 2 });
    expect(read({ model_type: 'gemma3_text' }).config).toEqual({
      ...common,
      architecture: 'gemma3_text',
      vocabularySize: 262_208,
      hiddenSize: 2304,
      intermediateSize: 9216,
      attentionHeads: 8,
      keyValueHeads: 4,
      headSize: 256,
      layers: 26,
      maxPositions: 131_072,
      rotaryBase: 1_000_000,
      slidingRotaryBase: 10_000,
      slidingWindow: 4096,
      slidingLayers: Array.from({ length: 26 }, (_, layer) => layer % 6 !== 5),
      queryScalar: 256,
      attentionBias: false,
      padTokenId: 0,
      tiesEmbeddings: true,
    });
  });

  test('read which layers have a window, and its size', () => {
    const qwen = (config: object) => read({ model_type: 'qwen2', num_hidden_layers: 3, ...config }).config;
    expect(qwen({ sliding_window: 9, max_window_layers: 1 })).toMatchObject({ slidingWindow: null });
    expect(qwen({ use_sliding_window: true, sliding_window: 9, max_window_layers: 1 })).toMatchObject({
      slidingWindow: 9,
      slidingLayers: [false, true, true],
    });
    const types = ['sliding_attention', 'full_attention', 'sliding_attention'];
    expect(qwen({ use_sliding_window: true, max_window_layers: 3, layer_types: types })).toMatchObject({
      slidingWindow: 4096,
      slidingLayers: [true, false, true],
    });
    const gemma = (config: object) => read({ model_type: 'gemma3_text', num_hidden_layers: 3, ...config }).config;
    expect(gemma({ sliding_window: 512, sliding_window_pattern: 2 })).toMatchObject({
      slidingWindow: 512,
      slidingLayers: [true, false, true],
    });
    expect(gemma({ layer_types: types })).toMatchObject({ slidingLayers: [true, false, true] });
    // Without such layers the window says nothing, but transformers does not run without one.
    const full = gemma({ sliding_window: 9, layer_types: new Array(3).fill('full_attention') });
    expect(full).toMatchObject({ slidingWindow: null, slidingLayers: [false, false, false] });
    expect(familyOf('gemma3_text').writeConfig(full)).toMatchObject({ sliding_window: 4096 });
  });

  test('of Gemma 3 read the rotation of each kind of layer, as transformers 5 writes it and as earlier versions did', () => {
    const linear = { kind: 'linear', factor: 8 };
    const gemma = (config: object) => read({ model_type: 'gemma3_text', ...config }).config;
    const before = { rope_theta: 500, rope_local_base_freq: 50, rope_scaling: { rope_type: 'linear', factor: 8 } };
    const expected = { rotaryBase: 500, rotaryScaling: linear, slidingRotaryBase: 50 };
    expect(gemma(before)).toMatchObject(expected);
    const full = { rope_type: 'linear', factor: 8, rope_theta: 500 };
    const sliding = { rope_type: 'default', rope_theta: 50 };
    expect(gemma({ rope_parameters: { full_attention: full, sliding_attention: sliding } })).toMatchObject(expected);
    expect(gemma({ rope_parameters: { full_attention: full } })).toMatchObject({
      ...expected,
      slidingRotaryBase: 10_000,
    });
  });

  test.each([
    ['qwen2', { attention_bias: false }, 'attention_bias is false; supported: true'],
    [
      'qwen2',
      { layer_types: ['sliding_attention'], num_hidden_layers: 1 },
      'use_sliding_window or sliding_window turns',
    ],
    ['qwen3', { num_hidden_layers: 2, layer_types: ['full_attention'] }, 'supported: 2 of full_attention, sliding_'],
    ['qwen3', { num_hidden_layers: 1, layer_types: ['linear_attention'] }, 'layer_types is ["linear_attention"]'],
    ['qwen3', { num_hidden_layers: 1, layer_types: 'full_attention' }, 'layer_types is "full_attention"'],
    ['qwen3', { mlp_bias: true }, 'mlp_bias is true; supported: false'],
    ['gemma3_text', { final_logit_softcapping: 30 }, 'final_logit_softcapping is 30; supported: null'],
    ['gemma3_text', { attn_logit_softcapping: 50 }, 'attn_logit_softcapping is 50; supported: null'],
    ['gemma3_text', { use_bidirectional_attention: true }, 'use_bidirectional_attention is true; supported: false'],
    ['gemma3_text', { hidden_activation: 'silu' }, 'hidden_activation is "silu"; supported: gelu_pytorch_tanh'],
    ['gemma3_text', { sliding_window: null }, 'sliding_window is null, but there are layers'],
    [
      'gemma3_text',
      { rope_parameters: { sliding_attention: { rope_type: 'linear', factor: 2 } } },
      'sliding_attention has a rope_type; supported: default',
    ],
    ['gemma3_text', { rope_parameters: { rope_theta: 7 } }, 'rope_parameters: rope_theta is not known'],
    ['gemma3_text', { rope_scaling: { rope_type: 'longrope' } }, 'full_attention: rope_type is "longrope"'],
  ])('refuse what is not supported, by its name: %s, %o', (family, config, message) => {
    expect(() => read({ model_type: family, ...config })).toThrow(message);
  });

  test('read rotary scaling as transformers 5 writes it, and as earlier versions did', () => {
    const scaling = (config: object) => read({ model_type: 'llama', ...config }).config;
    expect(scaling({ rope_theta: 500, rope_scaling: { type: 'linear', factor: 2 } })).toMatchObject({
      rotaryBase: 500,
      rotaryScaling: { kind: 'linear', factor: 2 },
    });
    expect(scaling({ rope_theta: 1, rope_parameters: { rope_type: 'default', rope_theta: 700 } })).toMatchObject({
      rotaryBase: 700,
      rotaryScaling: { kind: 'none' },
    });
    // Of both, transformers takes the older key, unless that is empty.
    const parameters = { rope_type: 'default', rope_theta: 700 };
    const linear = { rope_type: 'linear', factor: 3 };
    expect(scaling({ rope_theta: 5, rope_parameters: parameters, rope_scaling: linear })).toMatchObject({
      rotaryBase: 5,
      rotaryScaling: { kind: 'linear', factor: 3 },
    });
    expect(scaling({ rope_parameters: parameters, rope_scaling: {} })).toMatchObject({ rotaryBase: 700 });
    const llama3 = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
    expect(scaling({ max_position_embeddings: 99, rope_scaling: llama3 })).toMatchObject({
      rotaryScaling: {
        kind: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalPositions: 99,
      },
    });
    // 0.1 ln 4 + 1 (Peng et al. 2023, equation 22).
    expect(scaling({ rope_scaling: { rope_type: 'yarn', factor: 4 } })).toMatchObject({
      rotaryScaling: { betaFast: 32, betaSlow: 1, truncates: true, attentionFactor: 1.138_629_436_111_989 },
    });
  });

  test('read texts as long as their pre-training’s, and longer where the scaling grows with the text', () => {
    const config = { model_type: 'llama', max_position_embeddings: 100 };
    expect(longestText(read(config).config)).toBe(100);
    expect(longestText(read({ ...config, rope_scaling: { type: 'dynamic', factor: 2.5 } }).config)).toBe(250);
  });

  test.each([
    [{ rope_scaling: { rope_type: 'longrope', factor: 4 } }, 'rope_scaling: rope_type is "longrope"'],
    [{ rope_scaling: { rope_type: 'yarn' } }, 'rope_scaling: factor is missing'],
    [{ rope_parameters: { full_attention: { rope_type: 'default' } } }, 'full_attention is a table'],
    [{ partial_rotary_factor: 0.5 }, 'partial_rotary_factor is 0.5'],
    [{ hidden_act: 'gelu' }, 'hidden_act is "gelu"; supported: silu'],
    [{ num_attention_heads: 32, num_key_value_heads: 5 }, 'no multiple of num_key_value_heads 5'],
    [{ head_dim: 7 }, 'head_dim is 7; supported: an even number'],
    [{ tie_word_embeddings: 'no' }, 'tie_word_embeddings is "no"'],
  ])('refuse what is not supported, by its name: %o', (config, message) => {
    expect(() => read({ model_type: 'llama', ...config })).toThrow(message);
  });

  test('of GPT-2 refuse scores that are scaled otherwise', () => {
    expect(() => read({ model_type: 'gpt2', scale_attn_by_inverse_layer_idx: true })).toThrow(
      'scale_attn_by_inverse_layer_idx is true; supported: false',
    );
  });
});
