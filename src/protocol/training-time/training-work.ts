import { embeddingWidth, longestText, traitsOf } from '../architectures/index.js';
import { countParameters, learnsTokens, lowestLayerReached, runsPrefixOnce } from '../count-parameters.js';
import { readsTokens } from '../heads.js';
import { heldSize } from '../held-weights.js';
import { headsOf, type RunSpec } from '../methods/index.js';
import type { ModelManifest } from '../model-manifest.js';
import { updatesPerEpoch } from '../training-steps.js';
import { type Arithmetic, layersPass, logitsPass, nothing, plus, secondsOf, times } from './arithmetic.js';
import { type Batches, forwardBatches, spreadLengths, standingBucket, trainingBatches } from './batches.js';
import { costs } from './costs.js';

type Model = Pick<ModelManifest, 'config' | 'layers'>;

/** Examples, or rows of tokens, as training and evaluations read them. */
export interface TrainingSizes {
  /** Tokens of sampled rows, cut to `maxLength`. */
  readonly lengths: readonly number[];
  readonly trainRows: number;
  readonly validationRows: number;
  /** Of control texts; none for most methods. */
  readonly controlRows?: number;
  /** Share of the tokens that are predicted, where tokens are. */
  readonly targetShare?: number;
}

/** Seconds of work, by the machine's part that does it: see `MachineSpeed`. */
export interface Work {
  readonly engine: number;
  readonly script: number;
}

/** What a training spends its time on. */
export interface TrainingWork {
  /** Reading model and examples, making graphs, and what a frozen encoder is run for once. */
  readonly preparing: Work;
  readonly updates: Work;
  readonly evaluations: Work;
  /** Checkpoints, and the model. */
  readonly saving: Work;
}

/**
 * What a language model writes at each evaluation, a token after the other, 48 for each text, with two runs for each:
 * gpu-worker/training/sample-texts.ts.
 */
const writingRuns = 96;
const writtenTexts = 3;

/** The work of a whole training that nothing ends early. */
export function trainingWork(spec: RunSpec, model: Model, sizes: TrainingSizes): TrainingWork {
  const { config } = model;
  const h = spec.hyperparameters;
  const traits = traitsOf(config);
  const predicts = learnsTokens(spec);
  const hasOneGraph = traits.hasOneGraphForAllLengths;
  const longest = longestText(config);
  const { trainable, frozen } = countParameters(spec, model);
  const lowest = lowestLayerReached(h, model);
  const isFrozen = lowest > config.layers;
  const keepsVectors = isFrozen && !predicts && !headsOf(spec).some(({ head }) => readsTokens(head));
  const keepsStates = !keepsVectors && runsPrefixOnce(h, model, predicts);
  const from = keepsVectors ? config.layers : keepsStates ? Math.min(lowest - 1, config.layers) : 0;
  const backFrom = isFrozen ? config.layers : Math.max(0, lowest - 1);
  const { trainRows, validationRows, controlRows = 0, targetShare = 1 } = sizes;
  const spread = (rows: number) => spreadLengths(sizes.lengths, rows);
  const targetsOf = ({ rows, length }: Pick<Batches, 'rows' | 'length'>) =>
    predicts ? rows * length * targetShare : 0;
  const trainsTable = predicts && h.adapter === null;

  const batches = trainingBatches(spread(trainRows), trainRows, {
    batchSize: h.batchSize,
    maxLength: h.maxLength,
    epochs: h.epochs,
    hasOneGraph,
  });
  const epoch = sum(batches, (batch) =>
    plus(
      layersPass(model, { ...batch, from, to: config.layers, backFrom, trainsWeights: h.adapter === null }),
      logitsPass(model, { targets: targetsOf(batch), isBackward: true, trainsTable }),
    ),
  );
  const table = config.vocabularySize * embeddingWidth(config);
  const held = heldSize(model, h.adapter?.frozenWeights, predicts);
  const runsOfEpoch = Math.ceil(trainRows / h.batchSize);
  const perEpoch = updatesPerEpoch(trainRows, h);

  const forward = (rows: number, to: number, above = 0) =>
    forwardWork(
      model,
      forwardBatches(spread(rows), rows, { longest, hasOneGraph, ...(predicts ? { mostRows: 32 } : {}) }),
      {
        from: above,
        to,
        targetsOf,
      },
    );
  const writes = predicts && traits.isCausal && held.weights === 0;
  const measured = plusWork(
    ...[validationRows, controlRows].map((rows) => (keepsVectors ? none : forward(rows, config.layers, from))),
    writes ? writing(model) : none,
  );
  const everySteps = h.evaluateEverySteps;
  const between = everySteps === null ? 0 : Math.floor((perEpoch - 1) / everySteps);
  const evaluations = h.epochs * (1 + between) + (predicts ? 1 : 0);
  const saves = h.epochs * (1 + Math.max(between, Math.floor((perEpoch - 1) / h.checkpointEverySteps)));

  const lengths = new Set(batches.map(({ length }) => length));
  const stepGraphs = hasOneGraph || keepsVectors ? 1 : lengths.size;
  const forwardGraphs = hasOneGraph ? 1 : new Set([...lengths].map((length) => standingBucket(length, longest))).size;
  const layersAbove = config.layers - from;
  const graphs =
    stepGraphs * (costs.graph + costs.layerOfGraph * layersAbove) +
    (keepsVectors ? 1 : forwardGraphs) * (costs.forwardGraph + costs.layerOfForwardGraph * layersAbove) +
    (from === 0 ? 0 : forwardGraphs * (costs.forwardGraph + costs.layerOfForwardGraph * from)) +
    (writes ? costs.forwardGraph + costs.layerOfForwardGraph * config.layers : 0);
  const tokens = (trainRows + validationRows + controlRows) * mean(sizes.lengths);
  const once = from === 0 ? none : forward(trainRows + validationRows, from);
  return {
    preparing: plusWork(once, {
      engine: 0,
      script: costs.start + costs.token * tokens + costs.readByte * 4 * (trainable + frozen) + graphs,
    }),
    updates: {
      engine:
        h.epochs *
        (secondsOf(epoch) +
          runsOfEpoch *
            (costs.run + costs.heldWeight * held.weights * 2 + (trainsTable ? costs.tableWeight * table : 0))),
      script: h.epochs * perEpoch * (costs.update + costs.updatedParameter * trainable),
    },
    evaluations: timesWork(evaluations, measured),
    saving: {
      engine: 0,
      script:
        saves * (costs.file + costs.checkpointByte * 12 * trainable) +
        costs.modelByte * 4 * (h.adapter === null ? trainable + frozen : trainable),
    },
  };
}

