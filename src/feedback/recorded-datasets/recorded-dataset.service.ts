import type { DataSource } from 'typeorm';
import { findFirstResult, orFirstResult } from '../../access/idempotency.js';
import { inSnapshot } from '../../database/in-snapshot.js';
import { checkTarget } from '../../datasets/preparation/dataset-versions.js';
import type { MadeVersion } from '../../datasets/preparation/preparation-target.js';
import type { PreparationRequest, Preparations } from '../../datasets/preparation/preparations.js';
import { globalId } from '../../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { usualSplit } from '../../protocol/datasets/split-request.js';
import type { FeedbackDatasetRules } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore } from '../../storage/artifact-store.js';
import { checkRules } from '../datasets/check-rules.js';
import { columnsOf, groupColumn, recordColumn } from '../datasets/row-form.js';
import { rowsOfItem } from '../datasets/rows-of-item.js';
import { feedbackSource, writeRows } from '../datasets/write-rows.js';
import { itemOfRecord, questionOfForm } from './item-of-record.js';
import {
  type RecordedChoice,
  type RecordedFacts,
  recordedFacts,
  recordedItems,
  recordedReading,
} from './recorded-items.reads.js';

/** What is to be made of which feedback. */
export interface RecordedDatasetRequest {
  readonly choice: RecordedChoice;
  readonly target: MadeVersion;
  readonly rules: FeedbackDatasetRules;
  readonly fractions: readonly { readonly name: string; readonly fraction: number }[];
  readonly seed: number;
  readonly idempotencyKey: string | null;
  /** What the client sent, for the key. */
  readonly input: unknown;
}

/** Dataset versions of what users of applications thought. */
export interface RecordedDatasetService {
  /**
   * Queues the making of a version; returns the id of the preparation.
   * @throws ProblemsError for what the client can correct; NO_ROWS_LEFT where nothing remains under the rules
   */
  create(request: RecordedDatasetRequest): Promise<string>;
}

export function createRecordedDatasetService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly store: ArtifactStore;
  readonly preparations: Pick<Preparations, 'start'>;
}): RecordedDatasetService {
  const { dataSource, query, store, preparations } = options;
  return {
    async create({ choice, target, rules, fractions, seed, idempotencyKey, input }) {
      const { projectId, form } = choice;
      const operation = 'createDatasetFromRecordedFeedback';
      const idempotent = { projectId, operation, key: idempotencyKey, input };
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      await checkModels(query, choice);
      const facts = await recordedFacts(query, choice);
      const question = questionOfForm(form, facts.questions);
      const wrong = [...checkOneQuestion(facts), ...checkPolicy(question, rules)];
      if (wrong.length > 0) throw new ProblemsError(wrong);
      const columns = columnsOf(question, rules, facts.prompts, recordColumn);
      const request: PreparationRequest = {
        idempotent,
        target,
        sources: [{ kind: 'feedback', write: () => writeRecorded({ dataSource, store }, choice, rules) }],
        recipe: [],
        // Whatever else two rows have in common: those about one prompt are never in two splits.
        split: { ...usualSplit, fractions: [...fractions], seed, keepTogether: [groupColumn] },
        textNames: null,
        roles: columns.map(({ name, role }) => ({ column: name, role })),
        check: () => checkTarget(query, projectId, target),
      };
      return orFirstResult(query, idempotent, () => preparations.start(request));
    },
  };
}

/** Writes the rows, all of it read at one moment. @throws ProblemsError NO_ROWS_LEFT; then there is no file */
function writeRecorded(
  { dataSource, store }: { readonly dataSource: DataSource; readonly store: ArtifactStore },
  choice: RecordedChoice,
  rules: FeedbackDatasetRules,
) {
  return inSnapshot(dataSource, async (query) => {
    const { prompts, questions } = await recordedFacts(query, choice);
    const columns = columnsOf(questionOfForm(choice.form, questions), rules, prompts, recordColumn);
    const recorded = await recordedReading(query, choice);
    if (recorded === null) throw nothingRecorded;
    const { file, figures } = await writeRows(store, columns, rules, async function* () {
      for await (const record of recordedItems(query, choice)) {
        const { question, item } = itemOfRecord(choice.form, record);
        const own = { [groupColumn]: item.content.group, [recordColumn]: globalId('RecordedFeedback', record.id) };
        yield { made: rowsOfItem({ question, rules, prompts, posteriors: null }, item), own };
      }
    });
    return { source: feedbackSource(file, columns, { rules, tasks: [], recorded, figures }), file };
  });
}

async function checkModels(query: Query, { projectId, modelIds }: RecordedChoice): Promise<void> {
  if (modelIds === null) return;
  const rows = await query<{ id: string }>(
    'SELECT id FROM base_models WHERE project_id = $1 AND id = ANY($2::uuid[])',
    [projectId, modelIds],
  );
  const known = new Set(rows.map(({ id }) => id));
  const problems = modelIds.flatMap((id, i) =>
    known.has(id) ? [] : [problem(['models', String(i)], 'NOT_FOUND', 'The project has no model with this id.')],
  );
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** Ratings of several scales are no numbers of one column, nor one label a text and several. */
function checkOneQuestion({ questions }: RecordedFacts): InputProblem[] {
  const kinds = new Set(questions.map((question) => JSON.stringify(question)));
  if (kinds.size < 2) return [];
  const scales = questions.map((question) =>
    question.kind === 'rating'
      ? `${question.from} to ${question.to}`
      : question.kind === 'labels' && question.several
        ? 'several labels'
        : 'one label',
  );
  const message = `The feedback is of several kinds: ${scales.join(', ')}.`;
  return [
    problem(['models'], 'INVALID_VALUE', message, 'Choose by `models`, `task` or time, and make a version of each.'),
  ];
}

function checkPolicy(question: FeedbackQuestion, rules: FeedbackDatasetRules): InputProblem[] {
  const { kind } = rules.policy;
  if (kind === 'majority' || kind === 'allVotes' || kind === 'scale') return checkRules(question, rules);
  const message = `The policy \`${kind}\` is for people who answer a task.`;
  return [problem(['policy', kind], 'INVALID_VALUE', message, 'Take `majority`, `allVotes` or, of scores, `scale`.')];
}

const nothingRecorded = new ProblemsError([
  problem([], 'NO_ROWS_LEFT', 'No feedback of this kind was recorded.', 'Choose another form, or more models.'),
]);
