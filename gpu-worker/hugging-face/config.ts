import type { BertConfig, DistilBertConfig, RobertaConfig } from '../../src/protocol/architectures/index.js';
import type { EncoderConfig } from '../architectures/encoder-run.js';
import { type ConfigKeys, configKeys } from './config-keys.js';
import { type ConfigNote, readConfigNote } from './head-notes.js';
import { labelsOf } from './labels.js';
import { invalidModel, listed, unsupported } from './problems.js';

/** What a model's `config.json` says. */
export interface ModelConfig {
  readonly config: EncoderConfig;
  /**
   * The class of transformers that wrote the weights: `BertForSequenceClassification`. Null where the file doesn't say.
   */
  readonly writtenBy: string | null;
  /** Names of the classes, in the order of the logits. */
  readonly labels: readonly string[] | null;
  readonly problemType: ProblemType | null;
  /** What Attune wrote of the head. */
  readonly note: ConfigNote | null;
}

const problemTypes = ['single_label_classification', 'multi_label_classification', 'regression'] as const;
export type ProblemType = (typeof problemTypes)[number];

const families = ['bert', 'distilbert', 'roberta'] as const;
type Family = (typeof families)[number];

export const supportedArchitectures =
  'Attune trains BERT (and so MiniLM and its like), DistilBERT and RoBERTa: model_type bert, distilbert or roberta.';

const mostLayers = 1000;

/** Names of one function that only round differently, if at all. */
const activations = new Map<string, EncoderConfig['activation']>([
  ['gelu', 'gelu'],
  ['gelu_python', 'gelu'],
  ['gelu_new', 'gelu_new'],
  ['gelu_pytorch_tanh', 'gelu_new'],
  ['relu', 'relu'],
]);

/**
 * Reads a `config.json`. What transformers adds when a key is absent is added here. Errors: ProblemError INVALID_MODEL
 * (no JSON object), UNSUPPORTED_MODEL (names every key that Attune has no support for).
 */
export function readConfig(text: string): ModelConfig {
  const json = parseObject(text);
  const writtenBy = writtenByOf(json);
  const family = familyOf(json, writtenBy);
  const keys = configKeys(json);
  const config = configOf(family, keys);
  if (config.hiddenSize % config.attentionHeads !== 0) {
    keys.findings.push(`hidden size ${config.hiddenSize} is no multiple of ${config.attentionHeads} attention heads`);
  }
  if (config.architecture === 'roberta' && config.maxPositions <= config.padTokenId + 1) {
    keys.findings.push(
      `max_position_embeddings is ${config.maxPositions}; RoBERTa counts positions from pad_token_id + 1 = ${config.padTokenId + 1}`,
    );
  }
  if (config.padTokenId >= config.vocabularySize) {
    keys.findings.push(
      `pad_token_id is ${config.padTokenId}; supported: a token below vocab_size ${config.vocabularySize}`,
    );
  }
  refuseOtherForms(keys);
  if (keys.findings.length > 0) {
    throw unsupported(listed('config.json has what is not supported', keys.findings), supportedArchitectures);
  }
  return {
    config,
    writtenBy,
    labels: labelsOf(json),
    problemType: problemTypeOf(json),
    note: readConfigNote(json),
  };
}

/** Parses `config.json`. Errors: ProblemError INVALID_MODEL. */
export function parseObject(text: string, file = 'config.json'): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidModel(`${file} is not JSON`, null, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidModel(`${file} is not a JSON object`);
  }
  return { ...value };
}

function writtenByOf(json: Readonly<Record<string, unknown>>): string | null {
  const architectures = json.architectures;
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === 'string' ? first : null;
}

/** Null where it is absent, or none that transformers knows. */
export function problemTypeOf({ problem_type }: Readonly<Record<string, unknown>>): ProblemType | null {
  return problemTypes.find((type) => type === problem_type) ?? null;
}

