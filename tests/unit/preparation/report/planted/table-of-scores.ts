import { ReportFindingCode } from '../../../../../src/protocol/preparation/report-finding.js';
import type { Score } from './score-findings.js';

/** What is planted, in the words of the document. */
const faults: Readonly<Record<ReportFindingCode, string>> = {
  MISSING_VALUES: 'rows without a text or a label',
  EMPTY_TEXTS: 'texts of white space of five kinds',
  CONSTANT_COLUMN: 'columns of one word, number or truth value; beside them, one with a single other value',
  ID_LIKE_COLUMN: 'columns of numbers, UUIDs and tickets; beside them, one with a value twice, and measurements',
  SINGLE_CLASS: 'splits of one class, in one spelling or two',
  FEW_EXAMPLES: 'classes of 9 examples; beside them, of 10',
  CLASS_MISSING_IN_SPLIT: 'splits that lack classes',
  IMBALANCED_LABELS: 'classes of 100 and 10 examples; beside them, of 99 and 10',
  LABEL_VARIANTS: 'labels in capitals or with a space',
  EXACT_DUPLICATES: 'equal texts',
  NORMALIZED_DUPLICATES: 'texts with other case, white space, line breaks',
  NEAR_DUPLICATES: 'texts with a word changed, added or cut off',
  DUPLICATES_ACROSS_SPLITS: 'rows of the test and validation splits that copy one of the training',
  NEAR_DUPLICATES_ACROSS_SPLITS: 'the same with a word changed, added or cut off',
  LABEL_CONFLICTS: 'equal texts with two labels',
  GROUP_IN_SEVERAL_SPLITS: 'rows of an author of the training in other splits',
  COLUMN_GIVES_LABEL_AWAY: 'folders, teams and measurements by the label; beside them, one that knows two thirds',
  WORD_GIVES_LABEL_AWAY: 'a mark in 60 % of a class; beside it, in 40 %, and in other classes too',
  MOST_TEXTS_TRUNCATED: 'splits with 84 of 160 texts cut off; beside them, 80 of 160',
  UNKNOWN_TOKENS: 'texts with signs that the model has no token for; beside them, a third of them',
  DAMAGED_ENCODING:
    'sentences of 20 languages read in ten wrong encodings, in texts and in another column; beside them, sound ones',
  PERSONAL_DATA:
    'values of eight kinds, in texts and in two other columns; beside them, near misses with wrong check digits',
  MIXED_LANGUAGES: 'texts of two other languages',
  LENGTH_OUTLIERS: 'texts of a word or two, and of 60 glosses',
  NUMBER_OUTLIERS: 'numbers from 350 to a million among numbers around 50',
  NON_FINITE_NUMBERS: 'NaN and infinities',
  EMBEDDING_OUTLIERS: 'texts of one word again and again',
  UNREADABLE_CONVERSATIONS: 'texts, lists of texts, objects around the list',
  TURNS_DO_NOT_ALTERNATE: 'two turns of a speaker, a system text between turns',
  CONVERSATION_BEGINS_WITH_ASSISTANT: 'conversations without the first turn, with a system text or not',
  CONVERSATION_ENDS_WITH_USER: 'conversations without the last turn, or of one turn',
  EMPTY_TURNS: 'turns of nothing, null, line breaks or other white space',
  UNKNOWN_ROLES: 'speakers by other names, or without one',
  CHOSEN_EQUALS_REJECTED: 'equal answers, with white space at the end or not; beside them, a full stop more',
  LIKELY_LABEL_ERRORS: 'labels of another topic',
};

const round = (share: number): string => String(Math.round(share * 100) / 100);

/** A document in Markdown. */
export function tableOfScores(scores: ReadonlyMap<ReportFindingCode, Score>): string {
  const lines = ReportFindingCode.options.map((code) => {
    const { planted, right, found, shown, elsewhere, versions } = scores.get(code)!;
    const cells = [
      `\`${code}\``,
      faults[code],
      planted,
      round(right / planted),
      shown < found ? `${round(right / found)}; of the ten shown, ${round(right / shown)}` : round(right / found),
      `${elsewhere} in ${versions}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `# Planted faults

What a report finds of faults that were planted in a known number, kind by kind. The texts are real: glosses of four
topics of WordNet, with the topic as the label, and sentences of nlp-corpus. Each fault has rows, columns or versions of
its own; beside many, there is what nearly is one. Recall is the share of the planted faults that were found; precision,
the share of what was found in versions with the fault that was planted. The last column says how much was found in how
many versions without the fault.

Labels and texts are compared by hashed words, as reports do where no model is named. The roles of columns are guessed,
as of each version, but for that of conversations, so many of which are broken that they look like texts. All else is as
in \`reportDataset\` without settings.

| finding | planted | number | recall | precision | elsewhere |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

This page is written by \`npx vitest run tests/unit/preparation/report/planted-faults.test.ts --update\`; without
\`--update\`, the test compares it with what it measures.
`;
}
