import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prompt } from '../../src/protocol/generation.js';
import type { ScoredPrompt, ScoreSamplesJob } from '../../src/protocol/samples/score-samples-job.js';
import { spokenPrompt } from '../../src/protocol/samples/spoken-prompt.js';
import { storableText } from '../../src/protocol/storable-text.js';
import { verifiedPath } from '../models/artifacts.js';
import { ProblemError } from '../problem-error.js';
import { type OpenRewards, openRewards } from '../rewards/open-rewards.js';
import { RunStopped } from '../run-stopped.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome, ServiceAccess } from '../thread-protocol.js';
import { linesOfParts } from './lines-of-parts.js';
import { openParts, type Parts } from './parts.js';
import type { BatchTools } from './predict-batch.js';
import { drawRows, readSourceRows, type SourceRow } from './source-rows.js';
import { createSummary } from './summarize-samples.js';
import { type AnsweredPrompt, writeToPrompts } from './write-to-prompts.js';

/** Prompts whose answers are scored at a time. */
const promptsAtATime = 8;

export interface ScoringTools extends BatchTools {
  readonly services: ServiceAccess;
}

/** A line of the second parts: what each answer to a prompt is worth; null: none is known. */
type ScoredLine = readonly Pick<ScoredPrompt['samples'][number], 'reward' | 'bySource' | 'gold'>[];

type Asked = Pick<SourceRow, 'row' | 'answers'> & { readonly prompt: NonNullable<SourceRow['prompt']> };

/**
 * Has a model write n answers to each prompt of a dataset version, and scores them. Answers and scores are kept in
 * folders, where an attempt after a lost one goes on; the same job writes the same answers. Both reach the database
 * with the job's success, all at once.
 *
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, UNSUPPORTED_MODEL, NO_CHAT_TEMPLATE, UNKNOWN_COLUMN,
 * NO_ROWS_LEFT, REWARD_SERVICE_FAILED, and those of `openRewards`; RunStopped.
 */
export async function scoreSamples(
  job: ScoreSamplesJob,
  attempt: number,
  context: JobContext,
  tools: ScoringTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const written = await openParts(join(tools.folder, `${job.samplesId}-written.part`), attempt, tools.now);
  const scored = await openParts(join(tools.folder, `${job.samplesId}-scored.part`), attempt, tools.now);
  const beat = (): void => beatOrLeave(context);
  try {
    beat();
    const { asked, leftOutCount } = await readPrompts(job, tools);
    const tell = (): void =>
      context.progressed({ unitsDone: written.rowsDone + scored.rowsDone, unitsTotal: 2 * asked.length });
    tell();
    const variant = { modelId: job.modelId, modelDigest: job.modelDigest, settings: job.settings };
    await writeToPrompts(tools, [variant], asked, written, { beat, tell });
    await scoreAnswers(job, asked, { written, scored }, tools, { beat, tell });
    const path = join(scored.folder, `samples-${attempt}.jsonl`);
    const { summary, count } = await putTogether(job, asked, { written, scored }, path, leftOutCount);
    beat();
    return {
      kind: 'finished',
      result: { kind: 'scoreSamples', summary },
      model: null,
      samples: { folders: [written.folder, scored.folder], path, count },
    };
  } catch (error) {
    // Whoever gives the job back, or has lost it, leaves the parts to the next attempt.
    if (error instanceof RunStopped && error.reason === 'shutdown') {
      await written.flush();
      await scored.flush();
    } else if (!(error instanceof RunStopped) || error.reason === 'cancel') {
      await written.remove();
      await scored.remove();
    }
    throw error;
  }
}

async function readPrompts(job: ScoreSamplesJob, { store }: ScoringTools) {
  const path = await verifiedPath(store, job.dataDigest, 'the file of the rows');
  const numbers = await drawRows(path, job.split, job.most, job.seed);
  const rows = await readSourceRows(path, { text: null, prompt: job.prompt, answers: job.columns }, numbers);
  const asked = rows.flatMap(({ row, prompt, answers }): Asked[] =>
    prompt === null ? [] : [{ row, prompt: spokenPrompt(prompt, job.asConversation), answers }],
  );
  return { asked, leftOutCount: rows.length - asked.length };
}

interface TwoParts {
  readonly written: Parts;
  readonly scored: Parts;
}

interface Hooks {
  readonly beat: () => void;
  readonly tell: () => void;
}

