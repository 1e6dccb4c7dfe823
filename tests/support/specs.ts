import type { ClassWeights, TargetHeadSpec } from '../../src/protocol/heads.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type {
  InstructionTuningSpec,
  LanguageModellingSpec,
  MultiTaskSpec,
  PolicyOptimizationSpec,
  PreferenceOptimizationSpec,
  RewardModellingSpec,
  SupervisedSpec,
} from '../../src/protocol/methods/index.js';
import type { TaskSpec } from '../../src/protocol/methods/multi-task.js';
import { hasReference, type PreferenceObjective } from '../../src/protocol/preference-objective.js';

/**
 * Specs of runs, for tests and benches: a test names the values that matter to it, and the others are defined here,
 * once. The parameters of these functions do not follow the spec's shape, so that a change of that shape is made only
 * in this file.
 */

/** One epoch of small batches of short texts, with all parameters trained. */
export const hyperparameters: Hyperparameters = {
  learningRate: 1e-4,
  epochs: 1,
  batchSize: 8,
  gradientAccumulationSteps: 1,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  warmupRatio: 0.1,
  schedule: 'linear',
  dropout: 0.1,
  maxLength: 16,
  truncationSide: 'right',
  pooling: null,
  adapter: null,
  seed: 1,
  freeze: { kind: 'none' },
  earlyStopping: null,
  evaluateEverySteps: null,
  checkpointEverySteps: 10,
};

/** The parts that the specs of all methods have. */
interface CommonChoice {
  readonly baseModelDigest?: string;
  readonly datasetDigest?: string;
  readonly textColumn?: string;
  readonly pairColumn?: string | null;
  readonly trainSplit?: string;
  readonly validationSplit?: string;
  /** The hyperparameters that differ from `hyperparameters`. */
  readonly hyperparameters?: Partial<Hyperparameters>;
}

export interface SupervisedChoice extends CommonChoice {
  readonly labelColumn?: string;
  readonly labels?: readonly string[];
  readonly classWeights?: ClassWeights;
  /** Replaces the classifier. */
  readonly head?: TargetHeadSpec;
}

export interface MultiTaskChoice extends CommonChoice {
  readonly tasks?: readonly TaskSpec[];
  readonly lossWeighting?: MultiTaskSpec['lossWeighting'];
}

/** By default one classifier: “ham” or “spam” in the column “label”. */
export function supervisedSpec(choice: SupervisedChoice = {}): SupervisedSpec {
  return {
    method: 'supervised',
    ...common(choice),
    head:
      choice.head ??
      classification(choice.labelColumn ?? 'label', choice.labels ?? ['ham', 'spam'], choice.classWeights),
  };
}

/** By default two classifiers with fixed weights: a topic and a mood. */
export function multiTaskSpec(choice: MultiTaskChoice = {}): MultiTaskSpec {
  return {
    method: 'multiTask',
    ...common(choice),
    tasks: [...(choice.tasks ?? [task('topic', ['food', 'sport']), task('mood', ['bad', 'good'])])],
    lossWeighting: choice.lossWeighting ?? 'fixed',
  };
}

export interface LanguageChoice extends Omit<CommonChoice, 'pairColumn'> {
  readonly packing?: LanguageModellingSpec['packing'];
  readonly control?: LanguageModellingSpec['control'];
  /** Given: masked tokens are predicted. */
  readonly masking?: LanguageModellingSpec['masking'];
}

/** By default packed, without control texts. */
export function languageModellingSpec(choice: LanguageChoice = {}): LanguageModellingSpec {
  return {
    method: 'languageModelling',
    ...common(choice),
    pairColumn: null,
    objective: choice.masking == null ? 'causal' : 'masked',
    masking: choice.masking ?? null,
    packing: choice.packing ?? (choice.masking == null ? 'packed' : 'separate'),
    control: choice.control ?? null,
  };
}

export interface InstructionChoice extends Omit<CommonChoice, 'textColumn' | 'pairColumn'> {
  readonly conversation?: InstructionTuningSpec['conversation'];
  readonly learned?: InstructionTuningSpec['learned'];
  readonly chatTemplate?: string | null;
  readonly packing?: InstructionTuningSpec['packing'];
  readonly unlearnable?: InstructionTuningSpec['unlearnable'];
}

