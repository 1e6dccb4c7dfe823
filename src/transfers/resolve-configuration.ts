import type { BaseModelRow } from '../models/base-model.reads.js';
import { familyName } from '../models/family-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import {
  type Fresh,
  type FreshSizes,
  freshOf,
  largestSize,
  mostFreshLayers,
  traitsOf,
} from '../protocol/architectures/index.js';
import type { ConfigurationSource } from '../protocol/model-source.js';
import { resolveFiles } from './check-source.js';
import type { ConfigurationSourceInput, TokenizerSourceInput } from './configuration-source.input.js';

const at = ['source', 'configuration'];

/** Where the upload of a tokenizer is in the input of an import. */
export const uploadedTokenizer: readonly string[] = [...at, 'tokenizer', 'uploadId'];

const widestHead = 64;
const shortestContext = 4;
const mostElements = 2 ** 31 - 1;
const maxTokenLength = 200;

/** What a client calls the sizes that not every family has. */
const optionFields = {
  keyValueHeads: 'keyValueHeads',
  tiesEmbeddings: 'tieEmbeddings',
  rotaryBase: 'rotaryBase',
  slidingWindow: 'slidingWindow',
  normEpsilon: 'normEpsilon',
} as const;

/**
 * A model that is made from nothing, for the job: what the input leaves out has its default. What depends on the
 * tokenizer's file, and whether the model fits memory and disk, only the worker can tell.
 *
 * @param modelOf the base model of an id. It throws ProblemsError for one that is not there
 * @param documentOf the digest of an uploaded document, by the upload's id. It throws ProblemsError likewise
 */
export async function resolveConfiguration(
  input: ConfigurationSourceInput,
  modelOf: (id: string, path: readonly string[]) => Promise<BaseModelRow>,
  documentOf: (id: string, path: readonly string[]) => Promise<string>,
): Promise<{ readonly source: ConfigurationSource | null; readonly problems: readonly InputProblem[] }> {
  const fresh = freshOf(input);
  if (fresh === null) {
    const message = `No model of the family ${familyName(input)} is made of a configuration.`;
    return { source: null, problems: [problem([...at, 'architecture'], 'INVALID_VALUE', message)] };
  }
  const { tokenizer, problems: ofTokenizer } = await resolveTokenizer(input.tokenizer, modelOf, documentOf);
  const sizes = withDefaults(input, fresh);
  const problems = [
    ...ofTokenizer,
    ...checkOptions(input, fresh),
    ...checkSizes(input, sizes, fresh.takes.includes('rotaryBase')),
    ...checkRest(input),
  ];
  if (problems.length > 0 || tokenizer === null) return { source: null, problems };
  const source: ConfigurationSource = {
    kind: 'configuration',
    architecture: input.architecture,
    sizes,
    vocabularySize: input.vocabularySize ?? null,
    tokenizer,
    tokens: { begin: input.beginToken ?? null, end: input.endToken ?? null, pad: input.padToken ?? null },
    deviation: input.initializerRange,
    seed: input.seed,
  };
  return { source, problems };
}

async function resolveTokenizer(
  input: TokenizerSourceInput,
  modelOf: (id: string, path: readonly string[]) => Promise<BaseModelRow>,
  documentOf: (id: string, path: readonly string[]) => Promise<string>,
): Promise<{
  readonly tokenizer: ConfigurationSource['tokenizer'] | null;
  readonly problems: readonly InputProblem[];
}> {
  const path = [...at, 'tokenizer'];
  if (input.baseModelId == null && input.uploadId == null) {
    const { source, problems } = resolveFiles(input, path);
    return { tokenizer: source, problems };
  }
  try {
    if (input.baseModelId == null) {
      const uploaded = await documentOf(input.uploadId!, uploadedTokenizer);
      return { tokenizer: { kind: 'upload', digest: uploaded }, problems: [] };
    }
    const { id, digest } = await modelOf(input.baseModelId, [...path, 'baseModelId']);
    return { tokenizer: { kind: 'baseModel', modelId: id, digest }, problems: [] };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { tokenizer: null, problems: error.problems };
  }
}

function withDefaults(input: ConfigurationSourceInput, { defaults }: Pick<Fresh<unknown>, 'defaults'>): FreshSizes {
  const { hiddenSize, layers, contextLength } = input;
  const attentionHeads = input.attentionHeads ?? usualHeads(hiddenSize);
  const usualIntermediate = traitsOf(input).hasGates ? 8 * Math.ceil(hiddenSize / 3) : 4 * hiddenSize;
  return {
    hiddenSize,
    layers,
    contextLength,
    attentionHeads,
    keyValueHeads: input.keyValueHeads ?? attentionHeads,
    intermediateSize: input.intermediateSize ?? usualIntermediate,
    tiesEmbeddings: input.tieEmbeddings ?? true,
    rotaryBase: input.rotaryBase ?? 10_000,
    slidingWindow: input.slidingWindow ?? null,
    normEpsilon: input.normEpsilon ?? defaults.normEpsilon,
    dropout: input.dropout ?? defaults.dropout,
  };
}

