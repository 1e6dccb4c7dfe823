import { type ArchitectureConfig, traitsOf } from '../protocol/architectures/index.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { Pooling } from '../protocol/pooling.js';
import type { PreferenceObjectiveKind } from '../protocol/preference-objective.js';
import { updatesPerEpoch } from '../protocol/training-steps.js';
import { usualLengths } from '../protocol/usual-tokens.js';
import type { ChosenDefault } from './chosen-default.js';
import { objectiveTitles, preferenceRates } from './preference-rates.js';

/** The defaults of hyperparameters that a client leaves out. The schema's descriptions show them. */
export const hyperparameterDefaults = {
  gradientAccumulationSteps: 1,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  warmupRatio: 0.1,
  schedule: 'linear',
  maxLength: 128,
  adapter: null,
  seed: 0,
  freeze: { kind: 'none' },
  earlyStopping: null,
  checkpointEverySteps: 200,
  evaluateEverySteps: null,
} as const satisfies Omit<
  Hyperparameters,
  'learningRate' | 'epochs' | 'batchSize' | 'dropout' | 'pooling' | 'truncationSide'
>;

/** The width of the widest model that docs/methods/defaults.md measures. */
export const measuredWidth = 512;

/**
 * Learning rates, and the optimizer updates to come to, by what is trained: layers of the encoder (all, or the upper
 * ones), an adapter, or heads alone over a frozen encoder. docs/methods/defaults.md has the figures.
 */
export const trainingDefaults = {
  encoder: {
    what: 'the encoder itself',
    measuredRate: 3e-4,
    widerRate: 5e-5,
    updates: 200,
    leastEpochs: 3,
  },
  adapter: {
    what: 'an adapter',
    measuredRate: 2e-3,
    widerRate: 5e-4,
    updates: 250,
    leastEpochs: 3,
  },
  headsAlone: {
    what: 'heads alone',
    measuredRate: 1e-2,
    widerRate: 1e-2,
    updates: 320,
    // The frozen encoder runs once, whatever the number of epochs.
    leastEpochs: 10,
  },
} as const;

/**
 * Of language modelling, on raw texts: rates by what is trained, rows of a batch, tokens of a row, and passes over the
 * texts. Rates are lower than those of heads, because the model knows its task already.
 */
export const languageDefaults = {
  encoder: { what: 'all layers', narrowRate: 5e-4, widerRate: 5e-5 },
  adapter: { what: 'an adapter', narrowRate: 1e-3, widerRate: 2e-4 },
  batchSize: 8,
  maxLength: usualLengths.document,
  maxConversation: usualLengths.conversation,
  epochs: 3,
} as const;

/** Of policy optimization: rates by what is trained, prompts of an update, and passes over the prompts. */
export const policyDefaults = {
  encoder: { what: 'all layers', narrowRate: 1e-4, widerRate: 1e-5 },
  adapter: { what: 'an adapter', narrowRate: 1e-3, widerRate: 1e-4 },
  batchSize: 8,
  epochs: 1,
} as const;

/**
 * Of reward models: rates by what is trained (of heads alone, that of other heads), and passes over the judgements,
 * which more passes are learned by heart (Ouyang et al. 2022, arXiv:2203.02155, C.2).
 */
export const rewardDefaults = {
  encoder: { what: 'the model itself', narrowRate: 1e-4, widerRate: 1e-5 },
  adapter: { what: 'an adapter', narrowRate: 1e-3, widerRate: 1e-4 },
  epochs: 2,
} as const;

/** Of preference optimization: examples of a batch, and passes. Its rates are those of objectives. */
export const preferenceDefaults = { batchSize: 8, epochs: 1 } as const;

/** Up to `few` examples an encoder or an adapter is trained in batches of `ofFew`. */
export const batchSizeDefaults = { few: 2000, ofFew: 16, usual: 32 } as const;

/** However few the examples are. */
export const mostEpochs = 100;

/**
 * Targets of heads; the tokens of texts; those of the answers of conversations; which completions are rewarded; or
 * which of two answers is better, by a reward or by a policy.
 */
