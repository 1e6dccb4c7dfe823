import {
  isLanguageModelTensor,
  isPoolerTensor,
  languageModelHead,
  poolerModule,
  poolerNorm,
} from '../../src/protocol/trained-layers.js';
import { type FamilyName, familyOf } from './families/index.js';
import { headsFile } from './head-notes.js';

/** What a tensor of a file is to Attune. */
export type TensorRole =
  /** A parameter of the encoder or its pooler, by Attune's name; whether there is one of this name, its shapes tell. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** Part of the head of `…ForSequenceClassification` or `…ForTokenClassification`. */
  | { readonly kind: 'head'; readonly part: 'weight' | 'bias' }
  /** Known, and no part of an encoder with heads of Attune's kinds. */
  | { readonly kind: 'ignored' };

/**
 * Heads of answers to questions, and buffers that older versions of transformers stored: what every family leaves out.
 */
const ignored: readonly RegExp[] = [/^embeddings\.(position_ids|token_type_ids)$/, /^qa_outputs\./];

/** The pooler that transformers' bare models have, where they have one. */
const bareModelPoolerModule = 'pooler.dense';

const besidePrefix = `${headsFile}: `;

/**
 * How a tensor of `heads.safetensors` is told from one of the same name in the model's own files: it has Attune's
 * names.
 */
export function besideName(name: string): string {
  return besidePrefix + name;
}

/**
 * The role of a tensor, by its name in a file. Files of bare models have names without prefix, others `bert.` and its
 * like in front of the encoder's; before 2019 LayerNorm's weight and bias were `gamma` and `beta`.
 *
 * @param writtenBy the class of transformers that wrote the file: `classifier.weight` is also what other classes have
 */
export function roleOf(fileName: string, family: FamilyName, writtenBy: string | null): TensorRole {
  if (fileName.startsWith(besidePrefix)) return { kind: 'parameter', name: fileName.slice(besidePrefix.length) };
  const name = withoutPrefix(fileName, family)
    .replace(/\.gamma$/, '.weight')
    .replace(/\.beta$/, '.bias');
  const ofPredictor = predictorRole(name, family);
  if (ofPredictor !== null) return ofPredictor;
  if ([...ignored, familyOf(family).leftOut].some((pattern) => pattern.test(name))) return { kind: 'ignored' };
  const [part] = name.match(/(?<=\.)(weight|bias)$/) ?? [];
  const { bareModelPooler } = familyOf(family);
  if (part === 'weight' || part === 'bias') {
    const module = name.slice(0, -part.length - 1);
    const pooler = poolerNames(family).find(([theirs]) => module === withoutPrefix(theirs, family));
    if (pooler !== undefined) return { kind: 'parameter', name: `${pooler[1]}.${part}` };
    if (bareModelPooler === 'unused' && module === bareModelPoolerModule) return { kind: 'ignored' };
    if (module === headModuleOf(family, writtenBy)) return { kind: 'head', part };
  }
  if (/^(classifier|score)\./.test(name)) return { kind: 'ignored' };
  return { kind: 'parameter', name };
}

/** The modules of the pooler in the family's classifier of texts, each with Attune's name. */
export function poolerNames(family: FamilyName): readonly (readonly [theirs: string, ours: string])[] {
  const { pooler, poolerNorm: norm } = familyOf(family).classifier;
  return [
    ...(pooler === null ? [] : [[pooler, poolerModule] as const]),
    ...(norm === undefined ? [] : [[norm, poolerNorm] as const]),
  ];
}

/** Attune's names of what predicts masked tokens, by those of the family. */
function predictorNames(family: FamilyName): readonly (readonly [theirs: string, ours: string])[] {
  const names = familyOf(family).tokenPredictor;
  if (names === undefined) return [];
  const { dense, norm, bias } = names;
  const parts = (theirs: string | undefined, ours: string) =>
    theirs === undefined ? [] : ['weight', 'bias'].map((part) => [`${theirs}.${part}`, `${ours}.${part}`] as const);
  return [
    ...parts(dense, `${languageModelHead}.dense`),
    ...parts(norm, `${languageModelHead}.norm`),
    [bias, `${languageModelHead}.bias`],
  ];
}

/** The role of a tensor of what predicts masked tokens; null for another. */
function predictorRole(name: string, family: FamilyName): TensorRole | null {
  const found = predictorNames(family).find(([theirs]) => theirs === name);
  return found === undefined ? null : { kind: 'parameter', name: found[1] };
}

/** The name in the bare model: without the `bert.` or its like that classifiers put before the encoder's names. */
function withoutPrefix(name: string, family: FamilyName): string {
  const prefix = `${familyOf(family).baseModule}.`;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** The module of the head in the class that wrote the file; null for a class whose head is of another kind. */
function headModuleOf(family: FamilyName, writtenBy: string | null): string | null {
  if (classifiesTokens(writtenBy)) return familyOf(family).tokenHead;
  const classifiesTexts = writtenBy === null || writtenBy.endsWith('ForSequenceClassification');
  return classifiesTexts ? familyOf(family).classifier.head : null;
}

/** @param writtenBy a class of transformers */
export function classifiesTokens(writtenBy: string | null): boolean {
  return writtenBy?.endsWith('ForTokenClassification') === true;
}

/**
 * The name that a tensor of the encoder or its pooler has in a file of `…ForSequenceClassification`. Names of the
 * encoder are the same in a file of `…ForTokenClassification`, and in one of a language model.
 */
export function classifierTensorName(name: string, family: FamilyName): string {
  const { baseModule } = familyOf(family);
  if (isPoolerTensor({ name })) {
    const [theirs, ours] = poolerNames(family).find(([, module]) => name.startsWith(`${module}.`)) ?? ['', ''];
    return theirs + name.slice(ours.length);
  }
  if (!isLanguageModelTensor({ name })) return `${baseModule}.${name}`;
  return predictorNames(family).find(([, ours]) => ours === name)?.[0] ?? name;
}
