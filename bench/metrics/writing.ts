import type pg from 'pg';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import { appendRunEvents } from '../../src/protocol/sql/append-events.js';
import { appendFormer } from './former.js';
import { addExperiments, recordedAt, transactionOf } from './rows.js';
import type { Scale } from './scale.js';
import { timed } from './timed.js';

/** Milliseconds of each batch of so many steps. */
export interface WritingTimes {
  readonly name: string;
  readonly steps: number;
  readonly present: number[];
  /** As rows without summaries, statement by statement. */
  readonly former: number[];
}

/** Batches as a worker writes them, durably; today's and the former in turns, each to a run of its own. */
export async function measureWriting(client: pg.Client, { writings }: Scale): Promise<readonly WritingTimes[]> {
  const transaction = transactionOf(client);
  const query = queryOf(client);
  const measured: WritingTimes[] = [];
  for (const { name, steps, batches } of writings) {
    const [present, former] = await addExperiments(queryOf(client), 2);
    const times: WritingTimes = { name, steps, present: [], former: [] };
    for (let batch = 0; batch < batches; batch += 1) {
      const events = Array.from({ length: steps }, (_, i) => recordedAt(1 + batch * steps + i));
      const writePresent = async () => {
        const write = () => appendRunEvents(query, present!.runId, events, null, false);
        times.present.push(await timed(write));
      };
      const writeFormer = async () => {
        const write = () => transaction((within) => appendFormer(within, former!.runId, events));
        times.former.push(await timed(write));
      };
      // Who is first gets the other's write-ahead log flushed, or not: in turns.
      for (const write of batch % 2 === 0 ? [writePresent, writeFormer] : [writeFormer, writePresent]) await write();
    }
    measured.push(times);
  }
  return measured;
}