export type Learns = 'heads' | 'tokens' | 'answers' | 'completions' | 'rewards' | 'preferences';

/** Whether a head is learned, which reads a vector of each text; else the model's own predictions of tokens are. */
export function learnsHead(learns: Learns): boolean {
  return learns === 'heads' || learns === 'rewards';
}

/** The parts of an experiment that the defaults of learning rate and epochs depend on. */
export interface TrainedParts extends Pick<Hyperparameters, 'adapter' | 'freeze'> {
  /** What is learned: targets of heads (the default), or the tokens of the texts themselves. */
  readonly learns?: Learns;
  /** Of preference optimization; absent: DPO. */
  readonly objective?: PreferenceObjectiveKind | null;
  readonly config: Pick<ArchitectureConfig, 'hiddenSize'>;
}

/** The learning rate when a client leaves it out. Narrow models, and few trained parameters, bear larger steps. */
export function defaultLearningRate(trained: TrainedParts): ChosenDefault<number> {
  const { hiddenSize } = trained.config;
  if (trained.learns === 'preferences') {
    const objective = trained.objective ?? 'dpo';
    const [part, what] =
      trained.adapter === null ? (['encoder', 'all layers'] as const) : (['adapter', 'an adapter'] as const);
    const { narrowRate, widerRate } = preferenceRates(objective)[part];
    const isNarrow = hiddenSize <= measuredWidth;
    const reason = `Trains ${what} of a model ${hiddenSize} wide by ${objectiveTitles[objective]}: it is a usual rate for models ${isNarrow ? `up to ${measuredWidth} (docs/methods/preference-rates.md)` : `above ${measuredWidth}`}.`;
    return { value: isNarrow ? narrowRate : widerRate, reason };
  }
  if (learnsTokens(trained)) {
    const isPolicy = trained.learns === 'completions';
    const rates = isPolicy ? policyDefaults : languageDefaults;
    const { what, narrowRate, widerRate } = rates[trained.adapter === null ? 'encoder' : 'adapter'];
    const isNarrow = hiddenSize <= measuredWidth;
    const reason = `Trains ${what} of a model ${hiddenSize} wide on ${isPolicy ? 'rewards' : 'texts'}: it is a usual rate for models ${isNarrow ? 'up to' : 'above'} ${measuredWidth}.`;
    return { value: isNarrow ? narrowRate : widerRate, reason };
  }
  const kind = kindOf(trained);
  if (trained.learns === 'rewards' && kind !== 'headsAlone') {
    const { what, narrowRate, widerRate } = rewardDefaults[kind];
    const isNarrow = hiddenSize <= measuredWidth;
    const reason = `Trains ${what} of a model ${hiddenSize} wide on judgements: it is a usual rate of reward models ${isNarrow ? 'up to' : 'above'} ${measuredWidth}.`;
    return { value: isNarrow ? narrowRate : widerRate, reason };
  }
  const { what, measuredRate, widerRate } = trainingDefaults[kind];
  const training = `Trains ${what} of a model ${hiddenSize} wide`;
  if (hiddenSize <= measuredWidth) {
    return {
      value: measuredRate,
      reason: `${training}: at most ${measuredWidth}, which were measured (${figures}).`,
    };
  }
  const reason = `${training}: more than the ${measuredWidth} that were measured, so a rate that is usual for BERT-base.`;
  return { value: widerRate, reason };
}

/** Examples of a batch when a client leaves them out. In an epoch, small batches make more updates. */
export function defaultBatchSize(trained: TrainedParts, trainExamples: number): ChosenDefault<number> {
  if (trained.learns === 'completions') {
    return { value: policyDefaults.batchSize, reason: 'So many prompts make an update of some dozens of completions.' };
  }
  if (trained.learns === 'preferences') {
    return { value: preferenceDefaults.batchSize, reason: 'It is the usual number of pairs or answers.' };
  }
  if (learnsTokens(trained)) return { value: languageDefaults.batchSize, reason: 'It is the usual number of rows.' };
  const { few, ofFew, usual } = batchSizeDefaults;
  if (kindOf(trained) === 'headsAlone') return { value: usual, reason: 'It is the usual size.' };
  if (trainExamples > few)
    return { value: usual, reason: `It is the usual size for more than ${number(few)} examples.` };
  const reason = `At most ${number(few)} examples: smaller batches give more updates in an epoch.`;
  return { value: ofFew, reason };
}

