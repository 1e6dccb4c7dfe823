import type { DataSource } from 'typeorm';
import { inSnapshot } from '../../database/in-snapshot.js';
import { globalId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { FeedbackDatasetRules, FeedbackReading } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { type FeedbackTaskRow, feedbackTasksByIds } from '../feedback-task.reads.js';
import { resultLimits } from '../results/result-limits.js';
import { namedPosteriors, type Posteriors } from '../results/statistics/posteriors.js';
import type { StatisticsThreads } from '../results/statistics-threads.js';
import { itemsToDecide, judgedItems, peopleOfAnswers, promptsOf } from './judged-items.reads.js';
import { columnsOf, type FeedbackColumn, groupColumn, itemColumn } from './row-form.js';
import { rowsOfItem } from './rows-of-item.js';
import { type FeedbackSource, feedbackSource, writeRows } from './write-rows.js';

/** Of more answers, people's errors are not estimated: all of them are held in memory. */
const mostFittedAnswers = resultLimits.maxAnswers;

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
 * @param split the one that all rows become; null: as the preparation says
 * @throws ProblemsError NOT_FOUND, TOO_LARGE, NO_ROWS_LEFT, TIMEOUT, or CONFLICT where people answered all the time;
 * then there is no file
 */
export async function writeFeedbackRows(
  room: Room,
  taskIds: readonly string[],
  rules: FeedbackDatasetRules,
  split: string | null = null,
): Promise<Written> {
  const { kind } = rules.policy;
  if (kind !== 'posterior' && kind !== 'crowdlab') return (await writeAtOnce(room, taskIds, rules, split, null))!;
  let fits: Fits = new Map();
  for (let fit = 0; fit < mostFits; fit++) {
    fits = await fitTasks(room, taskIds, kind, fits);
    const written = await writeAtOnce(room, taskIds, rules, split, fits);
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
        for await (const items of judgedItems(query, id, by === 'crowdlab')) await give('items', items);
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
  split: string | null,
  fits: Fits | null,
): Promise<Written | null> {
  return inSnapshot(dataSource, async (query) => {
    const tasks = await tasksInOrder(query, taskIds);
    if (fits !== null && tasks.some(({ id, lastSeq }) => fits.get(id)!.lastSeq !== lastSeq)) return null;
    const prompts = await promptsOf(query, taskIds);
    const columns = columnsOf(tasks[0]!.question, rules, prompts);
    const { file, figures } = await writeRows(store, columns, rules, async function* () {
      for (const { id, question } of tasks) {
        const posteriors = fits?.get(id)?.posteriors ?? null;
        for await (const item of itemsToDecide(query, id)) {
          const own = { [groupColumn]: item.content.group, [itemColumn]: globalId('FeedbackItem', item.id) };
          yield { made: rowsOfItem({ question, rules, prompts, posteriors }, item), own };
        }
      }
    });
    const people = await peopleOfAnswers(query, taskIds);
    const reading: FeedbackReading = {
      rules,
      tasks: tasks.map(({ id, name, lastSeq }) => ({
        taskId: id,
        name,
        seq: lastSeq,
        people: people.flatMap(({ taskId, ...person }) => (taskId === id ? [person] : [])),
      })),
      figures,
    };
    return { source: feedbackSource(file, columns, reading, split), file };
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
