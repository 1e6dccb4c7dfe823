import { outputNames } from '../../../src/protocol/heads.js';
import { headsOf } from '../../../src/protocol/methods/index.js';
import type {
  Candidate,
  PlannedTraining,
  TrainingBudget,
  TrainingKind,
} from '../../../src/protocol/recommendation/candidate.js';
import type { RecommendationReason } from '../../../src/protocol/recommendation/reason.js';
import { formatBytes } from '../../hugging-face/problems.js';

/** The trainings of a model with whether each is within the budget, and the one to begin with. */
export interface ChosenTraining {
  readonly trainings: (PlannedTraining & { readonly fits: boolean })[];
  /** Null: none is within the budget. */
  readonly suggested: TrainingKind | null;
  readonly reasons: readonly RecommendationReason[];
}

/**
 * With fewer examples of a class than these, heads alone came out ahead: BANKING77's 77 classes with 350 examples, 71 %
 * against 61 % (docs/methods/defaults.md). With 8 of a class, all weights did.
 */
const fewOfClass = 5;

const words: Readonly<Record<TrainingKind, string>> = {
  FULL: 'To train all of it',
  LORA: 'To train a low-rank adapter',
  FROZEN: 'To train heads alone',
};

/** Chooses what to train: all weights where the budget has room for that, else an adapter, else heads alone. */
export function chooseTraining(candidate: Candidate, budget: TrainingBudget): ChosenTraining {
  const trainings = candidate.trainings.map((training) => ({
    ...training,
    fits: overrun(training, budget).length === 0,
  }));
  const fitting = trainings.filter(({ fits }) => fits);
  const perClass = examplesOfClass(candidate);
  const alone = perClass < fewOfClass ? fitting.find(({ kind }) => kind === 'FROZEN') : undefined;
  const suggested = alone ?? fitting[0] ?? null;
  if (suggested === null) {
    const least = trainings.reduce((a, b) => (b.memoryBytes < a.memoryBytes ? b : a));
    return { trainings, suggested: null, reasons: overrun(least, budget, 'EXCLUDES') };
  }
  const left = trainings.find(({ fits }) => !fits);
  return {
    trainings,
    suggested: suggested.kind,
    reasons: [
      ...(left === undefined ? [] : overrun(left, budget)),
      ...(budget.memoryBytes === null && budget.seconds === null ? [] : [withinBudget(suggested)]),
      suggestion(suggested, alone === undefined ? null : perClass),
    ],
  };
}

function overrun(
  { kind, memoryBytes, seconds }: PlannedTraining,
  budget: TrainingBudget,
  weight: 'AGAINST' | 'EXCLUDES' = 'AGAINST',
): RecommendationReason[] {
  const reasons: RecommendationReason[] = [];
  if (budget.memoryBytes !== null && memoryBytes > budget.memoryBytes) {
    const message = `${words[kind]} takes about ${formatBytes(memoryBytes)} of memory, and the budget has ${formatBytes(budget.memoryBytes)}.`;
    reasons.push({ code: 'OVER_MEMORY', weight, message });
  }
  if (budget.seconds !== null && seconds > budget.seconds) {
    const message = `${words[kind]} takes about ${duration(seconds)}, and the budget has ${duration(budget.seconds)}.`;
    reasons.push({ code: 'OVER_TIME', weight, message });
  }
  return reasons;
}

function withinBudget({ kind, memoryBytes, seconds }: PlannedTraining): RecommendationReason {
  const message = `${words[kind]} takes about ${formatBytes(memoryBytes)} of memory and ${duration(seconds)}, which the budget has.`;
  return { code: 'FITS_BUDGET', weight: 'FOR', message };
}

function suggestion({ kind }: PlannedTraining, perClass: number | null): RecommendationReason {
  const messages: Readonly<Record<TrainingKind, string>> = {
    FULL: 'Training all of its weights is suggested: where examples suffice, that comes to the best scores.',
    LORA: 'A low-rank adapter is suggested: the budget has no room for the training of all weights.',
    FROZEN:
      perClass === null
        ? 'Heads alone are suggested: the budget has no room for more.'
        : `Heads alone are suggested: with ${Math.round(10 * perClass) / 10} examples of a class, more weights would learn them by heart.`,
  };
  return { code: 'SUGGESTED_TRAINING', weight: 'FOR', message: messages[kind] };
}

/** Examples for each class of the head that has the most of them; of other tasks, as many as one can have. */
function examplesOfClass({ spec, trainExamples }: Candidate): number {
  const classes = headsOf(spec).flatMap(({ head }) =>
    head.kind === 'classification' || head.kind === 'multiLabel' ? [outputNames(head).length] : [],
  );
  return classes.length === 0 ? Number.POSITIVE_INFINITY : trainExamples / Math.max(...classes);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? Math.round(10 * seconds) / 10 : Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}
