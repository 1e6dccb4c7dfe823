import { adaptableModules, allLinear, TargetPatternError, targetedNames } from '../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { adaptedModules } from './lora-parameters.js';

/** The most targets that a configuration holds: the limit of `LoraConfig`. */
const maxTargets = 100;

/**
 * Targets that mean exactly the modules `wanted` among `names`. They are the given targets where those mean just that;
 * else the shortest endings that no unwanted name has, as PEFT itself writes them; else one pattern of whole names.
 */
export function nameTargets(names: readonly string[], wanted: ReadonlySet<string>, given: readonly string[]): string[] {
  if (given.length > 0 && given.length <= maxTargets && means(names, given, wanted)) return [...given];
  const endings = new Set([...wanted].map((name) => distinctEnding(name, names, wanted)));
  if (endings.size <= maxTargets && !endings.has(null)) return [...endings].filter((ending) => ending !== null);
  return [`regex:${[...wanted].map((name) => name.replaceAll('.', '\\.')).join('|')}`];
}

/** The shortest ending of a name that no unwanted name has; null where an unwanted name ends with the whole of it. */
function distinctEnding(name: string, names: readonly string[], wanted: ReadonlySet<string>): string | null {
  const parts = name.split('.');
  const endings = parts.map((_, index) => parts.slice(parts.length - 1 - index).join('.'));
  return endings.find((ending) => targetedNames(names, [ending]).every((meant) => wanted.has(meant))) ?? null;
}

function means(names: readonly string[], targets: readonly string[], wanted: ReadonlySet<string>): boolean {
  try {
    const meant = targetedNames(names, targets);
    return meant.length === wanted.size && meant.every((name) => wanted.has(name));
  } catch (error) {
    // A pattern written for Python may not be one in JavaScript. Endings, or a pattern of names, then say the same.
    if (error instanceof TargetPatternError) return false;
    throw error;
  }
}

/**
 * A configuration whose targets mean, in the model that training makes, exactly the modules that were adapted in its
 * base model. Training may have added a pooler, which `all-linear` would mean as well.
 */
export function withExactTargets(
  config: LoraConfig,
  base: Pick<ModelManifest, 'config' | 'layers'>,
  layers: ModelManifest['layers'],
): LoraConfig {
  const adapted = new Set(adaptedModules(base, config).map(({ name }) => name));
  const names = adaptableModules({ config: base.config, layers }).map(({ name }) => name);
  return { ...config, targetModules: nameTargets(names, adapted, config.targetModules) };
}

/** PEFT's `target_modules` as targets: one string is `all-linear` or a pattern. */
export function fromPeftTargets(targets: string | readonly string[] | null | undefined): string[] {
  if (targets === null || targets === undefined) return [];
  if (typeof targets !== 'string') return [...targets];
  return targets.toLowerCase() === allLinear ? [allLinear] : [`regex:${targets}`];
}
