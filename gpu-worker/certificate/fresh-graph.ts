import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { type TransformerConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import { outputNames } from '../../src/protocol/heads.js';
import { standingBuckets } from '../../src/protocol/length-buckets.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { isPoolerTensor } from '../../src/protocol/trained-layers.js';
import { inference, isTransformer } from '../architectures/encoder-run.js';
import { headInput } from '../architectures/head-input.js';
import { allTokenLogits } from '../architectures/token-logits.js';
import { tokenStates } from '../architectures/transformer.js';
import { encode } from '../architectures/use-lite.js';
import type { Engine, ForwardFunction, ParameterSpec } from '../engine/types.js';
import { batchForward } from '../forward/batch-forward.js';
import { type ExampleSource, readHeadInputs, tokenSource, tokensOf } from '../forward/example-source.js';
import { fillParameters } from '../forward/initial-values.js';
import { planLanguageModel, planModel, plannedParameters } from '../forward/model-plan.js';
import { encoderParameters } from '../forward/parameters.js';
import { compileHeads, forwardAll, runHeads } from '../forward/run-heads.js';
import { headOf } from '../heads/index.js';
import { invalidModel } from '../models/invalid-model.js';
import type { ModelWeights } from '../models/model-weights.js';
import { takeRows } from '../nn/take-rows.js';
import type { Computed, OutputKind, RunnableModel } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';
import { inDataUnit } from './data-unit.js';
import { type PickedPlaces, withoutRepetitions } from './picked-places.js';

/** Nothing is trained here. */
const frozen = { dropout: 0, freeze: { kind: 'encoder' }, adapter: null } as const;

/**
 * Makes a graph of a model anew, as predictions and evaluations do, and computes its outputs on the rows. The weights
 * are in memory twice while it runs, and not at all afterwards.
 *
 * @param onBatch called for each tensor and each batch; may throw in order to stop
 * @throws ProblemError INVALID_MODEL for a model that does not have such outputs
 */
export async function runFreshGraph(
  engine: Engine,
  kind: OutputKind,
  model: RunnableModel,
  rows: RowsToCheck,
  onBatch: () => void,
): Promise<Computed[]> {
  switch (kind) {
    case 'heads':
      return computeHeads(engine, model, rows, onBatch);
    case 'tokens':
      return computeLogits(engine, model, rows, onBatch);
    case 'states':
    case 'embedding':
      return computeStates(engine, model, rows, onBatch);
    default:
      return kind satisfies never;
  }
}

async function computeHeads(
  engine: Engine,
  model: RunnableModel,
  { tokens }: RowsToCheck,
  onBatch: () => void,
): Promise<Computed[]> {
  const { manifest } = model;
  const { heads, pooling, config } = manifest;
  const plan = planModel(manifest, heads.map(headOf), { ...frozen, pooling });
  if (plan.freshPooler.length > 0) throw invalidModel('its heads read the output of a pooler, and there is none');
  const source = tokenSource(tokens, standingBuckets(manifest.contextLength));
  return withParameters(engine, model, plannedParameters(plan), onBatch, async (parameters) => {
    const options = { config, inputs: source.inputs, frozen: true };
    const compiled = compileHeads(engine, parameters, plan.heads, readHeadInputs(plan.reading), options);
    try {
      const outputs = await runHeads(compiled, plan.heads, source, onBatch);
      return heads.map((head, k) => ({
        name: `logits of ${head.task}`,
        task: head.task,
        width: outputNames(head).length,
        values: inDataUnit(head, outputs[k]!),
      }));
    } finally {
      await compiled.release();
    }
  });
}

async function computeLogits(
  engine: Engine,
  model: RunnableModel,
  { tokens, picked }: RowsToCheck,
  onBatch: () => void,
): Promise<Computed[]> {
  const { manifest } = model;
  if (picked === null) throw new RangeError('no places are picked');
  const plan = planLanguageModel(manifest, frozen);
  if (plan.freshPredictor.length > 0) throw invalidModel('it lacks what predicts masked tokens');
  const config = manifest.config as TransformerConfig;
  const source = withPlaces(tokenSource(tokens, standingBuckets(manifest.contextLength)), picked);
  return withParameters(engine, model, plannedParameters(plan), onBatch, async (parameters) => {
    const forward: ForwardFunction = (weights, inputs) => {
      const states = tokenStates(weights, tokensOf(inputs), config, inference); //                 [B·T,H]
      const flat = (x: Tensor) => reshape(x, [x.size]);
      const taken = takeRows(states, flat(inputs.picked!), flat(inputs.picked!)); //                [B·K,H]
      return { logits: allTokenLogits(weights, taken, config) };
    };
    const compiled = batchForward(engine, parameters, forward, { config, inputs: source.inputs, frozen: true });
    try {
      const { logits } = Object.fromEntries(await forwardAll(compiled, source, onBatch));
      return [
        {
          name: 'logits of tokens',
          task: null,
          width: config.vocabularySize,
          values: withoutRepetitions(logits ?? new Float32Array(0), picked),
        },
      ];
    } finally {
      await compiled.release();
    }
  });
}

/** Adds the places whose logits are computed: `picked` [B,K], as rows of the states [B·T,H]. */
function withPlaces(source: ExampleSource, { perRow: K, places }: PickedPlaces): ExampleSource {
  return {
    ...source,
    inputs: (batchSize, length) => ({
      ...source.inputs(batchSize, length),
      picked: { shape: [batchSize, K], dtype: 'int32' },
    }),
    feeds(batch, batchSize) {
      const picked = new Int32Array(batchSize * K);
      for (const [at, row] of batch.examples.entries()) {
        for (let k = 0; k < K; k++) picked[at * K + k] = at * batch.length + places[row * K + k]!;
      }
      return { ...source.feeds(batch, batchSize), picked };
    },
  };
}

async function computeStates(
  engine: Engine,
  model: RunnableModel,
  { tokens }: RowsToCheck,
  onBatch: () => void,
): Promise<Computed[]> {
  const { manifest } = model;
  const { config, layers } = manifest;
  const source = tokenSource(tokens, standingBuckets(manifest.contextLength));
  return withParameters(engine, model, encoderParameters(layers, layers.length), onBatch, async (parameters) => {
    const forward: ForwardFunction = (weights, inputs): Record<string, Tensor> => {
      const given = tokensOf(inputs);
      if (!isTransformer(config)) return { embedding: encode(weights, given, config).output };
      return {
        last_hidden_state: tokenStates(weights, given, config, inference),
        ...(hasPoolerOutput(manifest)
          ? { pooler_output: headInput(weights, given, config, 'firstToken', inference) }
          : {}),
      };
    };
    const compiled = batchForward(engine, parameters, forward, { config, inputs: source.inputs, frozen: true });
    try {
      const outputs = await forwardAll(compiled, source, onBatch, new Set(['last_hidden_state']));
      return [...outputs].map(([name, values]) => ({ name, task: null, width: widthOf(name, values), values }));
    } finally {
      await compiled.release();
    }
  });

  function widthOf(name: string, values: Float32Array): number {
    return values.length / Math.max(1, name === 'last_hidden_state' ? tokens.ids.length : tokens.lengths.length);
  }
}

/** Whether what a pooler makes of the first token is an output of its own. */
export function hasPoolerOutput({ config, layers }: ModelManifest): boolean {
  return traitsOf(config).poolsAll !== true && layers.some(({ tensors }) => tensors.some(isPoolerTensor));
}

async function withParameters<Result>(
  engine: Engine,
  { weights }: RunnableModel,
  specs: readonly ParameterSpec[],
  onTensor: () => void,
  work: (parameters: ReturnType<Engine['createParameters']>) => Promise<Result>,
): Promise<Result> {
  // No parameter is trainable, so that the weights in matrix products become constants of the graphs.
  const parameters = engine.createParameters(specs.map((spec) => ({ ...spec, trainable: false })));
  try {
    const watched: ModelWeights = {
      ...weights,
      readInto(name, target) {
        onTensor();
        return weights.readInto(name, target);
      },
    };
    await fillParameters(parameters, watched, new Map());
    return await work(parameters);
  } finally {
    parameters.release();
  }
}
