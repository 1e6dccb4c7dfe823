import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { globalId } from '../../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import {
  type FeedbackDatasetRules,
  type FeedbackFigures,
  type FeedbackReading,
  type LeftOutReason,
  leftOutReasons,
} from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion } from '../../protocol/feedback.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { StorageError } from '../../storage/storage-error.js';
import { type FeedbackTaskRow, feedbackTasksByIds } from '../feedback-task.reads.js';
import { inSnapshot } from '../in-snapshot.js';
import { jsonLineBlocks } from '../json-line-blocks.js';
import { resultLimits } from '../results/result-limits.js';
import { namedPosteriors, type Posteriors } from '../results/statistics/posteriors.js';
import type { StatisticsThreads } from '../results/statistics-threads.js';
import type { ItemRows } from './item-rows.js';
import { itemsToDecide, judgedItems, promptsOf } from './judged-items.reads.js';
import { columnsOf, type FeedbackColumn, groupColumn, itemColumn } from './row-form.js';
import { rowsOfItem } from './rows-of-item.js';

type FeedbackSource = Extract<RowSource, { readonly kind: 'feedback' }>;

/** Of more answers, people's errors are not estimated: all of them are held in memory. */
const mostFittedAnswers = resultLimits.maxAnswers;

/** Items and rows that are written before requests have their turn. */
const rowsATurn = 500;

/** People may answer while errors are estimated, which then happens again: at most so often. */
const mostFits = 3;

interface Room {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  readonly threads: StatisticsThreads;
}

interface Written {
  readonly source: FeedbackSource;
  readonly file: StoredArtifact;
}

/** What was estimated of a task when its log ended there. */
interface Fit {
  readonly lastSeq: number;
  readonly posteriors: Posteriors;
}

type Fits = ReadonlyMap<string, Fit>;

/**
 * Writes the rows that the answers of tasks become into a file of the store, as JSON Lines. All of it is read at one
 * moment, so that the numbers of the logs say exactly which answers were. The same answers and rules give the same
 * bytes.
 * @throws ProblemsError NOT_FOUND, TOO_LARGE, NO_ROWS_LEFT, TIMEOUT, or CONFLICT where people answered all the time;
 * then there is no file
 */
export async function writeFeedbackRows(
  room: Room,
  taskIds: readonly string[],
  rules: FeedbackDatasetRules,
): Promise<Written> {
  const { kind } = rules.policy;
  if (kind !== 'posterior' && kind !== 'crowdlab') return (await writeAtOnce(room, taskIds, rules, null))!;
  let fits: Fits = new Map();
  for (let fit = 0; fit < mostFits; fit++) {
    fits = await fitTasks(room, taskIds, kind, fits);
    const written = await writeAtOnce(room, taskIds, rules, fits);
    if (written !== null) return written;
  }
  const message = `People answered while the errors of their answers were estimated, ${mostFits} times in a row.`;
  const hint = 'Pause the tasks with pauseFeedbackTask, or repeat the request when fewer people answer.';
  throw new ProblemsError([problem(['taskIds'], 'CONFLICT', message, hint)]);
}

/**
 * Estimates how people err in each task. That may take minutes, in which no connection is held.
 * @param known those of tasks whose logs have not grown are taken as they are
 */
async function fitTasks(
  { dataSource, threads }: Room,
  taskIds: readonly string[],
  by: FittedPolicy,
  known: Fits,
): Promise<Fits> {
  const tasks = await inSnapshot(dataSource, (query) => tasksInOrder(query, taskIds));
  requireFew(tasks);
  const fits = new Map<string, Fit>();
  for (const { id, question, lastSeq: at } of tasks) {
    const before = known.get(id);
    if (before?.lastSeq === at) {
      fits.set(id, before);
      continue;
    }
    let lastSeq = at;
    const fitted = await threads.compute(by === 'posterior' ? 'posteriors' : 'crowdPosteriors', { question }, (give) =>
      inSnapshot(dataSource, async (query) => {
        const now = (await tasksInOrder(query, taskIds)).find((each) => each.id === id)!;
        lastSeq = now.lastSeq;
        for await (const items of judgedItems(query, id)) await give('items', items);
      }),
    );
    fits.set(id, { lastSeq, posteriors: namedPosteriors(question, fitted) });
  }
  return fits;
}

/** The policies by which probabilities are computed. */
type FittedPolicy = 'posterior' | 'crowdlab';

/**
 * Writes the rows as all is at one moment.
 * @param fits null: the policy needs none
 * @returns null: a task's log has grown since its errors were estimated, and there is no file
 */