function forwardWork(
  model: Model,
  batches: readonly Batches[],
  {
    from,
    to,
    targetsOf,
  }: { readonly from: number; readonly to: number; readonly targetsOf: (batch: Batches) => number },
): Work {
  const arithmetic = sum(batches, (batch) =>
    plus(
      layersPass(model, { ...batch, from, to, backFrom: null, trainsWeights: false }),
      logitsPass(model, { targets: targetsOf(batch), isBackward: false, trainsTable: false }),
    ),
  );
  const runs = batches.reduce((all, { count }) => all + count, 0);
  return { engine: secondsOf(arithmetic) + runs * costs.run, script: runs * costs.batch };
}

/** A few texts that are written one token after the other: a product of few rows takes as long as weights are read. */
function writing(model: Model): Work {
  const pass = {
    rows: writtenTexts,
    length: 1,
    from: 0,
    to: model.config.layers,
    backFrom: null,
    trainsWeights: false,
  };
  const token = plus(
    layersPass(model, pass),
    logitsPass(model, { targets: writtenTexts, isBackward: false, trainsTable: false }),
  );
  const seconds = costs.fewRows * secondsOf(token) + costs.run + costs.layerOfRun * model.config.layers;
  return { engine: writingRuns * seconds, script: writingRuns * costs.batch };
}

const none: Work = { engine: 0, script: 0 };

function plusWork(...all: readonly Work[]): Work {
  return {
    engine: all.reduce((seconds, { engine }) => seconds + engine, 0),
    script: all.reduce((seconds, { script }) => seconds + script, 0),
  };
}

function timesWork(factor: number, { engine, script }: Work): Work {
  return { engine: factor * engine, script: factor * script };
}

function mean(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0) / Math.max(1, values.length);
}

function sum(batches: readonly Batches[], of: (batch: Batches) => Arithmetic): Arithmetic {
  return batches.reduce((all, batch) => plus(all, times(batch.count, of(batch))), nothing);
}
