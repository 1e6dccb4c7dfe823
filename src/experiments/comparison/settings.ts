import { PoolingEnum, TruncationSideEnum } from '../../models/model-settings.type.js';
import type { ClassWeights } from '../../protocol/heads.js';
import type { EarlyStopping, Freeze, Hyperparameters } from '../../protocol/hyperparameters.js';
import type { RunSpec, TaskSpec } from '../../protocol/methods/index.js';
import type { LoraConfig } from '../../protocol/model-manifest.js';
import { FreezeKindEnum, ScheduleEnum } from '../hyperparameters.type.js';
import { ClassWeightsKindEnum, LossWeightingEnum } from '../method.type.js';

export type SettingValue =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'switch'; readonly on: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** Name of a value of one of the graph's enums. */
  | { readonly kind: 'choice'; readonly choice: string }
  | {
      readonly kind: 'reference';
      readonly type: 'BaseModel' | 'DatasetVersion';
      readonly id: string;
      readonly text: string;
    };

/** One setting of an experiment, by its path in the graph. */
export interface Setting {
  readonly path: string;
  readonly label: string;
  /** null: it is not set. */
  readonly value: SettingValue | null;
}

/** What an experiment's settings are read from. */
export interface Configured {
  readonly spec: RunSpec;
  readonly baseModel: { readonly id: string; readonly name: string };
  readonly datasetVersion: { readonly id: string; readonly name: string };
}

/** All settings of an experiment, in the order a person would ask for them. */
export function settingsOf({ spec, baseModel, datasetVersion }: Configured): Setting[] {
  return [
    reference('baseModel', 'Base model', 'BaseModel', baseModel),
    reference('datasetVersion', 'Dataset version', 'DatasetVersion', datasetVersion),
    text('trainSplit', 'Training split', spec.trainSplit),
    text('validationSplit', 'Validation split', spec.validationSplit),
    ...methodSettings(spec),
    ...hyperparameterNames.flatMap((name) => settingsOfHyperparameter(spec.hyperparameters, name)),
  ];
}

function methodSettings(spec: RunSpec): Setting[] {
  const columns = [
    text('method.textColumn', 'Text column', spec.textColumn),
    text('method.textPairColumn', 'Column of second texts', spec.pairColumn),
  ];
  switch (spec.method) {
    case 'supervised':
      return [
        { path: 'method', label: 'Method', value: { kind: 'choice', choice: 'SUPERVISED' } },
        ...columns,
        text('method.labelColumn', 'Label column', spec.labelColumn),
        list('method.labels', 'Labels', spec.labels),
        ...classWeightSettings('method.classWeights', spec.classWeights),
      ];
    case 'multiTask':
      return [
        { path: 'method', label: 'Method', value: { kind: 'choice', choice: 'MULTI_TASK' } },
        ...columns,
        choice('method.lossWeighting', 'Loss weighting', LossWeightingEnum, spec.lossWeighting),
        list(
          'method.tasks',
          'Tasks',
          spec.tasks.map(({ name }) => name),
        ),
        ...spec.tasks.flatMap(taskSettings),
      ];
    default:
      return spec satisfies never;
  }
}

function taskSettings({ name, labelColumn, labels, weight, classWeights }: TaskSpec): Setting[] {
  const path = `method.tasks.${name}`;
  return [
    text(`${path}.labelColumn`, `Label column of ${name}`, labelColumn),
    list(`${path}.labels`, `Labels of ${name}`, labels),
    number(`${path}.weight`, `Loss weight of ${name}`, weight),
    ...classWeightSettings(`${path}.classWeights`, classWeights, ` of ${name}`),
  ];
}

function classWeightSettings(path: string, classWeights: ClassWeights, ofTask = ''): Setting[] {
  const weights = classWeights.kind === 'explicit' ? classWeights.weights : null;
  return [
    choice(`${path}.kind`, `Class weights${ofTask}`, ClassWeightsKindEnum, classWeights.kind),
    list(
      `${path}.weights`,
      `Given class weights${ofTask}`,
      weights?.map(({ label, weight }) => `${label}: ${weight}`) ?? null,
    ),
  ];
}

type Describe<Value> = (path: string, value: Value) => Setting[];
const asNumber =
  (label: string): Describe<number | null> =>
  (path, value) => [number(path, label, value)];
const asChoice =
  (label: string, names: Readonly<Record<string, string>>): Describe<string | null> =>
  (path, value) => [choice(path, label, names, value)];

/** A hyperparameter that is not listed here does not compile. */
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

function number(path: string, label: string, value: number | null): Setting {
  return { path, label, value: value === null ? null : { kind: 'number', number: value } };
}

function text(path: string, label: string, value: string | null): Setting {
  return { path, label, value: value === null ? null : { kind: 'text', text: value } };
}

function list(path: string, label: string, items: readonly string[] | null): Setting {
  return { path, label, value: items === null ? null : { kind: 'list', items } };
}

function choice(path: string, label: string, names: Readonly<Record<string, string>>, value: string | null): Setting {
  const name = Object.keys(names).find((each) => names[each] === value);
  return { path, label, value: name === undefined ? null : { kind: 'choice', choice: name } };
}

function reference(
  path: string,
  label: string,
  type: 'BaseModel' | 'DatasetVersion',
  { id, name }: { readonly id: string; readonly name: string },
): Setting {
  return { path, label, value: { kind: 'reference', type, id, text: name } };
}
