import type { RecordedForm } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackItemContent, FeedbackQuestion } from '../../protocol/feedback.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import type { RecordedItem } from './recorded-items.reads.js';

/** What was recorded, as an item of a task that asked for it. */
export interface JudgedRecord {
  readonly question: FeedbackQuestion;
  readonly item: ItemToDecide;
}

/** Writes what was recorded as the answers to an item, from which rows are made as they are of a task's. */
export function itemOfRecord(form: RecordedForm, { id, question, content, pair, answers }: RecordedItem): JudgedRecord {
  const item = (shown: Partial<FeedbackItemContent>, said: ItemToDecide['answers']): ItemToDecide => ({
    id,
    content: { ...content, ...shown },
    adjudicated: null,
    answers: said,
  });
  switch (form) {
    case 'THUMBS':
    case 'SCORES':
      return { question, item: item({ text: null }, answers) };
    case 'BETTER_ANSWERS':
      return { question: { kind: 'correction', mayBeUnchanged: false }, item: item({ text: null }, answers) };
    case 'DEMONSTRATIONS': {
      const said = answers.flatMap(({ userId, value }) =>
        value.kind === 'correction' ? [{ userId, value: { kind: 'demonstration' as const, text: value.text } }] : [],
      );
      return { question: { kind: 'demonstration', minCharacters: 1 }, item: item({ text: null, answers: [] }, said) };
    }
    case 'LABELS': {
      const said = answers.flatMap(({ userId, value, predicted }) => {
        if (value.kind === 'labels') return [{ userId, value }];
        // A thumb that is up says that what was predicted is right.
        return predicted === null ? [] : [{ userId, value: { kind: 'labels' as const, labels: [...predicted] } }];
      });
      const classes = [...new Set(said.flatMap(({ value }) => value.labels))].sort();
      const several =
        question.kind === 'labels' ? question.several : said.some(({ value }) => value.labels.length !== 1);
      const prompt = pair === null ? null : { kind: 'text' as const, text: pair };
      return { question: { kind: 'labels', classes, several }, item: item({ prompt, answers: [] }, said) };
    }
    default:
      return form satisfies never;
  }
}

/** The question whose columns rows of a form have. */
export function questionOfForm(form: RecordedForm, questions: readonly FeedbackQuestion[]): FeedbackQuestion {
  const [asked] = questions;
  switch (form) {
    case 'THUMBS':
      return { kind: 'thumbs', reasonRequired: false };
    case 'SCORES':
      return asked?.kind === 'rating' ? asked : { kind: 'rating', from: 1, to: 2, labels: [] };
    case 'BETTER_ANSWERS':
      return { kind: 'correction', mayBeUnchanged: false };
    case 'DEMONSTRATIONS':
      return { kind: 'demonstration', minCharacters: 1 };
    case 'LABELS':
      return { kind: 'labels', classes: [], several: asked?.kind === 'labels' && asked.several };
    default:
      return form satisfies never;
  }
}
