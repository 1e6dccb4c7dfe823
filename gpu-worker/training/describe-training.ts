import { bytesPerWeight, FrozenWeights } from '../../src/protocol/frozen-weights.js';
import type { HeadKind } from '../../src/protocol/heads.js';
import { elementCount } from '../../src/storage/safetensors.js';
import type { ParameterSpec } from '../engine/types.js';
import { type ModelPlan, plannedParameters } from '../forward/model-plan.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** Logs which engine computes, what is trained, and where each head comes from. */
export async function describeTraining(
  { context }: TrainingRun,
  { engine }: TrainingTools,
  plan: ModelPlan,
): Promise<void> {
  const { target, threads, version, reason, rejected } = engine.choice;
  const others = rejected.map((other) => `; not ${other.target}: ${other.reason}`).join('');
  const all = plannedParameters(plan);
  const count = (specs: typeof all) =>
    specs.reduce((sum, { shape }) => sum + elementCount(shape), 0).toLocaleString('en');
  const lines = [
    `Engine ${target} ${version} on ${threads} threads: ${reason}${others}`,
    `Trains ${count(all.filter(({ trainable }) => trainable))} of ${count(all)} parameters` +
      (plan.isEncoderFrozen ? '; the frozen encoder reads each text once' : ''),
    ...describeAdapter(plan),
    ...(plan.freshPooler.length === 0 ? [] : ['Pooler: new, as the base model has none for heads on its first token']),
    ...(plan.freshPredictor.length === 0
      ? []
      : ['What predicts masked tokens: new, as the base model has none; before training it only guesses']),
    ...plan.heads.map(({ kind, task, outputs, isTransferred }) => {
      const what = `${outputs.length} ${namesOfOutputs(kind)}`;
      return isTransferred
        ? `Head ${task}: goes on from the base model's, which has the same ${what}`
        : `Head ${task}: new, ${what}`;
    }),
  ];
  await context.events(lines.map((message) => ({ kind: 'logLine', level: 'INFO', message })));
}

function namesOfOutputs(kind: HeadKind): string {
  switch (kind) {
    case 'classification':
    case 'multiLabel':
      return 'labels';
    case 'regression':
    case 'reward':
      return 'numbers';
    case 'tokenClassification':
      return 'tags';
    default:
      return kind satisfies never;
  }
}

function describeAdapter({ base, lora, adapter, encoder }: ModelPlan): string[] {
  const merged = base.adapter === null ? [] : ['The base model’s own adapter is merged into its weights first'];
  if (lora === null) return merged;
  const { frozenWeights = 'float32' } = lora;
  return [
    ...merged,
    ...(frozenWeights === 'float32' ? [] : [describeHeld(encoder)]),
    `Adapter: rank ${lora.rank} on ${adapter.length / 2} projections (${lora.targetModules.join(', ')})`,
  ];
}

/** How many matrices are held in which format. */
function describeHeld(encoder: readonly ParameterSpec[]): string {
  const held = encoder.filter(({ format }) => format !== undefined);
  const bytes = held.reduce(
    (sum, { shape, format = 'float32' }) => sum + elementCount(shape) * bytesPerWeight(format),
    0,
  );
  const parts = FrozenWeights.options.flatMap((each) => {
    const count = held.filter(({ format }) => format === each).length;
    return count === 0 ? [] : [`${count} matrices as ${each}`];
  });
  return `Frozen weights: ${parts.join(', ')}, ${(bytes / 1e6).toFixed(1)} MB`;
}
