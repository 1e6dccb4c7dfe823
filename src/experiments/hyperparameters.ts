import type { z } from 'zod';
import { PoolingEnum } from '../models/model-settings.type.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { type Traits, traitsOf } from '../protocol/architectures/index.js';
import { type Freeze, Hyperparameters } from '../protocol/hyperparameters.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { Pooling } from '../protocol/pooling.js';
import { resolveAdapter } from './adapter.js';
import {
  defaultBatchSize,
  defaultEpochs,
  defaultLearningRate,
  defaultPooling,
  hyperparameterDefaults as defaults,
  type Learns,
  learnsHead,
  type TrainedParts,
  usualLength,
} from './hyperparameter-defaults.js';
import type { FreezeInput, HyperparametersInput } from './hyperparameters.input.js';

const root = ['hyperparameters'];

/** The parts of a model that decide about the hyperparameters it is trained with. */
export type ModelOfExperiment = Pick<
  ModelManifest,
  'contextLength' | 'config' | 'layers' | 'pooling' | 'heads' | 'truncationSide' | 'tokenizer'
>;

/**
 * Hyperparameters with defaults filled in, and the problems of the given ones.
 * @param trainExamples examples of the training split
 * @param metrics that early stopping may watch; null: not known
 * @param objective of preference optimization; null: of none
 */
export function resolveHyperparameters(
  input: HyperparametersInput | null | undefined,
  model: ModelOfExperiment,
  trainExamples: number,
  metrics: readonly string[] | null,
  learns: Learns = 'heads',
  objective: TrainedParts['objective'] = null,
): { readonly hyperparameters: Hyperparameters; readonly problems: readonly InputProblem[] } {
  const stopping = input?.earlyStopping;
  const ofFamily = traitsOf(model.config);
  const freeze = toFreeze(input?.freeze);
  const { adapter, problems: adapterProblems } = resolveAdapter(input?.adapter, model, freeze);
  const trained = { config: model.config, adapter, freeze, learns, objective };
  const batches = {
    batchSize: input?.batchSize ?? defaultBatchSize(trained, trainExamples).value,
    gradientAccumulationSteps: input?.gradientAccumulationSteps ?? defaults.gradientAccumulationSteps,
  };
  const hyperparameters: Hyperparameters = {
    learningRate: input?.learningRate ?? defaultLearningRate(trained).value,
    epochs: input?.epochs ?? defaultEpochs(trained, trainExamples, batches).value,
    ...batches,
    weightDecay: input?.weightDecay ?? defaults.weightDecay,
    beta1: input?.beta1 ?? defaults.beta1,
    beta2: input?.beta2 ?? defaults.beta2,
    epsilon: input?.epsilon ?? defaults.epsilon,
    // Here null has a meaning of its own: no clipping.
    maxGradientNorm: input?.maxGradientNorm === undefined ? defaults.maxGradientNorm : input.maxGradientNorm,
    warmupRatio: input?.warmupRatio ?? defaults.warmupRatio,
    schedule: input?.schedule ?? defaults.schedule,
    // A difference of two rewards is to be one of the answers, not of what dropout leaves of them.
    dropout: input?.dropout ?? (learns === 'rewards' || learns === 'preferences' ? 0 : ofFamily.defaultDropout),
    maxLength: input?.maxLength ?? Math.min(usualLength(learns), model.contextLength),
    truncationSide: input?.truncationSide ?? model.truncationSide,
    pooling: input?.pooling ?? (!learnsHead(learns) ? null : defaultPooling(model).value),
    adapter,
    seed: input?.seed ?? defaults.seed,
    freeze,
    earlyStopping:
      stopping == null
        ? defaults.earlyStopping
        : {
            metric: stopping.metric ?? 'validation/loss',
            patience: stopping.patience,
            minDelta: stopping.minDelta,
          },
    checkpointEverySteps: input?.checkpointEverySteps ?? defaults.checkpointEverySteps,
    evaluateEverySteps: input?.evaluateEverySteps ?? defaults.evaluateEverySteps,
  };
  const checked = Hyperparameters.safeParse(hyperparameters);
  const problems = [
    ...(checked.error?.issues ?? []).map(({ path, ...issue }) =>
      problem([...root, ...inputPath(path)], 'INVALID_VALUE', messageOf(issue)),
    ),
    ...checkFreeze(input?.freeze, model.config.layers),
    ...adapterProblems,
    ...(learns === 'preferences' ? checkWithoutDropout(hyperparameters) : []),
    ...(!learnsHead(learns) ? checkWithoutHeads(input) : checkPooling(input?.pooling, ofFamily)),
  ];
  if (hyperparameters.maxLength > model.contextLength) {
    problems.push(
      problem(
        [...root, 'maxLength'],
        'TOO_LONG',
        `The model reads at most ${model.contextLength} tokens, fewer than ${hyperparameters.maxLength}.`,
        `Choose ${model.contextLength} or less.`,
      ),
    );
  }
  const watched = hyperparameters.earlyStopping?.metric;
  if (watched !== undefined && metrics !== null && !metrics.includes(watched)) {
    problems.push(
      problem(
        [...root, 'earlyStopping', 'metric'],
        'UNKNOWN_METRIC',
        `This experiment does not measure “${watched}” after an epoch.`,
        namesHint(watched, metrics),
      ),
    );
  }
  return { hyperparameters, problems };
}

