import type pg from 'pg';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import { addExperiments, appendBatch, transactionOf } from './rows.js';
import type { Scale } from './scale.js';
import { timed } from './timed.js';

/** Milliseconds of each batch of so many steps. */
export interface WritingTimes {
  readonly name: string;
  readonly steps: number;
  readonly present: number[];
  /** Without summaries. */
  readonly former: number[];
}

/**
 * Batches as a worker writes them every 100 ms, durably; with and without summaries in turns, each to a run of its own.
 */
export async function measureWriting(client: pg.Client, { writings }: Scale): Promise<readonly WritingTimes[]> {
  const transaction = transactionOf(client);
  const measured: WritingTimes[] = [];
  for (const { name, steps, batches } of writings) {
    const [present, former] = await addExperiments(queryOf(client), 2);
    const times: WritingTimes = { name, steps, present: [], former: [] };
    for (let batch = 0; batch < batches; batch += 1) {
      const step = 1 + batch * steps;
      const writePresent = async () => {
        const of = { runId: present!.runId, step, steps, former: false };
        times.present.push(await timed(() => appendBatch(transaction, of)));
      };
      const writeFormer = async () => {
        const of = { runId: former!.runId, step, steps, former: true };
        times.former.push(await timed(() => appendBatch(transaction, of)));
      };
      // Who is first gets the other's write-ahead log flushed, or not: in turns.
      for (const write of batch % 2 === 0 ? [writePresent, writeFormer] : [writeFormer, writePresent]) await write();
    }
    measured.push(times);
  }
  return measured;
}
