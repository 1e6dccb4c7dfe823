import { headInputSize } from '../protocol/architectures/index.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';
import { adaptableModules, targetedNames } from '../protocol/lora-targets.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';

const poolerTensors: ReadonlySet<string> = new Set(['pooler.dense.weight', 'pooler.dense.bias']);

type Model = Pick<ModelManifest, 'config' | 'layers'>;

/** Numbers that training changes, and those it leaves. Heads that came with the model are not used. */
export function countParameters(spec: RunSpec, model: Model): { trainable: number; frozen: number } {
  const { hyperparameters } = spec;
  const own = sizes(model);
  const total = own.reduce((sum, { numbers }) => sum + numbers, 0);
  const fresh = countHeads(spec, model) + countFreshPooler(hyperparameters, model);
  if (hyperparameters.adapter !== null) {
    return { trainable: fresh + countAdapter(hyperparameters.adapter, model), frozen: total };
  }
  const lowest = lowestTrainedLayer(hyperparameters, model);
  const trained = own
    .filter(({ index, isPooler }) => index >= lowest && !(isPooler && hyperparameters.pooling === 'mean'))
    .reduce((sum, { numbers }) => sum + numbers, 0);
  return { trainable: trained + fresh, frozen: total - trained };
}

/** The lowest layer that the backward pass reaches, by its index: 0 under an adapter; one beyond the last when none is. */
export function lowestTrainedLayer({ freeze, adapter }: Hyperparameters, { layers }: Pick<Model, 'layers'>): number {
  const beyond = Math.max(...layers.map(({ index }) => index)) + 1;
  if (adapter !== null) return 0;
  switch (freeze.kind) {
    case 'none':
      return 0;
    case 'prefix':
      return freeze.layers + 1;
    case 'encoder':
      return beyond;
    default:
      return freeze satisfies never;
  }
}

interface Size {
  readonly index: number;
  readonly isPooler: boolean;
  readonly numbers: number;
}

/** Numbers of each layer, the pooler's apart: with mean pooling it is neither read nor trained. */
function sizes({ layers }: Pick<Model, 'layers'>): Size[] {
  return layers.map(({ index, parameterCount, tensors }) => ({
    index,
    isPooler: tensors.length > 0 && tensors.every(({ name }) => poolerTensors.has(name)),
    numbers: parameterCount,
  }));
}

/** A: [R,I] and B: [O,R] of each module that is adapted. */
function countAdapter({ rank, targetModules }: NonNullable<Hyperparameters['adapter']>, model: Model): number {
  const modules = adaptableModules(model);
  const targeted = new Set(
    targetedNames(
      modules.map(({ name }) => name),
      targetModules,
    ),
  );
  return modules
    .filter(({ name }) => targeted.has(name))
    .reduce((sum, { inputs, outputs }) => sum + rank * (inputs + outputs), 0);
}

/** A model without a pooler gets a new one, weight [H,H] and bias [H], where heads read the first token through it. */
function countFreshPooler({ pooling }: Hyperparameters, { config, layers }: Model): number {
  const has = layers.some(({ tensors }) => tensors.some(({ name }) => poolerTensors.has(name)));
  return pooling === 'firstToken' && !has ? config.hiddenSize * (config.hiddenSize + 1) : 0;
}

/** Weights [C,H] and biases [C] of each head; with uncertainty weighting one learnt variance a task. */
function countHeads(spec: RunSpec, { config }: Pick<Model, 'config'>): number {
  const ofHead = (labels: readonly string[]) => labels.length * (headInputSize(config) + 1);
  if (spec.method === 'supervised') return ofHead(spec.labels);
  const heads = spec.tasks.reduce((total, { labels }) => total + ofHead(labels), 0);
  return heads + (spec.lossWeighting === 'uncertainty' ? spec.tasks.length : 0);
}