function toFreeze(input: FreezeInput | null | undefined): Freeze {
  const kind = input?.kind ?? defaults.freeze.kind;
  return kind === 'prefix' ? { kind, layers: input?.layers ?? 0 } : { kind };
}

function checkFreeze(input: FreezeInput | null | undefined, encoderLayers: number): InputProblem[] {
  const path = [...root, 'freeze', 'layers'];
  const layers = input?.layers ?? null;
  if (input?.kind !== 'prefix') {
    return layers === null ? [] : [problem(path, 'INVALID_VALUE', '`layers` is given, but kind is not PREFIX.')];
  }
  if (layers === null) return [problem(path, 'REQUIRED', 'PREFIX requires `layers`: how many layers to freeze.')];
  if (layers <= encoderLayers) return [];
  return [
    problem(
      path,
      'INVALID_VALUE',
      `The model has ${encoderLayers} encoder layers, fewer than ${layers}.`,
      'To train the head alone, choose ENCODER.',
    ),
  ];
}

/** The problems of dropout where probabilities are compared: it would make their ratios noise. */
function checkWithoutDropout({ dropout, adapter }: Hyperparameters): InputProblem[] {
  const message = 'Log-probabilities are compared, of which dropout would make noise: it is off.';
  const at = (value: number | null | undefined, ...path: string[]) =>
    value == null || value === 0 ? [] : [problem([...root, ...path], 'INVALID_VALUE', message, 'Leave it out.')];
  return [...at(dropout, 'dropout'), ...at(adapter?.dropout, 'adapter', 'lora', 'dropout')];
}

/** The problems of what only heads have a use for, in a method without a head. */
function checkWithoutHeads(input: HyperparametersInput | null | undefined): InputProblem[] {
  const problems: InputProblem[] = [];
  if (input?.freeze?.kind === 'encoder') {
    const message = 'Without a head, nothing would be trained.';
    problems.push(problem([...root, 'freeze', 'kind'], 'INVALID_VALUE', message, 'Choose PREFIX, or an adapter.'));
  }
  if (input?.pooling != null) {
    const message = 'A method without a head reads no vector of a whole text.';
    problems.push(problem([...root, 'pooling'], 'INVALID_VALUE', message, 'Leave out `pooling`.'));
  }
  return problems;
}

function checkPooling(pooling: Pooling | null | undefined, { hasOwnPooler, poolings }: Traits): InputProblem[] {
  if (pooling == null || poolings.includes(pooling)) return [];
  if (!hasOwnPooler) {
    const message = 'Models of this family cannot be read so.';
    return [problem([...root, 'pooling'], 'INVALID_VALUE', message, `Choose ${poolings.map(nameOf).join(' or ')}.`)];
  }
  const message = 'Models of this family have a pooling of their own, which can not be changed.';
  return [problem([...root, 'pooling'], 'INVALID_VALUE', message, 'Leave out `pooling`; in a clone, give null.')];
}

/** A pooling's name in the graph. */
function nameOf(pooling: Pooling): string {
  return Object.entries(PoolingEnum).find(([, value]) => value === pooling)?.[0] ?? pooling;
}

type Issue = Omit<z.core.$ZodIssue, 'path'>;

/** The path in the input of the value that the spec has at this path. */
function inputPath(path: readonly PropertyKey[]): string[] {
  const [first, ...rest] = path.map(String);
  if (first === undefined) return [];
  return first === 'adapter' ? ['adapter', 'lora', ...rest] : [first, ...rest];
}

/** A zod issue in words for people. */
function messageOf(issue: Issue): string {
  if (issue.code === 'too_small' && 'minimum' in issue) {
    if ('origin' in issue && issue.origin === 'array') return `At least ${issue.minimum} is required.`;
    return `Must be ${'inclusive' in issue && issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}.`;
  }
  if (issue.code === 'too_big' && 'maximum' in issue) {
    if ('origin' in issue && issue.origin === 'array') return `There may be at most ${issue.maximum}.`;
    return `Must be ${'inclusive' in issue && issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}.`;
  }
  return `${issue.message}.`;
}
