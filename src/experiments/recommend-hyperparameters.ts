import { headsOf, objectiveOf, type RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { updatesPerEpoch } from '../protocol/training-steps.js';
import type { NamedDefault } from './chosen-default.js';
import {
  defaultBatchSize,
  defaultEpochs,
  defaultLearningRate,
  hyperparameterDefaults,
  type Learns,
  loraDefaults,
  measuredWidth,
} from './hyperparameter-defaults.js';

/** Where a recommendation comes from: this project's own measurements, published ones, or the data at hand. */
export type RecommendationSource = 'MEASURED' | 'PUBLISHED' | 'DATA';

/** A value that a hyperparameter should have for a dataset, and why. */
export interface RecommendedHyperparameter extends NamedDefault {
  readonly source: RecommendationSource;
  /** Whether the plan has it already. */
  readonly isPlanned: boolean;
}

/** What recommendations depend on, beside the spec. */
export interface RecommendationData {
  readonly trainExamples: number;
  /** Rows of tokens: as many as examples, unless documents are packed or divided. */
  readonly trainRows: number;
  /** Tokens of sampled examples, before truncation. */
  readonly lengths: readonly number[];
}

/** Fewer updates than this between two evaluations tell nothing new; more are a long wait for the first curve. */
const updatesBetweenEvaluations = 250;

/** From so many evaluations on, early stopping has something to choose from. */
const evaluationsToChooseFrom = 6;

/** Evaluations without improvement: Prechelt 1998 finds slower criteria to gain 4 % on average for 4 times the time. */
const patience = 3;

/** Texts are cut to what so large a share of them needs; where that is very long, to what the second share needs. */
const shares = { usual: 0.99, ofLong: 0.95, long: 512 } as const;

/** Fewer examples than this need no larger rank. */
const rankOfFew = { rank: 4, examples: 200 } as const;

/**
 * Values of the hyperparameters that depend on how many examples there are, how long they are and what is trained of
 * the model. Those that were measured are the defaults (docs/methods/defaults.md).
 */
export function recommendHyperparameters(
  spec: RunSpec,
  model: Pick<ModelManifest, 'config' | 'contextLength'>,
  data: RecommendationData,
  learns: Learns,
): RecommendedHyperparameter[] {
  const h = spec.hyperparameters;
  const { trainExamples, trainRows, lengths } = data;
  const objective = objectiveOf(spec);
  const trained = { config: model.config, adapter: h.adapter, freeze: h.freeze, learns, objective };
  const isMeasured = learns === 'heads' && model.config.hiddenSize <= measuredWidth;
  const source: RecommendationSource = isMeasured ? 'MEASURED' : 'PUBLISHED';
  const all: RecommendedHyperparameter[] = [];
  const add = (
    hyperparameter: string,
    { value, reason }: { readonly value: string | number | null; readonly reason: string },
    from: RecommendationSource,
    planned: string | number | null,
  ) => all.push({ hyperparameter, value: String(value), reason, source: from, isPlanned: value === planned });

  add('learningRate', defaultLearningRate(trained), source, h.learningRate);
  const batchSize = defaultBatchSize(trained, trainExamples);
  add('batchSize', batchSize, source, h.batchSize);
  const epochs = defaultEpochs(trained, trainRows, { ...h, batchSize: batchSize.value });
  add('epochs', { ...epochs, reason: `${epochs.reason}${ofClasses(spec, trainExamples)}` }, source, h.epochs);
  const length = recommendLength(lengths, model.contextLength, learns);
  if (length !== null) add('maxLength', length, 'DATA', h.maxLength);

  const perEpoch = updatesPerEpoch(Math.max(1, trainRows), h);
  const total = perEpoch * h.epochs;
  add('warmupRatio', recommendWarmUp(total), 'PUBLISHED', h.warmupRatio);
  const every = recommendCadence(perEpoch);
  add('evaluateEverySteps', every, 'DATA', h.evaluateEverySteps);
  const evaluations = h.epochs * (1 + (every.value === null ? 0 : Math.floor((perEpoch - 1) / every.value)));
  const stopping = recommendStopping(evaluations, trainExamples);
  add('earlyStopping.patience', stopping, 'PUBLISHED', h.earlyStopping?.patience ?? null);
  if (h.adapter !== null) add('adapter.lora.rank', recommendRank(trainExamples), 'PUBLISHED', h.adapter.rank);
  return all;
}

/** A sentence on how many examples a class has. */
function ofClasses(spec: RunSpec, trainExamples: number): string {
  const classes = Math.max(0, ...headsOf(spec).map(({ head }) => ('labels' in head ? head.labels.length : 0)));
  if (classes === 0) return '';
  return ` That is about ${number(Math.round(trainExamples / classes))} examples for each of ${number(classes)} labels.`;
}

/** Tokens that texts should be cut to; null where documents are divided, and lose nothing. */
function recommendLength(lengths: readonly number[], contextLength: number, learns: Learns) {
  if (learns === 'tokens' || lengths.length === 0) return null;
  const sorted = [...lengths].sort((a, b) => a - b);
  const needs = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  const share = needs(shares.usual) > shares.long ? shares.ofLong : shares.usual;
  // Odd sizes are as good as even ones; eights are easier to remember.
  const rounded = Math.max(16, 8 * Math.ceil(needs(share) / 8));
  const value = Math.min(rounded, contextLength);
  const cut = sorted.filter((each) => each > value).length / sorted.length;
  const longest = sorted.at(-1)!;
  const found = `Of ${number(sorted.length)} sampled texts the middle one has ${needs(0.5)} tokens, ${percent(share)} at most ${needs(share)}, the longest ${longest >= contextLength ? `${contextLength} or more` : longest}`;
  const capped = rounded > contextLength ? `, and the model reads at most ${contextLength}` : '';
  return { value, reason: `${found}${capped}: this cuts ${percent(cut)} of them, and memory grows with it.` };
}

function recommendWarmUp(total: number) {
  const value = hyperparameterDefaults.warmupRatio;
  return {
    value,
    reason: `The rate rises over the first ${number(Math.ceil(value * total))} of ${number(total)} updates: a warm-up of a tenth keeps fine-tuning of few examples from failing (Mosbach et al. 2021).`,
  };
}

function recommendCadence(perEpoch: number): { readonly value: number | null; readonly reason: string } {
  const parts = Math.round(perEpoch / updatesBetweenEvaluations);
  if (parts < 2) {
    return { value: null, reason: `An epoch is ${number(perEpoch)} updates: its evaluation at the end is enough.` };
  }
  const value = Math.ceil(perEpoch / parts);
  return {
    value,
    reason: `An epoch is ${number(perEpoch)} updates: evaluating ${parts} times in each shows when it no longer improves.`,
  };
}

function recommendStopping(evaluations: number, trainExamples: number) {
  if (evaluations < evaluationsToChooseFrom) {
    return {
      value: null,
      reason: `There are ${number(evaluations)} evaluations: too few to stop by, and the last epoch is usually the best.`,
    };
  }
  return {
    value: patience,
    reason: `There are ${number(evaluations)} evaluations over ${number(trainExamples)} examples: where ${patience} in a row are no better, the best one is kept and the rest of the time saved (Prechelt 1998).`,
  };
}

function recommendRank(trainExamples: number) {
  const { rank, examples } = rankOfFew;
  return trainExamples < examples
    ? {
        value: rank,
        reason: `${number(trainExamples)} examples are few: rank ${rank} does as well as more in the measurements of Hu et al. 2021 (table 6), with half the numbers to learn.`,
      }
    : {
        value: loraDefaults.rank,
        reason: `Ranks above ${loraDefaults.rank} gained nothing in the measurements of Hu et al. 2021 (table 6), and those of docs/methods/defaults.md were made with it.`,
      };
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
