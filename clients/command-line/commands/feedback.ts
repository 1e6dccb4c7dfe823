import { basename } from 'node:path';
import type { Command } from 'commander';
import { allNodes, orThrow } from '../../typescript/index.js';
import { saveTo } from '../../typescript/node.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { follow, watching } from '../follow.js';
import {
  ExportFeedback,
  type FeedbackExportFormat,
  FollowDatasetExport,
  FollowFeedback,
  ListFeedbackTasks,
  RecordFeedback,
  type RecordFeedbackInput,
  ShowFeedbackTask,
  type TaskLineFragment,
} from '../generated/operations.js';
import { showList } from '../list.js';
import { collect, parseName, parseNumber, parseWhole, shownName } from '../parse-options.js';
import { requireModel } from '../references.js';
import { inProject, type Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { record } from '../table.js';
import { within } from '../within.js';

const formats: readonly FeedbackExportFormat[] = ['JSONL', 'CSV', 'PARQUET'];

export function addFeedback(program: Command, surroundings: Surroundings): void {
  const feedback = program.command('feedback').summary('what people say of answers');

  feedback
    .command('list')
    .summary('feedback tasks of the project')
    .option('--limit <number>', 'how many at most', parseWhole, 50)
    .action(
      within(surroundings, (session, { limit }: { limit: number }) =>
        showList(
          session,
          limit,
          async (after, first) => {
            const variables = { projectSlug: session.projectSlug, after, first };
            return (await session.client.query(ListFeedbackTasks, variables, session)).project?.feedbackTasks;
          },
          ['name', 'kind', 'status', 'items', 'settled', 'answers'],
          ({ name, kind, status, counts }) => [
            name,
            kind.toLowerCase(),
            status.toLowerCase(),
            counts.items,
            counts.settled,
            counts.answers,
          ],
        ),
      ),
    );

  feedback
    .command('show')
    .summary('how far a task is')
    .argument('<task>', 'name or id')
    .action(
      within(surroundings, async (session, reference: string) =>
        showTask(session, await requireTask(session, reference)),
      ),
    );

  feedback
    .command('watch')
    .summary('what happens in a task, as it happens')
    .argument('<task>', 'name or id')
    .option('--after <seq>', 'the last event that is known already (default: what comes next)', parseWhole)
    .action(
      within(surroundings, async (session, reference: string, { after }: { after?: number }) => {
        const { id, lastSeq } = await requireTask(session, reference);
        const events = session.client.subscribe(FollowFeedback, { id, afterSeq: after ?? lastSeq }, watching(session));
        for await (const event of events) {
          const { __typename: kind, at } = event;
          const what = kind
            .replace(/^Feedback/, '')
            .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
            .toLowerCase();
          await session.show(
            event,
            () => `${at}  ${what}${kind === 'FeedbackStatusChanged' ? `: ${event.to.toLowerCase()}` : ''}`,
          );
        }
      }),
    );

  feedback
    .command('export')
    .summary('the answers of a task, as a file')
    .argument('<task>', 'name or id')
    .option('--format <format>', formats.map(shownName).join(', '), parseName(formats), 'JSONL')
    .option('-o, --output <file>', 'where it is put (default: the name that the server gives it)')
    .action(within(surroundings, exportAnswers));

  feedback
    .command('record')
    .summary('what the user of an application thought of an answer or a prediction')
    .option('--generation <id>', 'the answer is of this generation')
    .option('--prompt <number>', 'which prompt of it, from 0', parseWhole, 0)
    .option('--sample <number>', 'which answer to it, from 0', parseWhole, 0)
    .option('--prediction <id>', 'the feedbackId of a prediction, which lasts an hour')
    .option('--index <number>', 'which text of it, from 0', parseWhole, 0)
    .option('--model <model>', 'the prediction is of this model, and --text what it was of')
    .option('--text <text>', 'what the prediction was of')
    .option('--task <task>', 'of a model with several heads')
    .option('--predicted <label>', 'what was predicted; may be repeated', collect)
    .option('--probability <number>', 'of what was predicted', parseNumber)
    .option('--thumb <up|down>', 'the verdict', (text) => text)
    .option('--score <number>', 'from 1 to 5', parseWhole)
    .option('--label <label>', 'the right one; may be repeated', collect)
    .option('--better <text>', 'a better answer')
    .option('--comment <text>', 'why')
    .action(within(surroundings, recordFeedback));
}

/** A task by its name, which only one has, or its id. */
async function requireTask(session: Session, reference: string): Promise<TaskLineFragment> {
  const { client, projectSlug } = session;
  const tasks = allNodes(async (after) => {
    const variables = { projectSlug, first: 100, after };
    return (await client.query(ListFeedbackTasks, variables, session)).project?.feedbackTasks;
  });
  const found: TaskLineFragment[] = [];
  for await (const task of tasks) {
    if (task.id === reference) return task;
    if (task.name === reference) found.push(task);
  }
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const ids = found.map(({ id, createdAt }) => `  ${id}  created at ${createdAt}`).join('\n');
    throw new CommandError('AMBIGUOUS', `${found.length} tasks are called “${reference}”.`, `Take an id:\n${ids}`);
  }
  throw new CommandError(
    'NOT_FOUND',
    `There is no feedback task “${reference}”.`,
    'attune feedback list shows those that are there.',
  );
}

