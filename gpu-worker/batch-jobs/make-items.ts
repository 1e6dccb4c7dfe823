import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEmptyText } from '../../src/protocol/batch-prediction.js';
import { checkContent } from '../../src/protocol/feedback/check-content.js';
import { groupOf } from '../../src/protocol/feedback/group-of.js';
import { itemSourceLimits, type MakeItemsJob } from '../../src/protocol/feedback/make-items-job.js';
import type { FeedbackItemContent } from '../../src/protocol/feedback.js';
import type { GenerationSettings, Prompt } from '../../src/protocol/generation.js';
import { promptSeed } from '../../src/statistics/prompt-seed.js';
import { predict } from '../forward/predict.js';
import { openModel } from '../forward/ready-model.js';
import { verifiedPath } from '../models/artifacts.js';
import { loadModel } from '../models/load-model.js';
import { encodeTexts } from '../preparation/model-choice/frozen-features.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome, MadeItem } from '../thread-protocol.js';
import { itemsOfAnswers } from './items-of-answers.js';
import { linesOfParts } from './lines-of-parts.js';
import { openParts, type Parts } from './parts.js';
import type { BatchTools } from './predict-batch.js';
import { rankPairs } from './rank-pairs.js';
import { drawRows, readSourceRows, type SourceRow } from './source-rows.js';
import { mostDiverse, mostUnsure, type Unsure, unsureOf } from './unsure-rows.js';
import { type AnsweredPrompt, writeToPrompts } from './write-to-prompts.js';

/** Rows that are predicted for at a time. */
const rowsAtATime = 256;

interface Made {
  readonly items: readonly MadeItem[];
  readonly leftOutCount: number;
  readonly equalCount: number;
  /** Why the first of those was left out that have a reason of their own. */
  readonly reason: string | null;
}

interface Work extends BatchTools {
  readonly dataPath: string;
  readonly parts: Parts;
  readonly beat: () => void;
  readonly tell: (done: number, total: number) => void;
}

/**
 * Makes the items of a feedback task: of rows, of a model's predictions for them, or of what models write to prompts.
 * What models computed is kept in a folder, where an attempt after a lost one goes on; the same job makes the same
 * items in the same order. They reach the task with the job's success, all at once.
 *
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD, UNKNOWN_TASK, UNKNOWN_COLUMN, UNSUPPORTED_MODEL,
 * NO_CHAT_TEMPLATE, NO_ROWS_LEFT, TOO_LONG, and those of `rankPairs`; RunStopped.
 */
