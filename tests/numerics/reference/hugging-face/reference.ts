import { readFileSync } from 'node:fs';
import { readSafetensors } from '../../../../src/storage/safetensors.js';
import { draw, numbers } from '../numbers.js';

export const families = [
  'bert',
  'distilbert',
  'roberta',
  'xlm-roberta',
  'electra',
  'mpnet',
  'deberta-v2',
  'modernbert',
] as const;
export type Family = (typeof families)[number];

/** Families whose classifiers have one module of two projections: `classifier.dense` and `classifier.out_proj`. */
export const withClassifierModule: ReadonlySet<Family> = new Set(['roberta', 'xlm-roberta', 'electra', 'mpnet']);

/** Rows of equal length, padded at the end. `typeIds` are all 0 for families without token types. */
export interface Batch {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly typeIds: number[][];
  readonly labels: number[];
}

/**
 * What is left of a parameter that is not stored whole: its norm, and scalar products with drawn vectors (`summaries`
 * in hugging_face.py).
 */
export interface Summary {
  readonly shape: number[];
  readonly norm: number;
  readonly projections: number[];
}

/**
 * One kind of head on one family; every dropout rate is 0. Parameters are named as in transformers'
 * `…ForSequenceClassification`.
 */
export interface HeadReference {
  /** [B,C], of the first batch, as `loss` and `gradients` are. */
  readonly logits: number[];
  readonly loss: number;
  readonly gradients: Record<string, Summary>;
  /** Of each of 50 steps, before its update; steps take the batches in turn. */
  readonly losses: number[];
  /** Before clipping. */
  readonly gradientNorms: number[];
  /** Parameters after the last step, and the first batch's logits with them. */
  readonly trained: Record<string, Summary>;
  readonly trainedLogits: number[];
}

export interface FamilyReference {
  readonly labels: string[];
  readonly batches: Batch[];
  readonly training: {
    readonly steps: number;
    readonly warmupSteps: number;
    readonly schedule: 'linear';
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly maxGradientNorm: number;
  };
  /** Of the first batch: [B,T,H] (rows of padding too), [B,H], [B,H]. */
  readonly forward: { readonly lastHiddenState: number[]; readonly pooled: number[]; readonly meanPooled: number[] };
  /** MPNet's alone: states [H] of some tokens of a long text, by their places. */
  readonly long?: { readonly ids: number[]; readonly rows: Record<string, number[]> };
  readonly firstToken: HeadReference;
  readonly mean: HeadReference;
}

export const headKinds = ['multiLabel', 'regression', 'tokenClassification'] as const;

/** Heads of one kind on a family's model, trained as a whole and with PEFT's adapters (heads.py). */
export interface HeadKindReference {
  readonly outputs: number;
  /** Of each batch: [B,C] of 0 and 1; [B,K] numbers; [B,T] tags, −100 where there is none. */
  readonly targets: number[][][];
  readonly full: HeadReference;
  readonly lora: HeadReference;
}

export interface HeadsReference {
  /** Of the labels of the multi-label head. */
  readonly positiveWeights: number[];
  readonly kinds: Record<(typeof headKinds)[number], HeadKindReference>;
}

/**
 * A PEFT adapter on `family`: before training (`adapters/<case>/initial`) and after 50 steps on the family's batches
 * (`…/trained`).
 */
export interface AdapterReference {
  readonly family: Family;
  readonly logits: number[];
  readonly loss: number;
  /** By the name in the adapter's file, without `base_model.model.`; row-major values. */
  readonly gradients: Record<string, number[]>;
  readonly losses: number[];
  readonly gradientNorms: number[];
  readonly trainedLogits: number[];
  /** The base model's after `merge_and_unload`. */
  readonly mergedLogits: number[];
}

/** Logits and states of the first batch of the family that a stored variant's name begins with. */
export interface VariantReference {
  readonly lastHiddenState: number[];
  readonly logits?: number[];
  readonly poolerOutput?: number[] | null;
}

export interface TokenizationReference {
  readonly text: string;
  readonly pair: string | null;
  readonly truncationSide: 'left' | 'right';
  readonly maxLength: number;
  readonly ids: number[];
  readonly typeIds: number[];
  /** UTF-16 indices into the text that `sequence` names; [0,0] for special tokens. */
  readonly offsets: [number, number][];
  readonly sequence: (0 | 1 | null)[];
  readonly truncated: boolean;
}

const folder = new URL('.', import.meta.url);

/** Where a model or an adapter lies: `bert`, `bert-sharded`, `adapters/bert-lora/trained`. */
export function modelFolder(name: string): URL {
  return new URL(`${name}/`, folder);
}

export function familyReference(family: Family): FamilyReference {
  return read(`${family}.reference.json`);
}

export function headsReference(family: Family): HeadsReference {
  return read(`${family}-heads.reference.json`);
}

/** Cases: see adapters.py. */
export function adapterReference(name: string): AdapterReference {
  return read(`${name}.reference.json`);
}

export function variantReferences(): Record<string, VariantReference> {
  return read<{ models: Record<string, VariantReference> }>('variants.reference.json').models;
}

export function tokenizationReferences(): Record<Family, TokenizationReference[]> {
  return read<{ tokenizers: Record<Family, TokenizationReference[]> }>('tokenizers.reference.json').tokenizers;
}

/**
 * All gradients of the first batch's loss with the family's own head (`firstToken`), named as in transformers'
 * `…ForSequenceClassification`.
 */
export function gradientReference(family: Family): ReadonlyMap<string, Float32Array> {
  const { tensors } = readSafetensors(readFileSync(new URL(`${family}.gradients.safetensors`, folder)));
  return new Map([...tensors].map(([name, { data }]) => [name, data]));
}

/** What transformers puts before the bare model's names, where that is not the family's name. */
const baseModules: ReadonlyMap<Family, string> = new Map<Family, string>([
  ['xlm-roberta', 'roberta'],
  ['deberta-v2', 'deberta'],
  ['modernbert', 'model'],
]);

/**
 * Attune's name of a parameter of transformers' `…ForSequenceClassification` or `…ForTokenClassification`: the bare
 * model's, `pooler.dense.*` or `heads.<task>.*`.
 */
export function parameterName(family: Family, name: string, task: string): string {
  const base = baseModules.get(family) ?? family;
  const bare = name.startsWith(`${base}.`) ? name.slice(base.length + 1) : name;
  if (withClassifierModule.has(family)) {
    return bare
      .replace(/^classifier\.dense\./, 'pooler.dense.')
      .replace(/^classifier\.(?:out_proj\.)?(?=(?:weight|bias)$)/, `heads.${task}.`);
  }
  if (family === 'modernbert') {
    return bare.replace(/^head\./, 'pooler.').replace(/^classifier\./, `heads.${task}.`);
  }
  return bare.replace(/^pre_classifier\./, 'pooler.dense.').replace(/^classifier\./, `heads.${task}.`);
}

/** The same summaries of a test's own values, in the reference's order, which the drawn vectors follow. */
export function summarize(
  reference: Record<string, Summary>,
  values: (name: string) => ArrayLike<number>,
): Record<string, Summary> {
  const stream = numbers(3);
  return Object.fromEntries(
    Object.entries(reference).map(([name, { shape, projections }]) => {
      const own = values(name);
      const norm = Math.sqrt(dot(own, own));
      return [name, { shape, norm, projections: projections.map(() => dot(own, draw(stream, own.length))) }];
    }),
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;
}
