import { FrozenWeightsEnum, PoolingEnum, TruncationSideEnum } from '../../models/model-settings.type.js';
import type { EarlyStopping, Freeze, Hyperparameters } from '../../protocol/hyperparameters.js';
import type { RunSpec } from '../../protocol/methods/index.js';
import type { LoraConfig } from '../../protocol/model-manifest.js';
import { FreezeKindEnum, ScheduleEnum } from '../hyperparameters.type.js';
import type { ReferredRows } from '../methods/referred.js';
import { settingsOfMethod } from '../methods/settings.js';
import { choice, list, type NamedRow, number, reference, type Setting, text } from '../setting.js';

/** The data that an experiment's settings are read from. */
export interface Configured extends ReferredRows {
  readonly spec: RunSpec;
  readonly baseModel: NamedRow;
  readonly datasetVersion: NamedRow;
}

/** All settings of an experiment, in the order in which people look for them. */
export function settingsOf({ spec, baseModel, datasetVersion, ...referred }: Configured): Setting[] {
  return [
    reference('baseModel', 'Base model', 'BaseModel', baseModel),
    reference('datasetVersion', 'Dataset version', 'DatasetVersion', datasetVersion),
    text('trainSplit', 'Training split', spec.trainSplit),
    text('validationSplit', 'Validation split', spec.validationSplit),
    ...settingsOfHeldOut(spec.heldOut),
    ...settingsOfMethod(spec, referred),
    ...hyperparameterNames.flatMap((name) => settingsOfHyperparameter(spec.hyperparameters, name)),
  ];
}

function settingsOfHeldOut(heldOut: RunSpec['heldOut']): Setting[] {
  if (heldOut === undefined) return [];
  return [
    ...(heldOut.fold === undefined ? [] : [number('heldOut.fold', 'Held-out fold', heldOut.fold.number)]),
    number('heldOut.examples', 'Held-out examples', heldOut.examples),
    number('heldOut.seed', 'Seed of the held-out part', heldOut.seed),
    list('heldOut.stratifyBy', 'Held-out part stratified by', heldOut.stratifyBy),
    list('heldOut.keepTogether', 'Held-out part keeps together', heldOut.keepTogether),
  ];
}

type Describe<Value> = (path: string, value: Value) => Setting[];
const asNumber =
  (label: string): Describe<number | null> =>
  (path, value) => [number(path, label, value)];
const asChoice =
  (label: string, names: Readonly<Record<string, string>>): Describe<string | null> =>
  (path, value) => [choice(path, label, names, value)];

/** Labels of the hyperparameters. A hyperparameter that is missing here does not compile. */
const hyperparameters = {
  learningRate: asNumber('Learning rate'),
  schedule: asChoice('Learning rate schedule', ScheduleEnum),
  warmupRatio: asNumber('Warm-up ratio'),
  epochs: asNumber('Epochs'),
  batchSize: asNumber('Batch size'),
  gradientAccumulationSteps: asNumber('Gradient accumulation steps'),
  weightDecay: asNumber('Weight decay'),
  beta1: asNumber('Adam β₁'),
  beta2: asNumber('Adam β₂'),
  epsilon: asNumber('Adam ε'),
  maxGradientNorm: asNumber('Largest gradient norm'),
  dropout: asNumber('Dropout'),
  maxLength: asNumber('Most tokens of a text'),
  truncationSide: asChoice('Truncation side', TruncationSideEnum),
  pooling: asChoice('Pooling', PoolingEnum),
  adapter: adapterSettings,
  freeze: freezeSettings,
  seed: asNumber('Seed'),
  earlyStopping: earlyStoppingSettings,
  checkpointEverySteps: asNumber('Steps between checkpoints'),
  evaluateEverySteps: asNumber('Steps between evaluations'),
} satisfies { readonly [Name in keyof Hyperparameters]: Describe<Hyperparameters[Name]> };

const hyperparameterNames = Object.keys(hyperparameters) as (keyof Hyperparameters)[];

function settingsOfHyperparameter<Name extends keyof Hyperparameters>(values: Hyperparameters, name: Name): Setting[] {
  const describe: { readonly [Each in keyof Hyperparameters]: Describe<Hyperparameters[Each]> } = hyperparameters;
  return describe[name](`hyperparameters.${name}`, values[name]);
}

function adapterSettings(path: string, adapter: LoraConfig | null): Setting[] {
  return [
    number(`${path}.rank`, 'Adapter rank', adapter?.rank ?? null),
    number(`${path}.alpha`, 'Adapter alpha', adapter?.alpha ?? null),
    {
      path: `${path}.rankStabilized`,
      label: 'Adapter scaled by √rank',
      value: adapter === null ? null : { kind: 'switch', on: adapter.rankStabilized },
    },
    number(`${path}.dropout`, 'Adapter dropout', adapter?.dropout ?? null),
    list(`${path}.targetModules`, 'Adapter target modules', adapter?.targetModules ?? null),
    choice(
      `${path}.frozenWeights`,
      'Frozen weights',
      FrozenWeightsEnum,
      adapter === null ? null : (adapter.frozenWeights ?? 'float32'),
    ),
  ];
}

function freezeSettings(path: string, freeze: Freeze): Setting[] {
  return [
    choice(`${path}.kind`, 'Frozen part', FreezeKindEnum, freeze.kind),
    number(`${path}.layers`, 'Frozen layers', freeze.kind === 'prefix' ? freeze.layers : null),
  ];
}

function earlyStoppingSettings(path: string, stopping: EarlyStopping | null): Setting[] {
  return [
    text(`${path}.metric`, 'Early stopping metric', stopping?.metric ?? null),
    number(`${path}.patience`, 'Early stopping patience', stopping?.patience ?? null),
    number(`${path}.minDelta`, 'Early stopping least change', stopping?.minDelta ?? null),
  ];
}
