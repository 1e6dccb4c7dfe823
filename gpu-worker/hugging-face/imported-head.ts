import { type HeadKind, type ModelHead, rewardTask, schemeOf } from '../../src/protocol/heads.js';
import type { ProblemType } from './config.js';
import type { ConfigNote } from './head-notes.js';
import { defaultLabel, defaultLabels, importedTask, refuseTooManyClasses } from './labels.js';
import { unsupported } from './problems.js';

/** What files tell of the one head that a class of transformers has. */
export interface HeadFacts {
  /** The name that messages give to the head's weight. */
  readonly tensor: string;
  /** Rows of the weight. */
  readonly outputs: number;
  /** Whether it is the head of a `…ForTokenClassification`. */
  readonly readsTokens: boolean;
  readonly problemType: ProblemType | null;
  /** Of `id2label`. */
  readonly labels: readonly string[] | null;
  /** Attune's own notes on the head; where two differ, the later one counts. */
  readonly notes: readonly (ModelHead | ConfigNote)[];
  /** Whether whoever imports it says that its number is a reward. */
  readonly isRewardModel: boolean;
}

/**
 * A head of transformers as one of Attune's. Labels in `config.json` count more than those in Attune's notes, as
 * somebody may have renamed them since. Without notes the task is called `label`, thresholds are 0.5, and the numbers
 * of a regression are what the head gives.
 *
 * Errors: ProblemError UNSUPPORTED_MODEL for too few or too many outputs, by the tensor's name.
 */
export function importedHead(facts: HeadFacts): ModelHead {
  const { tensor, outputs } = facts;
  refuseTooManyClasses(tensor, outputs);
  const kind = kindOf(facts);
  switch (kind) {
    case 'classification': {
      if (outputs < 2) throw tooFew(tensor, 'problem_type single_label_classification');
      const { task = importedTask, labels } = noteOf(facts, kind);
      return { kind, task, labels: namesOf(facts, labels) };
    }
    case 'multiLabel': {
      const { task = importedTask, labels, thresholds } = noteOf(facts, kind);
      const names = namesOf(facts, labels);
      return { kind, task, labels: names, thresholds: thresholds ?? names.map(() => 0.5) };
    }
    case 'regression': {
      const { task = importedTask, outputs: noted, means, scales } = noteOf(facts, kind);
      const names = namesOf(facts, noted);
      return { kind, task, outputs: names, means: means ?? names.map(() => 0), scales: scales ?? names.map(() => 1) };
    }
    case 'tokenClassification': {
      if (outputs < 2) throw tooFew(tensor, 'a classifier of tokens');
      const { task = importedTask, labels, scheme } = noteOf(facts, kind);
      const names = namesOf(facts, labels);
      return { kind, task, labels: names, scheme: scheme ?? schemeOf(names) };
    }
    case 'reward': {
      const note = noteOf(facts, kind);
      const { task = rewardTask, mean = 0, scale = 1, evidence = null, templateTime = null } = note;
      const { looksPastPadding = note.kind === undefined } = note;
      const reading = looksPastPadding ? { looksPastPadding } : {};
      return { kind, task, mean, scale, evidence, templateTime, ...reading };
    }
    default:
      return kind satisfies never;
  }
}

/** transformers takes a head of one output for a regression where `problem_type` says nothing else. */
function kindOf({ readsTokens, problemType, outputs, notes, isRewardModel }: HeadFacts): HeadKind {
  if (readsTokens) return 'tokenClassification';
  // transformers knows no reward models: without Attune's note, or a word of whoever imports it, one is a regression.
  if (outputs === 1 && (isRewardModel || notes.some(({ kind }) => kind === 'reward'))) return 'reward';
  switch (problemType) {
    case null:
      return outputs === 1 ? 'regression' : 'classification';
    case 'single_label_classification':
      return 'classification';
    case 'multi_label_classification':
      return 'multiLabel';
    case 'regression':
      return 'regression';
    default:
      return problemType satisfies never;
  }
}

/** Errors: ProblemError UNSUPPORTED_MODEL where a model that was called a reward model has no head of one number. */
export function requireRewards(heads: readonly ModelHead[]): void {
  if (heads.some(({ kind }) => kind === 'reward')) return;
  throw unsupported(
    heads.length === 0
      ? 'it has no head, and so is no reward model'
      : 'its head does not give one number, and so is none of a reward model',
    'Leave `isRewardModel` out, or name the files of a reward model: a class for sequence classification with one label.',
  );
}

/** What the notes say of a head of this kind and size. */
function noteOf<Kind extends HeadKind>(
  { notes, outputs }: HeadFacts,
  kind: Kind,
): Partial<Extract<ModelHead, { readonly kind: Kind }>> {
  return Object.assign({}, ...notes.filter((note) => note.kind === kind && [null, outputs].includes(sizeOf(note))));
}

/** The number of outputs that a note is about; null where the note does not tell. */
function sizeOf(note: ModelHead | ConfigNote): number | null {
  switch (note.kind) {
    case 'multiLabel':
      return note.thresholds.length;
    case 'regression':
      return note.means.length;
    case 'reward':
      return 1;
    case 'classification':
    case 'tokenClassification':
      return 'labels' in note ? note.labels.length : null;
    default:
      return note satisfies never;
  }
}

/**
 * Names of the outputs: those of `id2label` where there is one for each. A name that several classes have is the first
 * one's alone, because predictions tell classes apart by their names.
 */
function namesOf({ labels, outputs }: HeadFacts, noted: readonly string[] | undefined): string[] {
  if (labels?.length !== outputs) return [...(noted ?? defaultLabels(outputs))];
  if (new Set(labels).size === outputs) return [...labels];
  if (noted !== undefined) return [...noted];
  const distinct = labels.map((label, id) => (labels.indexOf(label) === id ? label : defaultLabel(id)));
  return new Set(distinct).size === outputs ? distinct : defaultLabels(outputs);
}

function tooFew(tensor: string, what: string) {
  return unsupported(
    `${tensor} has one output; ${what} needs two or more`,
    'Set problem_type to regression for one number, or to multi_label_classification for one label that is there or not.',
  );
}