async function showTask(session: Session, { id }: { readonly id: string }): Promise<void> {
  const { node } = await session.client.query(ShowFeedbackTask, { id }, session);
  if (node?.__typename !== 'FeedbackTask') return;
  const { name, kind, status, counts } = node;
  await session.show(node, () =>
    record({
      task: name,
      id,
      kind: kind.toLowerCase(),
      status: status.toLowerCase(),
      items: counts.items,
      settled: counts.settled ?? undefined,
      answers: counts.answers ?? undefined,
      'held now': counts.held,
      skipped: counts.skipped,
      flagged: counts.flagged,
    }),
  );
}

async function exportAnswers(
  session: Session,
  reference: string,
  { format, output }: { readonly format: FeedbackExportFormat; readonly output?: string },
): Promise<void> {
  const { client, signal } = session;
  const { id: taskId } = await requireTask(session, reference);
  const begun = orThrow(await client.mutate(ExportFeedback, { taskId, format }, session));
  const states = client.subscribe(FollowDatasetExport, { id: begun.id }, watching(session));
  const done = await follow(session, states, 'The export', ({ progress }) =>
    progress ? [Number(progress.rowsDone), Number(progress.rowsTotal)] : null,
  );
  const [file] = done.files;
  if (file === undefined) throw new CommandError('NOT_FOUND', 'The export has no file.');
  const path = output ?? basename(file.name);
  await saveTo(client, file.url, path, { signal });
  await session.show({ ...done, written: [path] }, () => path);
}

interface RecordOptions {
  readonly generation?: string;
  readonly prompt: number;
  readonly sample: number;
  readonly prediction?: string;
  readonly index: number;
  readonly model?: string;
  readonly text?: string;
  readonly task?: string;
  readonly predicted?: string[];
  readonly probability?: number;
  readonly thumb?: string;
  readonly score?: number;
  readonly label?: string[];
  readonly better?: string;
  readonly comment?: string;
}

async function recordFeedback(session: Session, options: RecordOptions): Promise<void> {
  const input = {
    ...inProject(session),
    target: await targetOf(session, options),
    feedback: verdictOf(options),
    ...(options.comment === undefined ? {} : { comment: options.comment }),
  };
  const recorded = orThrow(await session.client.mutate(RecordFeedback, input, session));
  await session.show(recorded, () => record({ recorded: recorded.id, model: recorded.modelName }));
}

async function targetOf(session: Session, options: RecordOptions): Promise<RecordFeedbackInput['target']> {
  const { generation, prompt, sample, model, text, task, predicted, probability } = options;
  const { prediction, index } = options;
  if (prediction !== undefined) return { predicted: { feedbackId: prediction, text: index, task } };
  if (generation !== undefined) return { answer: { generationId: generation, prompt, sample } };
  if (model === undefined || text === undefined) {
    throw new CommandError(
      'REQUIRED',
      'What is judged?',
      'Name --prediction, --generation, or --model and --text.',
      exitCodes.usage,
    );
  }
  const { id: modelId } = await requireModel(session, model);
  return { prediction: { modelId, text, task, labels: predicted, probability } };
}

function verdictOf({ thumb, score, label, better }: RecordOptions): RecordFeedbackInput['feedback'] {
  const values: RecordFeedbackInput['feedback'][] = [
    ...(thumb === 'up' || thumb === 'down' ? [{ thumb: { up: thumb === 'up' } }] : []),
    ...(score === undefined ? [] : [{ score: { score } }]),
    ...(label === undefined ? [] : [{ labels: label }]),
    ...(better === undefined ? [] : [{ betterAnswer: better }]),
  ];
  if (values.length === 1) return values[0]!;
  const hint = 'Give one of --thumb up, --thumb down, --score, --label and --better.';
  throw new CommandError('REQUIRED', 'There is not exactly one verdict.', hint, exitCodes.usage);
}
