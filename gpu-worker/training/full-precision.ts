import { elementCount } from '../../src/storage/safetensors.js';
import type { Engine, ParameterStore } from '../engine/types.js';
import { type ModelPlan, plannedParameters } from '../forward/model-plan.js';
import type { ModelWeights } from '../models/model-weights.js';
import type { Reporter } from './reporter.js';
import type { TrainingTools } from './training-tools.js';

const floatBytes = 4;

/** Share of the available memory that the weights may take: a forward pass takes the rest. */
const shareOfMemory = 0.8;

/**
 * Prefix of the metrics that are measured at the end of a training whose frozen weights were held in fewer bits: on
 * the validation split, of the adapter over the base model's own float32 weights, which is the model that is made.
 */
export const mergedPrefix = 'merged';

/**
 * Measures a trained adapter over the base model's own weights, as predictions, evaluations and exports have them,
 * where the weights beside it were held in fewer bits. Null where they were float32 all along, or where memory cannot
 * hold them; the log then says so.
 *
 * @param measure is given the parameters, which are gone when it is done
 */
export async function inFullPrecision<Result>(
  { engine, availableBytes }: Pick<TrainingTools, 'engine' | 'availableBytes'>,
  report: Pick<Reporter, 'log'>,
  { plan, base }: { readonly plan: ModelPlan; readonly base: { readonly weights: ModelWeights } },
  trained: ParameterStore,
  measure: (parameters: ParameterStore) => Promise<Result>,
): Promise<Result | null> {
  const format = plan.lora?.frozenWeights ?? 'float32';
  if (format === 'float32') return null;
  const bytes = floatBytes * plan.encoder.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (bytes > shareOfMemory * availableBytes()) {
    const size = `${(bytes / 1e9).toFixed(1)} GB`;
    await report.log(
      'WARNING',
      `The model is not measured over its float32 weights, which take ${size}: metrics are those over weights of ${format}; an evaluation tells those of the model`,
    );
    return null;
  }
  const parameters = await fullPrecision(engine, plan, base.weights, trained);
  try {
    return await measure(parameters);
  } finally {
    parameters.release();
  }
}

/** The parameters of a plan, all frozen, of which graphs have no copies. */
async function fullPrecision(
  engine: Engine,
  plan: ModelPlan,
  weights: ModelWeights,
  trained: ParameterStore,
): Promise<ParameterStore> {
  const planned = plannedParameters(plan);
  const parameters = engine.createParameters(
    planned.map((spec) => ({ ...spec, trainable: false, format: 'float32' as const })),
  );
  for (const { name, trainable } of planned) {
    if (trainable) parameters.write(name, trained.value(name));
    else await weights.readInto(name, parameters.value(name));
  }
  return parameters;
}
