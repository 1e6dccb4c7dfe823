import { adaptableModules, allLinear, TargetPatternError, targetedNames } from '../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { adaptedModules } from './lora-parameters.js';

/** Targets in a configuration; PEFT writes no more names than this either before it looks for shorter ones. */
const maxTargets = 100;

/**
 * Targets that mean exactly the modules `wanted` among `names`: the given ones where they do, else the shortest endings
 * that tell the two apart, as PEFT itself writes them, else one pattern of whole names.
 */
export function nameTargets(names: readonly string[], wanted: ReadonlySet<string>, given: readonly string[]): string[] {
  if (given.length > 0 && given.length <= maxTargets && means(names, given, wanted)) return [...given];
  const endings = new Set([...wanted].map((name) => distinctEnding(name, names, wanted)));
  if (endings.size <= maxTargets && !endings.has(null)) return [...endings].filter((ending) => ending !== null);
  return [`regex:${[...wanted].map((name) => name.replaceAll('.', '\\.')).join('|')}`];
}

/** The shortest ending of a name that no unwanted name has; null where even the whole is an ending of one. */
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
    // Python's patterns are not all JavaScript's; the names say the same.
    if (error instanceof TargetPatternError) return false;
    throw error;
  }
}

/**
 * A configuration whose targets mean, in the model that results, just the modules that were adapted in its base: with a
 * pooler of its own that the base lacked, `all-linear` would mean that too.
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