async function scoreAnswers(
  job: ScoreSamplesJob,
  asked: readonly Asked[],
  { written, scored }: TwoParts,
  tools: ScoringTools,
  { beat, tell }: Hooks,
): Promise<void> {
  if (scored.rowsDone < asked.length) {
    const rewards = await openRewards(job.rewards, { ...tools, beat });
    try {
      const gold = job.gold === null ? null : await openGold(job.gold, { ...tools, beat });
      try {
        let waiting: { readonly asked: Asked; readonly said: AnsweredPrompt }[] = [];
        const score = async (): Promise<void> => {
          const done = scored.rowsDone;
          const lines = await linesOf(waiting, rewards, gold, job.columns);
          await scored.add({ lines, errorCount: 0, lastRow: done + lines.length - 1 });
          waiting = [];
          tell();
        };
        const first = scored.rowsDone;
        let place = 0;
        for await (const said of linesOfParts<AnsweredPrompt>(written)) {
          if (place >= first) waiting.push({ asked: asked[place]!, said });
          place++;
          if (waiting.length >= promptsAtATime) await score();
        }
        if (waiting.length > 0) await score();
      } finally {
        await gold?.release();
      }
    } finally {
      await rewards.release();
    }
  }
  await scored.flush();
}

/** As `openRewards`; a problem's path leads into `gold`. */
async function openGold(...[gold, tools]: Parameters<typeof openRewards>): Promise<OpenRewards> {
  const named = (error: unknown): unknown => {
    if (!(error instanceof ProblemError)) return error;
    const { problem } = error;
    return new ProblemError({ ...problem, path: ['gold', ...problem.path.slice(1)] }, { cause: error });
  };
  const open = await openRewards(gold, tools).catch((error: unknown) => {
    throw named(error);
  });
  return {
    ...open,
    score: (completions) =>
      open.score(completions).catch((error: unknown) => {
        throw named(error);
      }),
  };
}

async function linesOf(
  prompts: readonly { readonly asked: Asked; readonly said: AnsweredPrompt }[],
  rewards: OpenRewards,
  gold: OpenRewards | null,
  columns: readonly string[],
): Promise<string[]> {
  const completions = prompts.flatMap(({ asked, said }) => {
    const row = Object.fromEntries(columns.map((column, i) => [column, asked.answers[i] ?? null]));
    return said.answers.map((text, i) => ({
      prompt: asked.prompt,
      text,
      tokenCount: said.ends[i]!.tokenCount,
      row,
    }));
  });
  const scores = await rewards.score(completions);
  const golden = gold === null ? null : await gold.score(completions);
  let next = 0;
  return prompts.map(({ said }) => {
    const line: ScoredLine = said.answers.map(() => {
      const i = next++;
      return {
        reward: stored(scores.total[i]),
        bySource: scores.bySource.map(({ values }) => stored(values[i])),
        gold: stored(golden?.total[i]),
      };
    });
    return JSON.stringify(line);
  });
}

/** JSON has no NaN. */
function stored(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** Writes the lines of the samples, and says what all of them say. */
async function putTogether(
  job: ScoreSamplesJob,
  asked: readonly Asked[],
  { written, scored }: TwoParts,
  path: string,
  unreadCount: number,
) {
  const summary = createSummary(job);
  const scores = linesOfParts<ScoredLine>(scored);
  const block: string[] = [];
  await writeFile(path, '');
  const flush = (): Promise<void> => writeFile(path, block.splice(0).join(''), { flag: 'a' });
  let [place, count, leftOutCount] = [0, 0, unreadCount];
  let reason: string | null = null;
  for await (const { answers, ends, problem } of linesOfParts<AnsweredPrompt>(written)) {
    const { row, prompt } = asked[place++]!;
    const line = (await scores.next()).value as ScoredLine;
    if (problem !== null) {
      leftOutCount++;
      reason ??= problem;
      continue;
    }
    const samples = answers.map((text, i) => ({ text: storableText(text), ...ends[i]!, ...line[i]! }));
    const whole: ScoredPrompt = { row, prompt: storablePrompt(prompt), samples };
    summary.add(whole);
    block.push(`${JSON.stringify(whole)}\n`);
    count++;
    if (block.length >= 256) await flush();
  }
  await flush();
  if (count === 0) throw noPrompts(reason);
  return { summary: { ...summary.end(), leftOutCount, reason }, count };
}

function storablePrompt(prompt: Prompt): Prompt {
  if (prompt.kind === 'text') return { kind: 'text', text: storableText(prompt.text) };
  const messages = prompt.messages.map(({ role, content }) => ({
    role: storableText(role),
    content: storableText(content),
  }));
  return { kind: 'messages', messages };
}

function noPrompts(reason: string | null): ProblemError {
  const message = `there is no prompt that the model can answer${reason === null ? '' : `: ${reason}`}`;
  const hint = 'Look at the column of the prompts and at the split.';
  return new ProblemError({ path: ['promptColumn'], code: 'NO_ROWS_LEFT', message, hint });
}
