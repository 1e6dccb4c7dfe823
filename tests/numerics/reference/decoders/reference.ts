import { readFileSync } from 'node:fs';
import { readSafetensors, type Tensor } from '../../../../src/storage/safetensors.js';

export type DecoderFamily = 'gpt2' | 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'gemma3_text';
export const decoderFamilies: readonly DecoderFamily[] = ['gpt2', 'llama', 'mistral', 'qwen2', 'qwen3', 'gemma3_text'];
/** Those on which transformers has a class with a head of tokens. */
export const tokenFamilies: readonly DecoderFamily[] = decoderFamilies.filter((family) => family !== 'gemma3_text');

/** Rows of equal length, padded at the end. */
export interface DecoderBatch {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly labels: number[];
  /** Of each token, −100 at padding. */
  readonly tags: number[][];
}

/** Losses and gradient norms of 50 steps, and the loss of the first batch before them. */
export interface Trajectory {
  readonly loss: number;
  readonly losses: number[];
  readonly gradientNorms: number[];
}

export interface DecoderReference {
  readonly batches: DecoderBatch[];
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
  readonly classifier: Trajectory;
  readonly adapter: Trajectory;
  readonly languageModel: Trajectory;
  /** Absent where transformers has no class for it. */
  readonly tokens?: { readonly loss: number };
}

const folder = new URL('.', import.meta.url);

/** Where a model or an adapter lies: `llama`, `llama-classifier`, `llama-adapter`, `llama-sharded`. */
export function decoderFolder(name: string): URL {
  return new URL(`${name}/`, folder);
}

export function decoderReference(family: DecoderFamily): DecoderReference {
  return JSON.parse(readFileSync(new URL(`${family}.reference.json`, folder), 'utf8'));
}

/** A family's logits and gradients, or states of variants: by names as decoders.py writes them. */
export function decoderTensors(name: string): ReadonlyMap<string, Tensor> {
  return readSafetensors(readFileSync(new URL(`${name}.reference.safetensors`, folder))).tensors;
}

/** The `config.json` of each form of `llama`. */
export function variantConfigs(): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(new URL('variants.reference.json', folder), 'utf8'));
}

/** Attune's name of a parameter of transformers' classes: the bare model's, or `heads.label.*`. */
export function decoderParameter(name: string): string {
  return name.replace(/^(model|transformer)\./, '').replace(/^(score|classifier)\./, 'heads.label.');
}
