import type { Child } from '../child.js';
import { withClient } from '../database.js';
import { type Subscribers, startSubscribers } from '../live/subscribe.js';
import { startWriter, type WriterQuestion, type Written } from '../live/write.js';
import { addProject } from '../rows/project.js';
import { filledAttune } from '../start-attune.js';
import type { Bench } from './work.js';

export const liveProject = 'live';

/** A database for runs that record something, with a few experiments from before. */
export function liveDatabase({ databases }: Pick<Bench, 'databases'>): Promise<string> {
  return filledAttune(databases, 'live', (url) =>
    withClient(url, (client) => addProject(client, { slug: liveProject, experiments: 20, evaluations: 0 })),
  );
}

/** As many as there are processors beside the server's and PostgreSQL's, of which one is not to be the limit. */
const subscriberProcesses = 2;

export interface LiveTools {
  readonly databaseUrl: string;
  readonly slug: string;
  readonly writer: Child<WriterQuestion, Written>;
  readonly subscribers: Subscribers;
}

/** Starts a worker's telemetry and subscribers, each in processes of their own, and ends them after `work`. */
export async function withLiveTools<Result>(
  bench: Bench,
  work: (tools: LiveTools) => Promise<Result>,
): Promise<Result> {
  const databaseUrl = await liveDatabase(bench);
  const [writer, subscribers] = [startWriter(), startSubscribers(subscriberProcesses)];
  try {
    return await work({ databaseUrl, slug: liveProject, writer, subscribers });
  } finally {
    await writer.end();
    await subscribers.end();
  }
}
