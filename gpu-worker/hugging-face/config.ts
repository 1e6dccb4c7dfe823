import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import { type ConfigKeys, configKeys, shown } from './config-keys.js';
import { type FamilyName, familyNames, familyOf, supportedFamilies } from './families/index.js';
import { type ConfigNote, readConfigNote } from './head-notes.js';
import { labelsOf } from './labels.js';
import { invalidModel, listed, unsupported } from './problems.js';

/** What a model's `config.json` says. */
export interface ModelConfig {
  readonly config: TransformerConfig;
  /** Whether the table of word embeddings is what logits of tokens are made with, as it is unless the file says no. */
  readonly tiesEmbeddings: boolean;
  /**
   * The class of transformers that wrote the weights: `BertForSequenceClassification`. Null where the file doesn't say.
   */
  readonly writtenBy: string | null;
  /** Names of the classes, in the order of the logits. */
  readonly labels: readonly string[] | null;
  readonly problemType: ProblemType | null;
  /** What the classifier of texts reads, in families whose configuration says it; null in others. */
  readonly classifierPooling: Pooling | null;
  /** Attune's own note on the head; null where there is none. */
  readonly note: ConfigNote | null;
  /** Whether whoever imports it says that the number of its head is a reward. Absent: no. */
  readonly isRewardModel?: boolean;
}

const problemTypes = ['single_label_classification', 'multi_label_classification', 'regression'] as const;
export type ProblemType = (typeof problemTypes)[number];

/**
 * Reads a `config.json`. An absent key has the default that it has in transformers. Errors: ProblemError INVALID_MODEL
 * (no JSON object), UNSUPPORTED_MODEL (names every key that Attune has no support for).
 */
export function readConfig(text: string): ModelConfig {
  const json = parseObject(text);
  const writtenBy = writtenByOf(json);
  const keys = configKeys(json);
  const config = familyOf(familyNameOf(json, writtenBy)).readConfig(keys);
  if (config.hiddenSize % config.attentionHeads !== 0) {
    keys.findings.push(`hidden size ${config.hiddenSize} is no multiple of ${config.attentionHeads} attention heads`);
  }
  if (config.padTokenId !== null && config.padTokenId >= config.vocabularySize) {
    keys.findings.push(
      `pad_token_id is ${config.padTokenId}; supported: a token below vocab_size ${config.vocabularySize}`,
    );
  }
  const { poolingKey } = familyOf(config.architecture);
  if (poolingKey !== undefined) keys.only(poolingKey, ['cls', 'mean'], 'cls, mean');
  refuseOtherForms(keys);
  if (keys.findings.length > 0) {
    throw unsupported(listed('config.json asks for what Attune does not support', keys.findings), supportedFamilies);
  }
  return {
    config,
    tiesEmbeddings: json.tie_word_embeddings !== false,
    writtenBy,
    labels: labelsOf(json),
    problemType: readProblemType(json),
    classifierPooling: classifierPoolingOf(json, config),
    note: readConfigNote(json),
  };
}

/** What a classifier of texts reads by a `config.json`; null where the family has no key for it. */
export function classifierPoolingOf(
  json: Readonly<Record<string, unknown>>,
  { architecture }: Pick<TransformerConfig, 'architecture'>,
): Pooling | null {
  const { poolingKey } = familyOf(architecture);
  if (poolingKey === undefined) return null;
  return json[poolingKey] === 'mean' ? 'mean' : 'firstToken';
}

/** Configurations have two or three levels; deeper ones cannot be shown in messages, which are made by recursion. */
const mostLevels = 64;

/** Parses `config.json`. Errors: ProblemError INVALID_MODEL. */
export function parseObject(text: string, file = 'config.json'): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidModel(`${file} is not JSON`, null, error);
  }
  if (levelsIn(text) > mostLevels)
    throw invalidModel(`${file} has lists and objects nested ${mostLevels} times and more`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidModel(`${file} is not a JSON object`);
  }
  return { ...value };
}

/** How deeply lists and objects are nested in a valid JSON text. */
function levelsIn(text: string): number {
  let level = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === '[' || bracket === '{') deepest = Math.max(deepest, ++level);
    else if (bracket === ']' || bracket === '}') level--;
  }
  return deepest;
}

function writtenByOf(json: Readonly<Record<string, unknown>>): string | null {
  const architectures = json.architectures;
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === 'string' ? first : null;
}

/** The `problem_type` of a `config.json`. Null where it is absent, or none that transformers knows. */
export function readProblemType({ problem_type }: Readonly<Record<string, unknown>>): ProblemType | null {
  return problemTypes.find((type) => type === problem_type) ?? null;
}

/** The family by `model_type`; files from before that key existed name only the class that wrote them. */
function familyNameOf(json: Readonly<Record<string, unknown>>, writtenBy: string | null): FamilyName {
  const type = json.model_type ?? familyNames.find((name) => isClassOf(familyOf(name).classPrefix, writtenBy));
  const family = familyNames.find((name) => name === type);
  if (family !== undefined) return family;
  throw unsupported(
    type === undefined
      ? 'config.json has no model_type: the architecture is unknown'
      : `the architecture ${shown(type)} (model_type in config.json) is not supported`,
    supportedFamilies,
  );
}

/** Whether a class is of the family: `BertModel` and `BertForMaskedLM` are of `Bert`, `BertweetModel` is not. */
function isClassOf(prefix: string, className: string | null): boolean {
  return ['For', 'Model'].some((next) => className?.startsWith(prefix + next));
}

/** Refuses options with which a model computes something else from the same tensors. */
function refuseOtherForms(keys: ConfigKeys): void {
  keys.only('position_embedding_type', ['absolute', null], 'absolute');
  keys.only('is_decoder', [false, null], 'false (an encoder)');
  keys.only('add_cross_attention', [false, null], 'false (an encoder)');
  keys.only('is_encoder_decoder', [false, null], 'false (an encoder)');
  keys.only('pruned_heads', [{}, null], 'none');
  keys.only('problem_type', [...problemTypes, null], problemTypes.join(', '));
  keys.only('quantization_config', [null], 'weights in float32, float16 or bfloat16');
}
