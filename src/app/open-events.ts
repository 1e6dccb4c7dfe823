import pg from 'pg';
import { createProjectEvents, type ProjectEvents } from '../activity/project-events.js';
import type { OnNewEvents } from '../events/event-logs.js';
import { createJobResults, type JobResults } from '../events/job-results.js';
import { Wake } from '../events/wake.js';
import { createRunEvents, type RunEvents } from '../experiments/run-events.js';
import { createFeedbackEvents, type FeedbackEvents } from '../feedback/feedback-events.js';
import { createGenerationEvents, type GenerationEvents } from '../generations/generation-events.js';
import { createListeners, type Listeners } from '../generations/listeners.js';
import { createLoopEvents, type LoopEvents } from '../loops/loop-events.js';
import { channels } from '../protocol/channels.js';
import { openListener } from '../protocol/sql/listener.js';
import type { Query } from '../protocol/sql/query.js';
import { createTransferChanges, type TransferChanges } from '../transfers/transfer-changes.js';
import { createWorkerChanges, type WorkerChanges } from '../workers/worker-changes.js';

const defaultPollIntervalMs = 1_000;

/** Everything that the database notifies an API process of, over one LISTEN connection. */
export interface Events {
  readonly runEvents: RunEvents;
  readonly generationEvents: GenerationEvents;
  readonly generationListeners: Listeners;
  readonly feedbackEvents: FeedbackEvents;
  readonly loopEvents: LoopEvents;
  /** Fired when steps of feedback loops may have become due. */
  readonly loopsDue: Wake;
  readonly projectEvents: ProjectEvents;
  /** Fired when webhook deliveries may have become due. */
  readonly webhooksDue: Wake;
  readonly jobResults: JobResults;
  readonly workerChanges: WorkerChanges;
  readonly transferChanges: TransferChanges;
  readonly accessChanges: AccessChanges;
  /** Resolves when notifications arrive; earlier changes are found by polling. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Changes of users' rights: `<user id>`, or null when notifications may have been lost. */
interface AccessChanges {
  /** Returns a function that ends the subscription. */
  subscribe(listener: (userId: string | null) => void): () => void;
}

export function openEvents(options: {
  readonly databaseUrl: string;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly log: (message: string) => void;
  readonly pollIntervalMs?: number;
  readonly onNew?: OnNewEvents | undefined;
}): Events {
  const { databaseUrl, query, log, pollIntervalMs = defaultPollIntervalMs, onNew } = options;
  const runEvents = createRunEvents({ query, pollIntervalMs, log, onNew });
  const generationEvents = createGenerationEvents({ query, pollIntervalMs, log, onNew });
  const generationListeners = createListeners(query, log);
  const feedbackEvents = createFeedbackEvents({ query, pollIntervalMs, log, onNew });
  const loopEvents = createLoopEvents({ query, pollIntervalMs, log, onNew });
  const loopsDue = new Wake();
  const projectEvents = createProjectEvents({ query, pollIntervalMs, log, onNew });
  const webhooksDue = new Wake();
  const jobResults = createJobResults({ query, pollIntervalMs });
  const workerChanges = createWorkerChanges({ query, log });
  const transferChanges = createTransferChanges({ pollIntervalMs, log });
  const accessListeners = new Set<(userId: string | null) => void>();
  const listener = openListener({
    connect: async () => {
      const client = new pg.Client({
        connectionString: databaseUrl,
        application_name: 'attune events',
        keepAlive: true,
      });
      await client.connect();
      return client;
    },
    handlers: {
      [channels.runEvents]: runEvents.notified,
      [channels.generationEvents]: generationEvents.notified,
      [channels.feedbackEvents]: feedbackEvents.notified,
      [channels.feedbackLoops]: (payload) => {
        loopEvents.notified(payload);
        loopsDue.all();
      },
      // What a loop waits for ends with an event of its project: a task, an experiment, an evaluation, a preparation.
      [channels.projectEvents]: (payload) => {
        projectEvents.notified(payload);
        loopsDue.all();
      },
      [channels.webhooks]: () => webhooksDue.all(),
      [channels.jobSettled]: jobResults.notified,
      [channels.workers]: workerChanges.notified,
      [channels.transfers]: transferChanges.notified,
      [channels.access]: (userId) => {
        for (const listen of accessListeners) listen(userId);
      },
    },
    log,
  });
  return {
    runEvents,
    generationEvents,
    generationListeners,
    feedbackEvents,
    loopEvents,
    loopsDue,
    projectEvents,
    webhooksDue,
    jobResults,
    workerChanges,
    transferChanges,
    accessChanges: {
      subscribe(listen) {
        accessListeners.add(listen);
        return () => accessListeners.delete(listen);
      },
    },
    ready: listener.ready,
    async close() {
      runEvents.close();
      generationEvents.close();
      generationListeners.close();
      feedbackEvents.close();
      loopEvents.close();
      projectEvents.close();
      jobResults.close();
      workerChanges.close();
      transferChanges.close();
      await listener.close();
    },
  };
}