function writeAtOnce(
  { dataSource, store }: Room,
  taskIds: readonly string[],
  rules: FeedbackDatasetRules,
  fits: Fits | null,
): Promise<Written | null> {
  return inSnapshot(dataSource, async (query) => {
    const tasks = await tasksInOrder(query, taskIds);
    if (fits !== null && tasks.some(({ id, lastSeq }) => fits.get(id)!.lastSeq !== lastSeq)) return null;
    const prompts = await promptsOf(query, taskIds);
    const columns = columnsOf(tasks[0]!.question, rules, prompts);
    const tally = newTally();
    let turn = 0;
    const file = await store
      .writeStream(
        jsonLineBlocks(async function* () {
          for (const { id, question } of tasks) {
            const posteriors = fits?.get(id)?.posteriors ?? null;
            for await (const item of itemsToDecide(query, id)) {
              const made = rowsOfItem({ question, rules, prompts, posteriors }, item);
              tally.add(made);
              const own = { [groupColumn]: item.content.group, [itemColumn]: globalId('FeedbackItem', item.id) };
              for (const row of made.rows) yield written(columns, { ...row, ...own });
              // Requests have their turn: an item may become hundreds of rows.
              turn += 1 + made.rows.length;
              if (turn < rowsATurn) continue;
              turn = 0;
              await nextTurn();
            }
          }
          if (tally.figures().rows === 0) throw new ProblemsError([noneLeft(tally.figures(), rules)]);
        }),
      )
      .catch((error: unknown) => {
        // The store tells of all that stops it as its own error.
        throw error instanceof StorageError && error.cause instanceof ProblemsError ? error.cause : error;
      });
    const figures = tally.figures();
    const reading: FeedbackReading = {
      rules,
      tasks: tasks.map(({ id, name, lastSeq }) => ({ taskId: id, name, seq: lastSeq })),
      figures,
    };
    const source: FeedbackSource = {
      kind: 'feedback',
      digest: file.digest,
      columns: columns.map(({ name, type }) => ({ name, type })),
      exampleCount: figures.rows,
      reading,
      split: null,
    };
    return { source, file };
  });
}

/** The columns that the rows of tasks have under rules. */
export async function feedbackColumns(
  query: Query,
  question: FeedbackQuestion,
  taskIds: readonly string[],
  rules: FeedbackDatasetRules,
): Promise<readonly FeedbackColumn[]> {
  return columnsOf(question, rules, await promptsOf(query, taskIds));
}

async function tasksInOrder(query: Query, taskIds: readonly string[]): Promise<readonly FeedbackTaskRow[]> {
  const found = new Map((await feedbackTasksByIds(query, taskIds)).map((task) => [task.id, task]));
  return taskIds.map((id, i) => {
    const task = found.get(id);
    if (task !== undefined) return task;
    const message = 'The feedback task was deleted at this moment.';
    throw new ProblemsError([problem(['taskIds', String(i)], 'NOT_FOUND', message)]);
  });
}

function requireFew(tasks: readonly FeedbackTaskRow[]): void {
  const wrong = tasks.flatMap(({ answerCount }, i) => {
    if (answerCount <= mostFittedAnswers) return [];
    const message = `The task has ${answerCount} answers; posteriors are computed of at most ${mostFittedAnswers}.`;
    return [problem(['taskIds', String(i)], 'TOO_LARGE', message, 'Choose another policy, such as `majority`.')];
  });
  if (wrong.length > 0) throw new ProblemsError(wrong);
}

function written(columns: readonly FeedbackColumn[], row: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
}

function newTally() {
  const leftOut = Object.fromEntries(leftOutReasons.map((reason) => [reason, 0])) as Record<LeftOutReason, number>;
  let [kept, rows, overlappingSpans] = [0, 0, 0];
  return {
    add(made: ItemRows): void {
      kept += made.kept;
      rows += made.rows.length;
      overlappingSpans += made.overlappingSpans;
      for (const reason of made.leftOut) leftOut[reason]++;
    },
    figures(): FeedbackFigures {
      const items = kept + Object.values(leftOut).reduce((sum, count) => sum + count, 0);
      return { items, kept, rows, leftOut: { ...leftOut }, overlappingSpans };
    },
  };
}

const whys: Readonly<Record<LeftOutReason, (rules: FeedbackDatasetRules) => string>> = {
  TOO_FEW_ANSWERS: ({ leastAnswers }) => `have fewer answers than ${leastAnswers}`,
  NOT_ADJUDICATED: () => 'are not adjudicated',
  TIED: () => 'are tied',
  TOO_LITTLE_AGREEMENT: ({ leastAgreement }) => `agree less than ${leastAgreement}`,
  NOT_SURE_ENOUGH: ({ policy }) => `are less probable than ${'atLeast' in policy ? policy.atLeast : 1}`,
  NOT_PREDICTED: () => 'have no prediction of a classifier',
  NO_PREFERENCE: () => 'prefer nothing',
};

function noneLeft({ items, leftOut }: FeedbackFigures, rules: FeedbackDatasetRules): InputProblem {
  if (items === 0) {
    return problem(['taskIds'], 'NO_ROWS_LEFT', 'The tasks have no item beside those of gold.', 'Add items.');
  }
  const reasons = leftOutReasons.filter((reason) => (leftOut[reason] ?? 0) > 0);
  const told = reasons.map((reason) => `${leftOut[reason]} ${whys[reason](rules)}`).join(', ');
  const message = `None of ${items} items becomes a row: ${told}.`;
  return problem(['policy'], 'NO_ROWS_LEFT', message, 'Collect more answers, or choose a policy that leaves out less.');
}
