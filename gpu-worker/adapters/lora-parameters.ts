import {
  type AdaptableModule,
  adaptableModules,
  TargetPatternError,
  targetedNames,
} from '../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { createRandom, uniform } from '../data/random.js';
import type { ParameterSpec } from '../engine/types.js';
import { ProblemError } from '../problem-error.js';

/** A word of the seed: it keeps an adapter's random numbers apart from those of heads and of the batch order. */
const adapterStream = 0x6c6f7261;

const targetsPath = ['hyperparameters', 'adapter', 'targetModules'];

/** The names of an adapted module's matrices: a [R,I] and b [O,R]. */
export function loraTensors(module: string): { readonly a: string; readonly b: string } {
  return { a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` };
}

/** The module whose adapter a tensor is part of; null for every other tensor. */
export function moduleOfLoraTensor(name: string): { readonly module: string; readonly part: 'a' | 'b' } | null {
  const [, module, letter] = /^(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
  return module === undefined ? null : { module, part: letter === 'A' ? 'a' : 'b' };
}

/**
 * The factor of b a: alpha / r; alpha / √r where rank-stabilized (Kalajdzievski 2023, arXiv:2312.03732, theorem 3.2).
 */
export function loraScale({ rank, alpha, rankStabilized }: LoraConfig): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/**
 * The modules that an adapter is added to, in the model's order. Errors: ProblemError UNKNOWN_MODULE where the targets
 * mean none of them, INVALID_VALUE where a pattern cannot be used.
 */
export function adaptedModules(
  model: Pick<ModelManifest, 'config' | 'layers'>,
  { targetModules }: Pick<LoraConfig, 'targetModules'>,
): AdaptableModule[] {
  const modules = adaptableModules(model);
  const names = modules.map(({ name }) => name);
  let targeted: ReadonlySet<string>;
  try {
    targeted = new Set(targetedNames(names, targetModules));
  } catch (error) {
    if (!(error instanceof TargetPatternError)) throw error;
    throw new ProblemError(
      { path: targetsPath, code: 'INVALID_VALUE', message: error.message, hint: null },
      { cause: error },
    );
  }
  if (targeted.size === 0) {
    throw new ProblemError({
      path: targetsPath,
      code: 'UNKNOWN_MODULE',
      message: `No projection of the model matches ${targetModules.join(', ')}.`,
      hint: `Its projections are named like ${names.slice(0, 8).join(', ')}.`,
    });
  }
  return modules.filter(({ name }) => targeted.has(name));
}

/** An adapter's parameters, which are all trained, with weight decay as other matrices. Errors: as `adaptedModules`. */
export function adapterParameters(
  model: Pick<ModelManifest, 'config' | 'layers'>,
  config: LoraConfig,
): ParameterSpec[] {
  const { rank } = config;
  return adaptedModules(model, config).flatMap(({ name, inputs, outputs }) => {
    const { a, b } = loraTensors(name);
    return [
      { name: a, shape: [rank, inputs], trainable: true, decay: true },
      { name: b, shape: [outputs, rank], trainable: true, decay: true },
    ];
  });
}

/**
 * Starting values as PEFT has them: a is uniform in ±1/√I (the default of `torch.nn.Linear`), b is zero, so that an
 * adapted model begins with the base model's outputs. Each depends on the seed and the module's place alone.
 */
export function initialAdapter(
  model: Pick<ModelManifest, 'config' | 'layers'>,
  config: LoraConfig,
  seed: number,
): Map<string, Float32Array> {
  const { rank } = config;
  const values = new Map<string, Float32Array>();
  for (const [index, { name, inputs, outputs }] of adaptedModules(model, config).entries()) {
    const random = createRandom(seed, adapterStream, index);
    const bound = 1 / Math.sqrt(inputs);
    const { a, b } = loraTensors(name);
    values.set(
      a,
      Float32Array.from({ length: rank * inputs }, () => bound * (2 * uniform(random) - 1)),
    );
    values.set(b, new Float32Array(outputs * rank));
  }
  return values;
}