/** The family by `model_type`; files from before that key existed have the class alone. */
function familyOf(json: Readonly<Record<string, unknown>>, writtenBy: string | null): Family {
  const type = json.model_type ?? writtenBy?.match(/^(Bert|DistilBert|Roberta)(?=For|Model)/)?.[0].toLowerCase();
  const family = families.find((name) => name === type);
  if (family !== undefined) return family;
  throw unsupported(
    type === undefined
      ? 'config.json has no model_type: the architecture is unknown'
      : `the architecture ${JSON.stringify(type)} (model_type in config.json) is not supported`,
    supportedArchitectures,
  );
}

function configOf(family: Family, keys: ConfigKeys): EncoderConfig {
  switch (family) {
    case 'bert':
      return bert(keys);
    case 'distilbert':
      return distilBert(keys);
    case 'roberta':
      return roberta(keys);
    default:
      return family satisfies never;
  }
}

function bert(keys: ConfigKeys): BertConfig {
  return {
    architecture: 'bert',
    ...bertLike(keys, { vocabularySize: 30_522, epsilon: 1e-12, padTokenId: 0 }),
    tokenTypes: keys.size('type_vocab_size', 2),
  };
}

function roberta(keys: ConfigKeys): RobertaConfig {
  return {
    architecture: 'roberta',
    ...bertLike(keys, { vocabularySize: 50_265, epsilon: 1e-12, padTokenId: 1 }),
    tokenTypes: keys.size('type_vocab_size', 2),
  };
}

function bertLike(
  keys: ConfigKeys,
  absent: { readonly vocabularySize: number; readonly epsilon: number; readonly padTokenId: number },
) {
  const hiddenDropout = keys.rate('hidden_dropout_prob', 0.1);
  return {
    vocabularySize: keys.size('vocab_size', absent.vocabularySize),
    hiddenSize: keys.size('hidden_size', 768),
    intermediateSize: keys.size('intermediate_size', 3072),
    attentionHeads: keys.size('num_attention_heads', 12),
    layers: keys.size('num_hidden_layers', 12, mostLayers),
    maxPositions: keys.size('max_position_embeddings', 512),
    layerNormEpsilon: keys.epsilon('layer_norm_eps', absent.epsilon),
    activation: keys.word('hidden_act', 'gelu', activations),
    hiddenDropout,
    attentionDropout: keys.rate('attention_probs_dropout_prob', 0.1),
    classifierDropout: keys.rate('classifier_dropout', hiddenDropout),
    padTokenId: keys.index('pad_token_id', absent.padTokenId),
  };
}

/** Its epsilon is 1e-12 in the code of transformers, not in the configuration. */
function distilBert(keys: ConfigKeys): DistilBertConfig {
  return {
    architecture: 'distilbert',
    vocabularySize: keys.size('vocab_size', 30_522),
    hiddenSize: keys.size('dim', 768),
    intermediateSize: keys.size('hidden_dim', 3072),
    attentionHeads: keys.size('n_heads', 12),
    layers: keys.size('n_layers', 6, mostLayers),
    maxPositions: keys.size('max_position_embeddings', 512),
    layerNormEpsilon: 1e-12,
    activation: keys.word('activation', 'gelu', activations),
    hiddenDropout: keys.rate('dropout', 0.1),
    attentionDropout: keys.rate('attention_dropout', 0.1),
    classifierDropout: keys.rate('seq_classif_dropout', 0.2),
    padTokenId: keys.index('pad_token_id', 0),
  };
}

/** Options that make another computation of the same tensors. */
function refuseOtherForms(keys: ConfigKeys): void {
  keys.only('position_embedding_type', ['absolute', null], 'absolute');
  keys.only('is_decoder', [false, null], 'false (an encoder)');
  keys.only('add_cross_attention', [false, null], 'false (an encoder)');
  keys.only('is_encoder_decoder', [false, null], 'false (an encoder)');
  keys.only('pruned_heads', [{}, null], 'none');
  keys.only('problem_type', [...problemTypes, null], problemTypes.join(', '));
  keys.only('quantization_config', [null], 'weights in float32, float16 or bfloat16');
}
