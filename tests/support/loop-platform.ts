import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from './database.js';
import { freePort } from './free-port.js';
import type { GraphQLClient } from './graphql-client.js';
import { startTestPlatform, startTestWorker } from './platform.js';
import { uploadRows } from './training.js';

export interface LoopEvent {
  readonly __typename: string;
  readonly seq: number;
  readonly step?: string;
  readonly round?: number;
  readonly outcome?: string;
  readonly to?: string;
  readonly problem?: { readonly code: string; readonly message: string } | null;
}

interface Counts {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  readonly equal: number;
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
}

interface TaskOfRound {
  readonly id: string;
  readonly counts: { readonly items: number };
}

interface Round {
  readonly number: number;
  readonly step: string;
  readonly outcome: string | null;
  readonly modelJudgedCount: number | null;
  readonly verdict: {
    readonly reason: string;
    readonly scores: { readonly candidate: number | null; readonly current: number | null };
    readonly perplexity: Readonly<Record<'candidate' | 'current' | 'start', number | null>>;
    readonly preferenceAccuracy: Readonly<Record<'candidate' | 'current' | 'start', number | null>>;
    readonly againstCurrent: Counts | null;
    readonly againstStart: Counts | null;
  } | null;
  readonly task: TaskOfRound | null;
  readonly judgingTask: TaskOfRound | null;
  readonly startJudgingTask: TaskOfRound | null;
  readonly datasetVersion: {
    readonly exampleCount: number;
    readonly splits: readonly { readonly name: string; readonly exampleCount: number }[];
    readonly feedbackLoopRounds: readonly { readonly number: number }[];
  } | null;
  readonly experiment: { readonly id: string } | null;
  readonly model: { readonly id: string } | null;
  readonly evaluation: { readonly id: string } | null;
}

interface Loop {
  readonly id: string;
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly currentModel: { readonly id: string } | null;
  readonly lastSeq: number;
  readonly rounds: readonly Round[];
}

const loopFields = /* GraphQL */ `id status round problem { code message hint } currentModel { id } lastSeq
  rounds { number step outcome modelJudgedCount
    verdict { reason scores { candidate current } perplexity { candidate current start }
      preferenceAccuracy { candidate current start }
      againstCurrent { wins losses ties equal rate lower upper p } againstStart { wins losses ties equal } }
    task { id counts { items } } judgingTask { id counts { items } } startJudgingTask { id counts { items } }
    experiment { id } model { id } evaluation { id }
    datasetVersion { exampleCount splits { name exampleCount } feedbackLoopRounds { number } } }`;

const problems = '... on Problems { problems { path code message hint } }';

/** A platform with a worker, on which loops run, and people by a script: they prefer the shorter of two answers. */
export interface LoopPlatform extends AsyncDisposable {
  readonly client: GraphQLClient;
  /** Ends the API by a signal that it can not handle, and starts it again on the same port. */
  killApi(): Promise<void>;
  /** Creates a version of rows with the column `part` for their splits; returns its id. */
  createVersion(name: string, rows: readonly object[]): Promise<string>;
  createLoop(input: Record<string, unknown>): Promise<Loop>;
  readLoop(id: string): Promise<Loop>;
  /** Events after `afterSeq`, until the loop ends or the connection does. */
  changes(id: string, afterSeq: number): AsyncGenerator<LoopEvent>;
  /** Answers all that the round's task asks. Waits until its items are there. */
  answerRound(loopId: string, number: number): Promise<void>;
  /** Answers everything that a loop asks, until it has ended. */
  answerAll(id: string): Promise<Loop>;
}

