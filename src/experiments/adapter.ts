import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { traitsOf } from '../protocol/architectures/index.js';
import type { Freeze } from '../protocol/hyperparameters.js';
import { adaptableModules, isPattern, TargetPatternError, unknownTargets } from '../protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../protocol/model-manifest.js';
import { loraDefaults } from './hyperparameter-defaults.js';
import type { AdapterInput } from './hyperparameters.input.js';

const targetsPath = ['hyperparameters', 'adapter', 'lora', 'targetModules'];

/** The adapter to train, defaults filled in, and the problems of the input; null when the input names no adapter. */
export function resolveAdapter(
  input: AdapterInput | null | undefined,
  model: Pick<ModelManifest, 'config' | 'layers'>,
  freeze: Freeze,
): { readonly adapter: LoraConfig | null; readonly problems: readonly InputProblem[] } {
  const lora = input?.lora;
  if (lora == null) return { adapter: null, problems: [] };
  const adapter: LoraConfig = {
    rank: lora.rank ?? loraDefaults.rank,
    alpha: lora.alpha ?? loraDefaults.alpha,
    rankStabilized: lora.rankStabilized ?? loraDefaults.rankStabilized,
    dropout: lora.dropout ?? loraDefaults.dropout,
    targetModules: [...(lora.targetModules ?? traitsOf(model.config).defaultTargets)],
    ...(lora.frozenWeights == null || lora.frozenWeights === 'float32' ? {} : { frozenWeights: lora.frozenWeights }),
  };
  const problems = checkTargets(
    adapter.targetModules,
    adaptableModules(model).map(({ name }) => name),
  );
  if (freeze.kind !== 'none') {
    const message = 'An adapter leaves the whole base model unchanged: nothing else can be frozen.';
    problems.push(
      problem(['hyperparameters', 'freeze'], 'INVALID_VALUE', message, 'Leave out `freeze`, or `adapter`.'),
    );
  }
  return { adapter, problems };
}

/**
 * Problems of targets that match no module of the model, each with the probable name. An empty list is reported with
 * the other values.
 */
function checkTargets(targets: readonly string[], names: readonly string[]): InputProblem[] {
  try {
    const hintFor = isPattern(targets)
      ? () => `A pattern has to match whole names, such as ${names[0] ?? 'none here'}.`
      : (target: string) => namesHint(target, shortNames(names));
    return unknownTargets(names, targets).map((target) =>
      problem(
        [...targetsPath, String(targets.indexOf(target))],
        'UNKNOWN_MODULE',
        isPattern(targets)
          ? `The pattern “${target}” does not match the whole name of any module that can have an adapter.`
          : `The model has no module “${target}” that can have an adapter.`,
        hintFor(target),
      ),
    );
  } catch (error) {
    if (!(error instanceof TargetPatternError)) throw error;
    return [problem([...targetsPath, '0'], 'INVALID_VALUE', error.message)];
  }
}

/**
 * Short names that can be targets, shortest first: the ends of module names, e.g. `query` for
 * `encoder.layer.0.attention.self.query`.
 */
function shortNames(names: readonly string[]): string[] {
  const lastParts = names.map((name) => name.slice(name.lastIndexOf('.') + 1));
  const withinLayer = names.map((name) => name.replace(/^.*\.\d+\./, ''));
  return [...new Set([...lastParts, ...withinLayer])];
}
