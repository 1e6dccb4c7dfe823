import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { orThrow } from '../../typescript/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { Predict, PredictLimits, type PredictMutation } from '../generated/operations.js';
import { requireModel } from '../references.js';
import type { Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { figure, table } from '../table.js';
import { within } from '../within.js';

type Text = Extract<PredictMutation['predict'], { readonly __typename: 'Prediction' }>['texts'][number];
type HeadPrediction = Text['predictions'][number];

export function addPredict(program: Command, surroundings: Surroundings): void {
  program
    .command('predict')
    .summary('what a model says of texts')
    .argument('<model>', 'name, alias or id')
    .argument('[texts...]', 'without them each line of standard input is one')
    .action(within(surroundings, predict));
}

async function predict(session: Session, reference: string, given: string[]): Promise<void> {
  const { client, surroundings } = session;
  if (given.length === 0 && surroundings.stdin.isTTY === true) {
    throw new CommandError(
      'REQUIRED',
      'There is no text.',
      'Name texts, or give a file by < texts.txt.',
      exitCodes.usage,
    );
  }
  const model = await requireModel(session, reference);
  const { serverInfo } = await client.query(PredictLimits, {}, session);
  const size = Math.min(serverInfo.limits.maxPredictTexts, 32);
  for await (const texts of batches(given.length > 0 ? given : linesOf(session), size)) {
    const { texts: predicted, feedbackId } = orThrow(
      await client.mutate(Predict, { modelId: model.id, texts }, session),
    );
    if (session.isJson) {
      for (const [i, { predictions, truncated }] of predicted.entries()) {
        await session.show({ text: texts[i], truncated, predictions, feedbackId, index: i }, () => '');
      }
      continue;
    }
    const rows = predicted.flatMap(({ predictions }, i) =>
      predictions.map((each) => [shortened(texts[i] ?? ''), each.task, ...saidBy(each)]),
    );
    await session.show({}, () => table(['text', 'task', 'predicted', 'probability'], rows));
  }
}

/** Lines that are not empty, as they come. */
async function* linesOf({ surroundings, signal }: Session): AsyncGenerator<string> {
  const lines = createInterface({ input: surroundings.stdin, crlfDelay: Number.POSITIVE_INFINITY, signal });
  for await (const line of lines) if (line.trim() !== '') yield line;
  signal.throwIfAborted();
}

async function* batches(texts: Iterable<string> | AsyncIterable<string>, size: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const text of texts) {
    batch.push(text);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function saidBy(prediction: HeadPrediction): [what: unknown, probability: unknown] {
  switch (prediction.__typename) {
    case 'TaskPrediction':
      return [prediction.label, `${(100 * prediction.probability).toFixed(1)} %`];
    case 'MultiLabelPrediction':
      return [prediction.predictedLabels.join(', '), null];
    case 'RegressionPrediction':
      return [typeof prediction.value === 'number' ? figure(prediction.value) : null, null];
    case 'TokenClassificationPrediction':
      return [prediction.spans.map(({ label, start, end }) => `${label} ${start}–${end}`).join(', '), null];
    case 'RewardPrediction':
      return [prediction.reward, null];
    default:
      return [null, null];
  }
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