/** By default packed: prompts and completions in columns of these names, of which the latter are learned. */
export function instructionTuningSpec(choice: InstructionChoice = {}): InstructionTuningSpec {
  const { textColumn: _, pairColumn: __, ...parts } = common(choice);
  return {
    method: 'instructionTuning',
    ...parts,
    conversation: choice.conversation ?? {
      kind: 'promptCompletion',
      promptColumn: 'prompt',
      completionColumn: 'completion',
      systemColumn: null,
    },
    learned: choice.learned ?? 'completions',
    chatTemplate: choice.chatTemplate ?? null,
    templateTime: '2026-01-02T03:04:05.000Z',
    packing: choice.packing ?? 'packed',
    unlearnable: choice.unlearnable ?? 'refuse',
  };
}

export interface PolicyChoice extends Omit<CommonChoice, 'textColumn' | 'pairColumn'> {
  readonly promptColumn?: string;
  readonly systemColumn?: string | null;
  readonly algorithm?: PolicyOptimizationSpec['algorithm'];
  readonly samples?: number;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly iterations?: number;
  readonly masksTruncated?: boolean;
  readonly rewards?: PolicyOptimizationSpec['rewards'];
  readonly controlRewards?: PolicyOptimizationSpec['controlRewards'];
  readonly controlPreferences?: PolicyOptimizationSpec['controlPreferences'];
  readonly guards?: Partial<PolicyOptimizationSpec['guards']>;
  readonly heldOutPrompts?: number;
}

export const grpo = {
  kind: 'grpo',
  clip: { low: 0.2, high: 0.2 },
  mostRatio: null,
  ratioOf: 'token',
  scaling: 'group',
  separatesRewards: false,
  aggregation: 'token',
  klWeight: 0,
  replacementRounds: null,
} as const satisfies PolicyOptimizationSpec['algorithm'];

export const rloo = {
  kind: 'rloo',
  clip: { low: 0.2, high: 0.2 },
  klWeight: 0.05,
  normalizesAdvantages: false,
} as const satisfies PolicyOptimizationSpec['algorithm'];

export const onlineDpo = {
  kind: 'onlineDpo',
  loss: 'sigmoid',
  betas: [0.1],
  missingEndPenalty: null,
} satisfies PolicyOptimizationSpec['algorithm'];

export const ppo = {
  kind: 'ppo',
  clip: { low: 0.2, high: 0.2 },
  mostRatio: null,
  valueClip: 0.2,
  discount: 1,
  lambda: 0.95,
  klWeight: 0.05,
  klEstimator: 'k1',
  adaptiveKl: null,
  whitensRewards: false,
  miniBatches: 1,
  missingEndPenalty: null,
  valueModel: null,
  valueLearningRate: 1e-3,
  valueWarmupSteps: 0,
} satisfies PolicyOptimizationSpec['algorithm'];

/** By default GRPO on the column “prompt”: four completions of up to 8 tokens each; short ones are rewarded. */
export function policySpec(choice: PolicyChoice = {}): PolicyOptimizationSpec {
  const { textColumn: _, pairColumn: __, ...parts } = common(choice);
  return {
    method: 'policyOptimization',
    ...parts,
    promptColumn: choice.promptColumn ?? 'prompt',
    systemColumn: choice.systemColumn ?? null,
    algorithm: choice.algorithm ?? grpo,
    samples: choice.samples ?? 4,
    maxTokens: choice.maxTokens ?? 8,
    temperature: choice.temperature ?? 1,
    iterations: choice.iterations ?? 1,
    masksTruncated: choice.masksTruncated ?? false,
    rewards: choice.rewards ?? [
      { name: 'short', weight: 1, source: { kind: 'rule', rule: { kind: 'lengthCost', unit: 'tokens', cost: 0.1 } } },
    ],
    controlRewards: choice.controlRewards ?? [],
    controlPreferences: choice.controlPreferences ?? null,
    referenceDigest: parts.baseModelDigest,
    heldOutPrompts: choice.heldOutPrompts ?? 16,
    guards: { klBudget: null, lengthGrowth: null, repetition: null, stops: false, ...choice.guards },
  };
}

