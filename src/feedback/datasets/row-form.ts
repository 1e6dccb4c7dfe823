import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { FeedbackDatasetRules } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion } from '../../protocol/feedback.js';
import type { ColumnRole } from '../../protocol/preparation/column-role.js';

/** A column of the rows that feedback becomes, and what it is for. */
export interface FeedbackColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: ColumnRole;
}

/** What of the prompts of the items decides which columns there are. */
export interface PromptFacts {
  /** Whether any item has a prompt, and whether all have. */
  readonly any: boolean;
  readonly all: boolean;
  /** Whether any prompt is a conversation: then all of them are written as one. */
  readonly areConversations: boolean;
}

/** The column by which rows are kept together in one split. */
export const groupColumn = 'group';
/** The column with the id of the item that a row came from. */
export const itemColumn = 'feedbackItem';
/** The column with the id of the newest record that a row came from. */
export const recordColumn = 'recordedFeedback';

/** The columns of the rows, in their order. */
export function columnsOf(
  question: FeedbackQuestion,
  rules: FeedbackDatasetRules,
  prompts: PromptFacts,
  idColumn: typeof itemColumn | typeof recordColumn = itemColumn,
): readonly FeedbackColumn[] {
  const { policy } = rules;
  const weighted =
    (policy.kind === 'allVotes' && !policy.repeated) || (policy.kind === 'majority' && policy.ties === 'KEEP_ALL');
  return [
    ...ownColumns(question, rules, prompts),
    ...(weighted && !isSeveral(question, rules) ? [column('weight', 'FLOAT', 'WEIGHT')] : []),
    ...(policy.kind === 'posterior' || policy.kind === 'crowdlab' ? [column('probability', 'FLOAT', 'IGNORE')] : []),
    column('agreement', 'FLOAT', 'IGNORE'),
    column('answerCount', 'INTEGER', 'IGNORE'),
    column(groupColumn, 'TEXT', 'GROUP'),
    column(idColumn, 'TEXT', 'IGNORE'),
  ];
}

/** Of several labels and of spans, each is decided by itself: rows have no weight but where all votes are rows. */
function isSeveral(question: FeedbackQuestion, { policy }: FeedbackDatasetRules): boolean {
  if (policy.kind === 'allVotes') return false;
  return question.kind === 'spans' || (question.kind === 'labels' && question.several);
}

function ownColumns(
  question: FeedbackQuestion,
  rules: FeedbackDatasetRules,
  prompts: PromptFacts,
): readonly FeedbackColumn[] {
  const answer: ColumnType = prompts.areConversations ? 'JSON' : 'TEXT';
  const prompt = prompts.any ? [column('prompt', answer, 'PROMPT')] : [];
  // A text that answers a prompt is judged as that: by default both are read.
  const isSecond = prompts.all && !prompts.areConversations;
  const beside = prompts.any ? [column('prompt', answer, isSecond ? 'SECOND_TEXT' : 'IGNORE')] : [];
  const text = column('text', 'TEXT', 'TEXT');
  switch (question.kind) {
    case 'pairwise':
    case 'ranking':
      return rules.unpaired
        ? [
            ...prompt,
            column('completion', answer, 'COMPLETION'),
            column('label', 'BOOLEAN', 'LABEL'),
            column('outcome', 'TEXT', 'IGNORE'),
            column('strength', 'FLOAT', 'IGNORE'),
          ]
        : [
            ...prompt,
            column('chosen', answer, 'CHOSEN'),
            column('rejected', answer, 'REJECTED'),
            column('strength', 'FLOAT', 'IGNORE'),
            ...(rules.policy.kind === 'posterior' ? [column('chosenProbability', 'FLOAT', 'IGNORE')] : []),
          ];
    case 'rating':
      return [text, ...beside, column('rating', 'FLOAT', 'NUMBER')];
    case 'labels':
      return [
        text,
        ...beside,
        question.several ? column('labels', 'TEXT_LIST', 'LABELS') : column('label', 'TEXT', 'LABEL'),
        ...(rules.policy.kind === 'posterior' || rules.policy.kind === 'crowdlab'
          ? [column('labelProbabilities', 'JSON', 'IGNORE')]
          : []),
      ];
    case 'spans':
      return [
        column('tokens', 'TEXT_LIST', 'TOKENS'),
        column('tags', 'TEXT_LIST', 'TAGS'),
        text,
        column('spans', 'JSON', 'IGNORE'),
      ];
    case 'correction':
      return rules.correctionPairs
        ? [...prompt, column('chosen', answer, 'CHOSEN'), column('rejected', answer, 'REJECTED')]
        : [
            column('input', 'TEXT', 'PROMPT'),
            column('output', 'TEXT', 'COMPLETION'),
            ...(prompts.any ? [column('prompt', answer, 'IGNORE')] : []),
          ];
    case 'demonstration':
      return prompts.areConversations
        ? [column('messages', 'JSON', 'MESSAGES')]
        : [column('prompt', 'TEXT', 'PROMPT'), column('completion', 'TEXT', 'COMPLETION')];
    case 'thumbs':
      return [
        ...prompt,
        column('completion', answer, 'COMPLETION'),
        column('label', 'BOOLEAN', 'LABEL'),
        column('reason', 'TEXT', 'IGNORE'),
      ];
    default:
      return question satisfies never;
  }
}

function column(name: string, type: ColumnType, role: ColumnRole): FeedbackColumn {
  return { name, type, role };
}
