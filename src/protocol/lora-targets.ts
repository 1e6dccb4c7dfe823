import { createContext, runInContext } from 'node:vm';
import { traitsOf } from './architectures/index.js';
import type { ModelManifest } from './model-manifest.js';
import { isLanguageModelTensor } from './trained-layers.js';

/** A pattern for whole names, as PEFT takes a single string for `target_modules`. */
const patternPrefix = 'regex:';

/** PEFT's word for every projection but the heads. */
export const allLinear = 'all-linear';

/** Time that a pattern has to match all names. A bad pattern backtracks for years, and would block the API. */
const patternTimeoutMs = 200;

/** A projection that low-rank adaptation can be added to. */
export interface AdaptableModule {
  /** The weight's name without `.weight`. */
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
}

/** A `regex:` target that is no regular expression, or takes forever. */
export class TargetPatternError extends Error {
  override readonly name = 'TargetPatternError';
}

/**
 * The projections of a model's encoder layers and pooler, in the model's order. Embedding tables are matrices too, but
 * are left out: LoRA of a table is another method. Heads are left out: they are trained in full; so is the matrix of
 * the next token's logits, as PEFT leaves it out.
 */
export function adaptableModules(model: Pick<ModelManifest, 'config' | 'layers'>): AdaptableModule[] {
  const { storesInputsFirst } = traitsOf(model.config);
  return model.layers
    .filter(({ index }) => index > 0)
    .flatMap(({ tensors }) => tensors)
    .filter((tensor) => !isLanguageModelTensor(tensor))
    .flatMap(({ name, shape: [rows, columns, ...more] }) => {
      if (!name.endsWith('.weight') || rows === undefined || columns === undefined || more.length > 0) return [];
      const [outputs, inputs] = storesInputsFirst ? [columns, rows] : [rows, columns];
      return [{ name: name.slice(0, -'.weight'.length), outputs, inputs }];
    });
}

/**
 * The names that `targets` select, by PEFT's rule: a single `regex:` pattern must match the whole name, a single
 * `all-linear` means all; else each target is a whole name, or what a name ends with after a dot. Throws
 * TargetPatternError.
 */
export function targetedNames(names: readonly string[], targets: readonly string[]): string[] {
  const [only = ''] = targets;
  if (targets.length === 1 && only.toLowerCase() === allLinear) return [...names];
  if (isPattern(targets)) return matchWhole(names, only.slice(patternPrefix.length));
  return names.filter((name) => targets.some((target) => isMeant(name, target)));
}

/** Targets that select none of `names`. Throws TargetPatternError. */
export function unknownTargets(names: readonly string[], targets: readonly string[]): string[] {
  if (targets.length === 1) return targetedNames(names, targets).length === 0 ? [...targets] : [];
  return targets.filter((target) => !names.some((name) => isMeant(name, target)));
}

function isMeant(name: string, target: string): boolean {
  return name === target || name.endsWith(`.${target}`);
}

/** Whether `targets` are one pattern rather than names. */
export function isPattern(targets: readonly string[]): boolean {
  return targets.length === 1 && targets[0]!.startsWith(patternPrefix);
}

/** Matches in a context of its own, because that, unlike a plain `test`, takes a time limit. */
function matchWhole(names: readonly string[], pattern: string): string[] {
  const context = createContext({ names: [...names], pattern: `^(?:${pattern})$` });
  const script =
    '(() => { const whole = new RegExp(pattern); return names.map((name) => whole.test(name)).join(); })()';
  try {
    const matches = String(runInContext(script, context, { timeout: patternTimeoutMs })).split(',');
    return names.filter((_, index) => matches[index] === 'true');
  } catch (error) {
    throw new TargetPatternError(`The pattern “${pattern}” can't be used: ${reasonOf(error)}.`, { cause: error });
  }
}

/** An error of another context is no instance of this context's `Error`: its message is read by name. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
    return `it takes more than ${patternTimeoutMs} ms`;
  return 'message' in error ? String(error.message) : String(error);
}