export async function makeItems(
  job: MakeItemsJob,
  attempt: number,
  context: JobContext,
  tools: BatchTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const parts = await openParts(join(tools.folder, `${job.itemSourceId}.part`), attempt, tools.now);
  const beat = (): void => beatOrLeave(context);
  const tell = (unitsDone: number, unitsTotal: number): void => context.progressed({ unitsDone, unitsTotal });
  try {
    beat();
    const dataPath = await verifiedPath(tools.store, job.dataDigest, 'the file of the rows');
    const found = await make(job, { ...tools, dataPath, parts, beat, tell });
    requireItems(found);
    const made = await ranked(job, found, attempt, { ...tools, dataPath, parts, beat, tell });
    const path = join(parts.folder, `items-${attempt}.jsonl`);
    await writeFile(path, made.items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    beat();
    const { leftOutCount, equalCount } = made;
    const itemCount = made.items.length;
    return {
      kind: 'finished',
      result: { kind: 'makeItems', itemCount, leftOutCount, equalCount },
      model: null,
      items: { folder: parts.folder, path, count: itemCount },
    };
  } catch (error) {
    // Whoever gives the job back, or has lost it, leaves the parts to the next attempt.
    if (error instanceof RunStopped && error.reason === 'shutdown') await parts.flush();
    else if (!(error instanceof RunStopped) || error.reason === 'cancel') await parts.remove();
    throw error;
  }
}

function make(job: MakeItemsJob, work: Work): Promise<Made> {
  switch (job.from.kind) {
    case 'rows':
      return itemsOfRows(job, work);
    case 'predictions':
      return itemsOfPredictions(job, job.from, work);
    case 'generations':
      return itemsOfGenerations(job, job.from, work);
    default:
      return job.from satisfies never;
  }
}

/** The items in the order that reward models give them, if the job asks for it. Scores are kept as answers are. */
async function ranked(job: MakeItemsJob, made: Made, attempt: number, work: Work): Promise<Made> {
  if (job.ranking === null) return made;
  const { engine, store, parts, beat, tell, now } = work;
  const scores = await openParts(join(parts.folder, 'scores'), attempt, now);
  try {
    const path = ['source', job.from.kind, 'rankedBy'];
    return { ...made, items: await rankPairs(made.items, job.ranking, scores, { engine, store, beat, tell, path }) };
  } catch (error) {
    if (error instanceof RunStopped && error.reason === 'shutdown') await scores.flush();
    throw error;
  }
}

async function itemsOfRows(job: MakeItemsJob, { dataPath, beat, tell }: Work): Promise<Made> {
  const numbers = await drawRows(dataPath, job.split, job.most, job.seed, job.except);
  beat();
  const rows = await readSourceRows(dataPath, job.columns, numbers);
  tell(rows.length, rows.length);
  const contents = rows.map((row) => contentOf(job, row));
  const items = contents.flatMap((content) =>
    content === null ? [] : [{ content, prediction: null, priority: null }],
  );
  return { items, leftOutCount: contents.length - items.length, equalCount: 0, reason: null };
}

/** What the row shows; null: it lacks what the question is about. */
function contentOf(job: MakeItemsJob, { row, text, prompt, answers }: SourceRow): FeedbackItemContent | null {
  const place = { versionId: job.versionId, row };
  if (answers.includes(null) || (job.columns.prompt !== null && prompt === null)) return null;
  if (answers.length > 0) {
    const written = answers.map((answer) => ({ text: answer!, modelId: null, generationId: null, settings: null }));
    const asked = { prompt, row: place };
    const [only, another] = itemsOfAnswers(job.question, asked, written, null, [job.seed ?? 0, row]).contents;
    return another === undefined ? (only ?? null) : null;
  }
  const shown = { prompt, text, answers: [] };
  const content = { ...shown, row: place, group: groupOf(shown) };
  return checkContent(job.question, content).length === 0 ? content : null;
}

async function itemsOfPredictions(
  job: MakeItemsJob,
  from: MakeItemsJob['from'] & { readonly kind: 'predictions' },
  { engine, store, dataPath, parts, beat, tell }: Work,
): Promise<Made> {
  const numbers = await drawRows(dataPath, job.split, Math.max(from.pool, job.most), job.seed, job.except);
  const rows = await readSourceRows(dataPath, job.columns, numbers);
  const contents = rows.map((row) => contentOf(job, row));
  const sound = contents.filter((content) => content !== null && !isEmptyText(content.text ?? ''));
  const shown = sound as FeedbackItemContent[];
  const texts = shown.map(({ text }) => text!);
  tell(parts.rowsDone, texts.length);
  if (parts.rowsDone < texts.length) {
    const model = await openModel(engine, store, from.modelDigest);
    try {
      while (parts.rowsDone < texts.length) {
        const some = texts.slice(parts.rowsDone, parts.rowsDone + rowsAtATime);
        const predictions = await predict(model, { texts: some, pairs: null }, beat);
        const lines = predictions.map(({ tasks }) => {
          const prediction = tasks.find(({ task }) => task === from.task);
          if (prediction === undefined) throw noHead(from.task);
          return JSON.stringify(unsureOf(prediction, from.by));
        });
        await parts.add({ lines, errorCount: 0, lastRow: parts.rowsDone + some.length - 1 });
        tell(parts.rowsDone, texts.length);
      }
    } finally {
      await model.release();
    }
    await parts.flush();
  }
  const said = await all(linesOfParts<Unsure>(parts));
  const order =
    from.by === 'DIVERSITY'
      ? await diverse(from.modelDigest, texts, job.most, { engine, store, beat })
      : mostUnsure(
          said.map(({ uncertainty }) => uncertainty!),
          job.most,
        );
  const items = order.map((place, rank) => {
    const { labels, uncertainty } = said[place]!;
    const prediction = { modelId: from.modelId, task: from.task, labels, uncertainty };
    return { content: shown[place]!, prediction, priority: uncertainty ?? order.length - rank };
  });
  return { items, leftOutCount: rows.length - texts.length, equalCount: 0, reason: null };
}

/** Places of texts that cover all of them in the space of the model's encoder. */
async function diverse(
  digest: string,
  texts: readonly string[],
  most: number,
  { engine, store, beat }: Pick<Work, 'engine' | 'store' | 'beat'>,
): Promise<number[]> {
  const model = await loadModel(store, digest);
  try {
    const { maxLength, contextLength, truncationSide } = model.manifest;
    const reading = { engine, model, maxLength: maxLength ?? contextLength, truncationSide, beat };
    const { features, width } = await encodeTexts(reading, texts);
    return mostDiverse(features, width, most);
  } finally {
    await model.weights.close();
  }
}

async function itemsOfGenerations(
  job: MakeItemsJob,
  from: MakeItemsJob['from'] & { readonly kind: 'generations' },
  { engine, store, dataPath, parts, beat, tell }: Work,
): Promise<Made> {
  const { variants, pairsPerPrompt } = from;
  const numbers = await drawRows(dataPath, job.split, job.most, job.seed, job.except);
  const rows = await readSourceRows(dataPath, job.columns, numbers);
  const asked = rows.flatMap(({ row, prompt }) =>
    prompt === null ? [] : [{ row, prompt: saidBy(prompt, from.asConversation) }],
  );
  const total = asked.length * variants.length;
  const tellDone = () => tell(parts.rowsDone, total);
  tellDone();
  await writeToPrompts({ engine, store }, variants, asked, parts, { beat, tell: tellDone });
  const said = await all(linesOfParts<AnsweredPrompt>(parts));
  const items: MadeItem[] = [];
  let [equalCount, leftOutCount] = [0, rows.length - asked.length];
  for (const [place, { row, prompt }] of asked.entries()) {
    const byVariant = variants.map((_, variant) => said[variant * asked.length + place]!);
    if (byVariant.some(({ problem }) => problem !== null)) {
      leftOutCount++;
      continue;
    }
    const answers = byVariant.flatMap(({ answers: texts }, variant) => {
      const { modelId, settings } = variants[variant]!;
      const seed = promptSeed(settings.sampling.seed, { row, variant });
      return texts.map((text, sample) => ({
        text,
        modelId,
        generationId: null,
        settings: told(settings, { sample, seed }),
      }));
    });
    const about = { prompt, row: { versionId: job.versionId, row } };
    const found = itemsOfAnswers(job.question, about, answers, pairsPerPrompt, [job.seed ?? 0, row]);
    equalCount += found.equalCount;
    if (found.isLeftOut) leftOutCount++;
    items.push(...found.contents.map((content) => ({ content, prediction: null, priority: null })));
  }
  return { items, leftOutCount, equalCount, reason: said.find(({ problem }) => problem !== null)?.problem ?? null };
}

/** Settings for whoever reads the results, without those that are as if nobody had set them. */
function told(
  { sampling, maxTokens, stop, samples, weights }: GenerationSettings,
  { sample, seed }: { readonly sample: number; readonly seed: number },
) {
  const { temperature, topK, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty } = sampling;
  return {
    temperature,
    ...(topK !== null && { topK }),
    ...(topP < 1 && { topP }),
    ...(minP > 0 && { minP }),
    ...(repetitionPenalty !== 1 && { repetitionPenalty }),
    ...(presencePenalty !== 0 && { presencePenalty }),
    ...(frequencyPenalty !== 0 && { frequencyPenalty }),
    seed,
    maxTokens,
    ...(stop.length > 0 && { stop }),
    ...(samples > 1 && { sample }),
    ...(weights !== 'float32' && { weights }),
  };
}

function saidBy(prompt: Prompt, asConversation: boolean): Prompt {
  if (prompt.kind === 'messages' || !asConversation) return prompt;
  return { kind: 'messages', messages: [{ role: 'user', content: prompt.text }] };
}

async function all<Line>(lines: AsyncIterable<Line>): Promise<Line[]> {
  const found: Line[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

function requireItems({ items, leftOutCount, equalCount, reason }: Made): void {
  const path = ['source'];
  if (items.length > itemSourceLimits.maxItems) {
    const message = `this makes ${items.length} items, and a job makes at most ${itemSourceLimits.maxItems}`;
    throw new ProblemError({ path, code: 'TOO_LONG', message, hint: 'Take fewer rows, prompts or pairs.' });
  }
  if (items.length > 0) return;
  const why = [
    ...(leftOutCount > 0 ? [`${leftOutCount} rows lack what the question is about, or can not be read`] : []),
    ...(equalCount > 0 ? [`${equalCount} answers or pairs of answers are equal`] : []),
    ...(reason === null ? [] : [`the first reason is: ${reason}`]),
  ];
  const message = `no item could be made${why.length === 0 ? ': there are no rows' : `: ${why.join('; ')}`}`;
  const hint = 'Look at the columns, or let models write with another temperature or seed.';
  throw new ProblemError({ path, code: 'NO_ROWS_LEFT', message, hint });
}

function noHead(task: string): ProblemError {
  const message = `the model has no head “${task}”`;
  return new ProblemError({ path: ['source', 'predictions', 'task'], code: 'UNKNOWN_TASK', message, hint: null });
}