/**
 * The passes over the training split when a client leaves them out: as many as come to a number of updates, so that few
 * examples are seen more often.
 */
export function defaultEpochs(
  trained: TrainedParts,
  trainExamples: number,
  batches: Pick<Hyperparameters, 'batchSize' | 'gradientAccumulationSteps'>,
): ChosenDefault<number> {
  if (trained.learns === 'completions') {
    return { value: policyDefaults.epochs, reason: 'Each prompt is answered several times in one pass.' };
  }
  if (trained.learns === 'preferences') {
    return { value: preferenceDefaults.epochs, reason: 'More passes over preferences are learned by heart.' };
  }
  if (learnsTokens(trained)) {
    return { value: languageDefaults.epochs, reason: 'They are the usual passes over texts.' };
  }
  const kind = kindOf(trained);
  if (trained.learns === 'rewards' && kind !== 'headsAlone') {
    return { value: rewardDefaults.epochs, reason: 'More passes over judgements are learned by heart.' };
  }
  const { what, updates, leastEpochs } = trainingDefaults[kind];
  // Batches that are refused as too small come here too.
  const perEpoch = Math.max(1, updatesPerEpoch(Math.max(1, trainExamples), batches));
  const wanted = Math.ceil(updates / perEpoch);
  const value = Math.min(Math.max(wanted, leastEpochs), mostEpochs);
  const counted = `${number(trainExamples)} examples give ${number(perEpoch)} update${perEpoch === 1 ? '' : 's'} an epoch`;
  const aim = `for ${what} the default is about ${updates} updates (${figures})`;
  if (value > wanted) return { value, reason: `${counted}. ${value} epochs are the least; ${aim}.` };
  if (value < wanted) return { value, reason: `${counted}. ${value} epochs are the most; ${aim}.` };
  return { value, reason: `${counted}, and ${aim}.` };
}

const figures = 'docs/methods/defaults.md';

function kindOf({ adapter, freeze }: TrainedParts): keyof typeof trainingDefaults {
  if (adapter !== null) return 'adapter';
  return freeze.kind === 'encoder' ? 'headsAlone' : 'encoder';
}

function number(value: number): string {
  return value.toLocaleString('en');
}

/** What heads of texts read when a client does not say. Null for a family that has a pooling of its own. */
export function defaultPooling({
  config,
  pooling,
  heads,
}: Pick<ModelManifest, 'config' | 'pooling' | 'heads'>): ChosenDefault<Pooling | null> {
  const ofFamily = traitsOf(config).defaultPooling;
  if (pooling === null) {
    const reason =
      ofFamily === null
        ? 'Models of this family have a pooling of their own.'
        : "The model's files do not say how it pools; this is what …ForSequenceClassification of transformers reads.";
    return { value: ofFamily, reason };
  }
  const reason =
    heads.length > 0
      ? "It is what the model's heads were trained on."
      : "The model's files say so: modules.json and 1_Pooling of sentence-transformers.";
  return { value: pooling, reason };
}

/** Tokens that texts are cut to, or documents are divided into, if a model reads as many. */
export function usualLength(learns: Learns): number {
  switch (learns) {
    case 'heads':
      return hyperparameterDefaults.maxLength;
    case 'tokens':
      return languageDefaults.maxLength;
    case 'answers':
    case 'completions':
    case 'rewards':
    case 'preferences':
      return languageDefaults.maxConversation;
    default:
      return learns satisfies never;
  }
}

/** Alpha is twice the rank, as in the LoRA configurations of PEFT's own examples. */
export const loraDefaults = { rank: 8, alpha: 16, dropout: 0, rankStabilized: false } as const;

function learnsTokens({ learns = 'heads' }: TrainedParts): boolean {
  return !learnsHead(learns);
}
