import type { Query } from '../protocol/sql/query.js';
import type { StoredArtifact } from './artifact-store.js';

/** An artifact in the store, with the type of its bytes. */
export interface ArtifactRecord extends StoredArtifact {
  readonly mediaType: string;
}

export const mediaTypes = {
  json: 'application/json',
  safetensors: 'application/vnd.safetensors',
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv',
  jsonLines: 'application/jsonl',
  /** An uploaded file, unchanged. */
  upload: 'application/octet-stream',
} as const;

/**
 * Writes the rows that other tables refer to, in the transaction that refers to them first. A known artifact stays
 * unchanged: equal digests mean equal bytes.
 */
export async function recordArtifacts(query: Query, artifacts: readonly ArtifactRecord[]): Promise<void> {
  await query(
    `INSERT INTO artifacts (digest, size_bytes, media_type)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
     ORDER BY 1 -- one order for all writers: no deadlock
     ON CONFLICT (digest) DO NOTHING`,
    [
      artifacts.map(({ digest }) => digest),
      artifacts.map(({ sizeBytes }) => sizeBytes),
      artifacts.map(({ mediaType }) => mediaType),
    ],
  );
}
