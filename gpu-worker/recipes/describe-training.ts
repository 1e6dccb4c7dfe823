import { headInputSize, type ModelManifest } from '../../src/protocol/model-manifest.js';
import { elementCount } from '../../src/storage/safetensors.js';
import { encoderParameters, type Head, hasHead, headParameters, lowestTrainedLayer } from './parameters.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** Tells the run's followers what computes, what is trained, and where each head comes from. */
export async function describeTraining(
  { spec, context }: TrainingRun,
  { engine }: TrainingTools,
  manifest: ModelManifest,
  heads: readonly Head[],
): Promise<void> {
  const { freeze } = spec.hyperparameters;
  const { target, threads, version, reason, rejected } = engine.choice;
  const others = rejected.map((other) => `; not ${other.target}: ${other.reason}`).join('');
  const encoder = encoderParameters(manifest, freeze);
  const all = [...encoder, ...headParameters(heads, headInputSize(manifest.config))];
  const count = (specs: typeof all) =>
    specs.reduce((sum, { shape }) => sum + elementCount(shape), 0).toLocaleString('en');
  const isFrozen = lowestTrainedLayer(freeze, manifest) === manifest.layers.length;
  const lines = [
    `Engine ${target} ${version} on ${threads} threads: ${reason}${others}`,
    `Trains ${count(all.filter(({ trainable }) => trainable))} of ${count(all)} parameters` +
      (isFrozen ? '; the frozen encoder reads each text once' : ''),
    ...heads.map((head) =>
      hasHead(manifest, head)
        ? `Head ${head.task}: goes on from the base model's, which has the same ${head.labels.length} labels`
        : `Head ${head.task}: new, ${head.labels.length} labels`,
    ),
  ];
  await context.events(lines.map((message) => ({ kind: 'logLine', level: 'INFO', message })));
}
