import type { DataSource } from 'typeorm';
import { inSnapshot } from '../../database/in-snapshot.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { SampleFigures, SampleRules } from '../../protocol/samples/samples-reading.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { jsonLineBlocks } from '../../storage/json-line-blocks.js';
import { StorageError } from '../../storage/storage-error.js';
import type { ScoredPromptRow } from '../scored-samples.reads.js';
import { columnsOfSamples, type LeftOut, rowsOfPrompt } from './rows-of-prompt.js';

/** So many prompts are read at a time, each with all of its samples. */
const pageSize = 100;

interface Written {
  readonly source: Extract<RowSource, { readonly kind: 'samples' }>;
  readonly file: StoredArtifact;
}

/**
 * Writes the rows that a batch of samples becomes into a file of the store, as JSON Lines. The same samples and rules
 * give the same bytes.
 * @throws ProblemsError NO_ROWS_LEFT, NOT_FOUND; then there is no file
 */
export function writeSampleRows(
  { dataSource, store }: { readonly dataSource: DataSource; readonly store: ArtifactStore },
  samplesId: string,
  rules: SampleRules,
): Promise<Written> {
  return inSnapshot(dataSource, async (query) => {
    const areConversations = await haveConversations(query, samplesId);
    const columns = columnsOfSamples(rules, areConversations);
    const figures = { prompts: 0, rows: 0, unscored: 0, tied: 0, belowLeast: 0 } satisfies SampleFigures;
    const leaveOut = (reason: LeftOut): void => void figures[reason]++;
    const file = await store
      .writeStream(
        jsonLineBlocks(async function* () {
          for await (const prompt of promptsOf(query, samplesId)) {
            figures.prompts++;
            const rows = rowsOfPrompt(prompt, rules, areConversations, samplesId);
            if (typeof rows === 'string') leaveOut(rows);
            else {
              figures.rows += rows.length;
              for (const row of rows) yield Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
            }
          }
          if (figures.rows === 0) throw noneLeft(figures);
        }),
      )
      .catch((error: unknown) => {
        // The store tells of all that stops it as its own error.
        throw error instanceof StorageError && error.cause instanceof ProblemsError ? error.cause : error;
      });
    const source: Written['source'] = {
      kind: 'samples',
      digest: file.digest,
      columns: columns.map(({ name, type }) => ({ name, type })),
      exampleCount: figures.rows,
      reading: { samplesId, rules, figures },
      split: null,
    };
    return { source, file };
  });
}

/** Whether any prompt of a batch is a conversation. */
export async function haveConversations(query: Query, samplesId: string): Promise<boolean> {
  const [found] = await query<{ any: boolean }>(
    `SELECT coalesce(bool_or(prompt ->> 'kind' = 'messages'), false) AS any FROM scored_prompts WHERE samples_id = $1`,
    [samplesId],
  );
  return found?.any ?? false;
}

async function* promptsOf(query: Query, samplesId: string): AsyncGenerator<ScoredPromptRow> {
  for (let after = -1; ; ) {
    const page = await query<ScoredPromptRow>(
      `SELECT position, row_number::float8 AS row, prompt, samples FROM scored_prompts
        WHERE samples_id = $1 AND position > $2 ORDER BY position LIMIT ${pageSize}`,
      [samplesId, after],
    );
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)!.position;
  }
}

function noneLeft({ prompts, unscored, tied, belowLeast }: SampleFigures): ProblemsError {
  const reasons = [
    ...(unscored > 0 ? [`${unscored} have no scored sample that was not cut`] : []),
    ...(belowLeast > 0 ? [`the best of ${belowLeast} has less than the least reward`] : []),
    ...(tied > 0 ? [`the best and the worst of ${tied} are as good`] : []),
  ];
  const message = `None of ${prompts} prompts becomes a row: ${reasons.join('; ')}.`;
  const hint = 'Change the rules, or draw more samples.';
  return new ProblemsError([problem(['samplesId'], 'NO_ROWS_LEFT', message, hint)]);
}