export async function startLoopPlatform(): Promise<LoopPlatform> {
  const database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-loops-'));
  const port = await freePort();
  const start = () => startTestPlatform({ home, databaseUrl: database.url, port });
  let platform = await start();
  const worker = startTestWorker({ databaseUrl: database.url, home });

  async function readLoop(id: string): Promise<Loop> {
    const { node } = await platform.client.request<{ node: Loop }>(
      `query ($id: ID!) { node(id: $id) { ... on FeedbackLoop { ${loopFields} } } }`,
      { id },
    );
    return node;
  }

  async function* changes(id: string, afterSeq: number): AsyncGenerator<LoopEvent> {
    for await (const { feedbackLoopChanged } of platform.client.subscribe<{ feedbackLoopChanged: LoopEvent }>(
      `subscription ($id: ID!, $afterSeq: BigInt!) { feedbackLoopChanged(loopId: $id, afterSeq: $afterSeq) { __typename
         ... on SequencedLoopEvent { seq }
         ... on FeedbackLoopStatusChanged { to problem { code message } }
         ... on FeedbackLoopStepBegan { round step }
         ... on FeedbackLoopRoundEnded { round outcome } } }`,
      { id, afterSeq },
    )) {
      yield feedbackLoopChanged;
    }
  }

  async function answerRound(loopId: string, number: number): Promise<void> {
    let taskId: string | undefined;
    while (taskId === undefined) {
      taskId = (await readLoop(loopId)).rounds.find((round) => round.number === number)?.task?.id;
    }
    await answerTask(taskId);
  }

  async function answerTask(taskId: string): Promise<void> {
    for await (const { feedbackActivity } of platform.client.subscribe<{ feedbackActivity: { to?: string } }>(
      `subscription ($id: ID!) { feedbackActivity(taskId: $id, afterSeq: 0) { ... on FeedbackStatusChanged { to } } }`,
      { id: taskId },
    )) {
      if (['OPEN', 'CLOSED', 'FAILED'].includes(feedbackActivity.to ?? '')) break;
    }
    for (;;) {
      // It closes with its last answer.
      const { node } = await platform.client.request<{ node: { status: string } }>(
        'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status } } }',
        { id: taskId },
      );
      if (node.status === 'CLOSED') return;
      const { claim } = await platform.client.mutate<{ claim: { id: string; item: Asked } | null }>(
        `mutation ($input: ClaimFeedbackItemInput!) { claimFeedbackItem(input: $input) {
           ... on ClaimedFeedbackItem { claim { id item { text answers { key text } } } } ${problems} } }`,
        { taskId },
      );
      if (claim === null) return;
      await platform.client.mutate(
        `mutation ($input: SubmitFeedbackInput!) { submitFeedback(input: $input) { ... on FeedbackAnswer { id } ${problems} } }`,
        { claimId: claim.id, value: answerTo(claim.item) },
      );
    }
  }

  async function createVersion(name: string, rows: readonly object[]): Promise<string> {
    const { latest } = await platform.client.mutate<{ latest: { id: string } }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
      { name, uploadId: await uploadRows(platform.client, rows), splitColumn: 'part' },
    );
    return latest.id;
  }

  async function answerAll(id: string): Promise<Loop> {
    for await (const event of changes(id, 0)) {
      if (event.to === 'FAILED') throw new Error(JSON.stringify(event.problem));
      if (event.step === 'ASKING') await answerRound(id, event.round!);
      if (event.step !== 'JUDGING') continue;
      const answered = new Set<string>();
      for (;;) {
        const round = (await readLoop(id)).rounds.find(({ number }) => number === event.round)!;
        if (round.step !== 'JUDGING') break;
        for (const task of [round.judgingTask, round.startJudgingTask]) {
          if (task === null || answered.has(task.id)) continue;
          await answerTask(task.id);
          answered.add(task.id);
        }
      }
    }
    return readLoop(id);
  }

  return {
    get client() {
      return platform.client;
    },
    async killApi() {
      await platform.process.end('SIGKILL');
      platform = await start();
    },
    createVersion,
    createLoop: (input) =>
      platform.client.mutate<Loop>(
        `mutation ($input: CreateFeedbackLoopInput!) { createFeedbackLoop(input: $input) {
           ... on FeedbackLoop { ${loopFields} } ${problems} } }`,
        input,
      ),
    readLoop,
    changes,
    answerRound,
    answerAll,
    async [Symbol.asyncDispose]() {
      await worker.end();
      await platform[Symbol.asyncDispose]();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

interface Asked {
  readonly text: string | null;
  readonly answers: readonly { readonly key: string; readonly text: string }[];
}

/** Of texts the topic; of two answers the shorter one that says something. */
function answerTo({ text, answers }: Asked): Record<string, unknown> {
  if (text !== null) return { labels: { labels: [topicOf(text)] } };
  const length = (answer: string): number => answer.trim().length || Number.POSITIVE_INFINITY;
  const [one, other] = answers;
  return { pairwise: { preferred: (length(one!.text) < length(other!.text) ? one : other)!.key } };
}

const topicOf = (text: string): string => (/goalkeeper|striker/.test(text) ? 'sport' : 'food');

/** What prompts are made of. */
export const words = ['river', 'stone', 'to walk', 'bright', 'house', 'music', 'winter', 'to sing', 'bread', 'cloud'];