export type RewardChoice = Omit<CommonChoice, 'textColumn' | 'pairColumn'> &
  Partial<
    Pick<
      RewardModellingSpec,
      'preference' | 'margin' | 'centring' | 'weighting' | 'chatTemplate' | 'unlearnable' | 'heldOut'
    >
  >;

/** By default pairs in the columns `prompt`, `chosen` and `rejected`, without margins and centring. */
export function rewardModellingSpec(choice: RewardChoice = {}): RewardModellingSpec {
  const { textColumn: _, pairColumn: __, ...parts } = common(choice);
  return {
    method: 'rewardModelling',
    ...parts,
    ...(choice.heldOut === undefined ? {} : { heldOut: choice.heldOut }),
    preference: choice.preference ?? {
      kind: 'pairs',
      promptColumn: 'prompt',
      chosenColumn: 'chosen',
      rejectedColumn: 'rejected',
      strengthColumn: null,
      probabilityColumn: null,
    },
    margin: choice.margin ?? null,
    centring: choice.centring ?? 0,
    weighting: choice.weighting ?? 'pairs',
    chatTemplate: choice.chatTemplate ?? null,
    templateTime: '2026-01-02T03:04:05.000Z',
    unlearnable: choice.unlearnable ?? 'refuse',
  };
}

export interface PreferenceChoice extends Omit<CommonChoice, 'textColumn' | 'pairColumn'> {
  readonly preference?: PreferenceOptimizationSpec['preference'];
  readonly objective?: PreferenceObjective;
  /** Default: the base model, where the objective has a reference. */
  readonly referenceDigest?: string;
  readonly chatTemplate?: string | null;
  readonly unlearnable?: PreferenceOptimizationSpec['unlearnable'];
}

/** DPO with its usual loss. */
export const dpoObjective = {
  kind: 'dpo',
  loss: 'sigmoid',
  beta: 0.1,
  labelSmoothing: 0,
  sftWeight: 0,
  tailWeight: 1,
  strengthMargin: 0,
} as const satisfies PreferenceObjective;

/** By default DPO of pairs in columns of these names. */
export function preferenceOptimizationSpec(choice: PreferenceChoice = {}): PreferenceOptimizationSpec {
  const { textColumn: _, pairColumn: __, ...parts } = common(choice);
  const objective = choice.objective ?? dpoObjective;
  return {
    method: 'preferenceOptimization',
    ...parts,
    preference: choice.preference ?? {
      kind: 'pairs',
      promptColumn: 'prompt',
      chosenColumn: 'chosen',
      rejectedColumn: 'rejected',
      strengthColumn: null,
      probabilityColumn: null,
    },
    objective,
    referenceDigest: hasReference(objective) ? (choice.referenceDigest ?? parts.baseModelDigest) : null,
    chatTemplate: choice.chatTemplate ?? null,
    templateTime: '2026-01-02T03:04:05.000Z',
    unlearnable: choice.unlearnable ?? 'refuse',
  };
}

/** A classifier of a multi-task spec, by default with its labels in the column of its name. */
export function task(
  name: string,
  labels: readonly string[],
  choice: { readonly labelColumn?: string; readonly weight?: number; readonly classWeights?: ClassWeights } = {},
): TaskSpec {
  return {
    name,
    weight: choice.weight ?? 1,
    head: classification(choice.labelColumn ?? name, labels, choice.classWeights),
  };
}

function classification(
  labelColumn: string,
  labels: readonly string[],
  classWeights: ClassWeights = { kind: 'none' },
): TargetHeadSpec {
  return { kind: 'classification', labelColumn, labels: [...labels], classWeights };
}

function common(choice: CommonChoice) {
  return {
    baseModelDigest: choice.baseModelDigest ?? 'a'.repeat(64),
    datasetDigest: choice.datasetDigest ?? 'b'.repeat(64),
    textColumn: choice.textColumn ?? 'text',
    pairColumn: choice.pairColumn ?? null,
    trainSplit: choice.trainSplit ?? 'train',
    validationSplit: choice.validationSplit ?? 'validation',
    hyperparameters: { ...hyperparameters, ...choice.hyperparameters },
  };
}
