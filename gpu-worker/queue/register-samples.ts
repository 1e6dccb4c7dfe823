import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SamplesSummary } from '../../src/protocol/samples/score-samples-job.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { WrittenSamples } from '../thread-protocol.js';

/** Characters of one INSERT, about: prompts and samples may be long. */
const charactersAtATime = 2 ** 22;

/** Inserts the samples, in the transaction in which their job succeeds, and what all of them say. */
export async function registerSamples(
  query: Query,
  samplesId: string,
  summary: SamplesSummary,
  samples: WrittenSamples | null,
): Promise<void> {
  if (samples === null) throw new Error(`The batch ${samplesId} has no samples.`);
  let waiting: string[] = [];
  let [count, characters] = [0, 0];
  const insert = async (): Promise<void> => {
    await query(
      `INSERT INTO scored_prompts (samples_id, position, row_number, prompt, samples)
       SELECT $1, $2 + line.ordinal - 1, (line.value ->> 'row')::bigint, line.value -> 'prompt', line.value -> 'samples'
         FROM unnest($3::jsonb[]) WITH ORDINALITY AS line (value, ordinal)`,
      [samplesId, count - waiting.length, waiting],
    );
    [waiting, characters] = [[], 0];
  };
  for await (const line of createInterface({ input: createReadStream(samples.path) })) {
    waiting.push(line);
    count++;
    characters += line.length;
    if (characters >= charactersAtATime) await insert();
  }
  if (waiting.length > 0) await insert();
  if (count !== samples.count) throw new Error(`The file of ${samples.count} prompts has ${count}.`);
  await query('UPDATE scored_samples SET summary = $2 WHERE id = $1', [samplesId, JSON.stringify(summary)]);
}