/** The fewest heads that are at most 64 wide and of an even width; one where the width has no such divisor. */
function usualHeads(hiddenSize: number): number {
  const fewest = Math.ceil(hiddenSize / widestHead);
  for (let heads = fewest; heads <= hiddenSize / 2 && hiddenSize <= largestSize; heads++) {
    if (hiddenSize % heads === 0 && (hiddenSize / heads) % 2 === 0) return heads;
  }
  return 1;
}

/** Refuses sizes that the family does not have. */
function checkOptions(input: ConfigurationSourceInput, { takes }: Pick<Fresh<unknown>, 'takes'>): InputProblem[] {
  return Object.entries(optionFields).flatMap(([option, field]) => {
    if (input[field] == null || takes.some((taken) => taken === option)) return [];
    const message = `Models of the family ${familyName(input)} have no ${field}.`;
    return [problem([...at, field], 'INVALID_VALUE', message, 'Leave it out.')];
  });
}

function checkSizes(input: ConfigurationSourceInput, sizes: FreshSizes, isRotary: boolean): InputProblem[] {
  const outside = [
    ...whole('hiddenSize', sizes.hiddenSize, 1, largestSize),
    ...whole('layers', sizes.layers, 1, mostFreshLayers),
    ...whole('attentionHeads', sizes.attentionHeads, 1, largestSize),
    // These defaults follow from the sizes above: of wrong ones nothing more is said.
    ...(input.keyValueHeads == null ? [] : whole('keyValueHeads', input.keyValueHeads, 1, largestSize)),
    ...(input.intermediateSize == null ? [] : whole('intermediateSize', input.intermediateSize, 1, largestSize)),
    ...whole('contextLength', sizes.contextLength, shortestContext, largestSize),
    ...(input.vocabularySize == null ? [] : whole('vocabularySize', input.vocabularySize, 1, largestSize)),
    ...(sizes.slidingWindow === null ? [] : whole('slidingWindow', sizes.slidingWindow, 1, largestSize)),
  ];
  // Of nonsense, what follows from it is no news.
  if (outside.length > 0) return outside;
  const tooLarge = (['intermediateSize', 'contextLength', 'vocabularySize'] as const).flatMap((field) => {
    const rows = field === 'vocabularySize' ? (input[field] ?? 1) : sizes[field];
    if (rows * sizes.hiddenSize <= mostElements) return [];
    const message = `A table of ${field} ${rows} × hiddenSize ${sizes.hiddenSize} has more than 2^31 − 1 numbers.`;
    return [problem([...at, field], 'INVALID_VALUE', message)];
  });
  return [...tooLarge, ...checkDivisors(sizes, isRotary)];
}

function checkDivisors({ hiddenSize, attentionHeads, keyValueHeads }: FreshSizes, isRotary: boolean): InputProblem[] {
  const wrong = (field: string, message: string) => [problem([...at, field], 'INVALID_VALUE', message)];
  if (hiddenSize % attentionHeads !== 0) {
    return wrong('attentionHeads', `hiddenSize ${hiddenSize} is no multiple of ${attentionHeads} attention heads.`);
  }
  const headSize = hiddenSize / attentionHeads;
  return [
    ...(!isRotary || headSize % 2 === 0
      ? []
      : wrong(
          'hiddenSize',
          `hiddenSize ${hiddenSize} / attentionHeads ${attentionHeads} is odd: rotary positions need an even width.`,
        )),
    ...(attentionHeads % keyValueHeads === 0
      ? []
      : wrong('keyValueHeads', `attentionHeads ${attentionHeads} is no multiple of keyValueHeads ${keyValueHeads}.`)),
  ];
}

function checkRest(input: ConfigurationSourceInput): InputProblem[] {
  const range = (field: string, value: number | null, fits: (value: number) => boolean, allowed: string) =>
    value == null || fits(value) ? [] : [problem([...at, field], 'INVALID_VALUE', `${field} must be ${allowed}.`)];
  const tokens = { beginToken: input.beginToken, endToken: input.endToken, padToken: input.padToken };
  return [
    ...range('rotaryBase', input.rotaryBase, (value) => value > 0, 'above 0'),
    ...range('normEpsilon', input.normEpsilon, (value) => value > 0 && value <= 1, 'above 0, at most 1'),
    ...range('dropout', input.dropout, (value) => value >= 0 && value < 1, 'from 0, below 1'),
    ...range('initializerRange', input.initializerRange, (value) => value > 0 && value <= 1, 'above 0, at most 1'),
    ...Object.entries(tokens).flatMap(([field, token]) =>
      token == null || (token.length > 0 && token.length <= maxTokenLength)
        ? []
        : [problem([...at, field], 'INVALID_VALUE', `A token has 1 to ${maxTokenLength} characters.`)],
    ),
  ];
}

function whole(field: string, value: number, least: number, most: number): InputProblem[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [problem([...at, field], 'INVALID_VALUE', `${field} must be a whole number from ${least} to ${most}.`)];
}
