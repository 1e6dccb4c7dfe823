import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { EngineChoice } from '../../gpu-worker/engine/types.js';
import { inTransaction, queryOf } from '../../gpu-worker/queue/connection.js';
import { registerWorker } from '../../gpu-worker/queue/workers.js';
import type { ProducedModel } from '../../gpu-worker/thread-protocol.js';
import { enqueueRun } from '../../src/experiments/run-control.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { ArtifactRecord } from '../../src/storage/artifact-rows.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { openPool } from './open-pool.js';
import { supervisedSpec } from './specs.js';

/** A database with one project, base model and dataset version, which a run needs. It holds only rows, no files. */
export interface RunRows extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
  readonly query: Query;
  readonly projectId: string;
  readonly baseModelId: string;
  readonly datasetVersionId: string;
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  /** An experiment with a queued run. */
  addRun(name?: string, withSpec?: RunSpec, ofProject?: string): Promise<string>;
  /** Another project, without any rows of its own. */
  addProject(slug: string): Promise<string>;
  addWorker(): Promise<string>;
  close(): Promise<void>;
}

export const engine: EngineChoice = { target: 'cpu', reason: 'test', rejected: [], threads: 1, version: 'test' };

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const artifactOf = (text: string): ArtifactRecord => ({
  digest: digestOf(text),
  sizeBytes: text.length,
  mediaType: 'application/octet-stream',
});

export const manifest: ModelManifest = {
  formatVersion: 1,
  config: {
    architecture: 'use-lite',
    vocabularySize: 8,
    embeddingSize: 4,
    hiddenSize: 4,
    intermediateSize: 8,
    attentionHeads: 2,
    layers: 1,
    layerNormEpsilon: 1e-6,
    maxPositions: 16,
    outputSize: 4,
  },
  parameterCount: 100,
  contextLength: 16,
  licence: 'Apache-2.0',
  weights: { digest: digestOf('weights'), sizeBytes: 7 },
  tokenizer: { digest: digestOf('tokenizer'), kind: 'unigram', vocabularySize: 8 },
  layers: [],
  heads: [],
  maxLength: null,
  pooling: null,
  truncationSide: 'right',
  adapter: null,
  files: [],
};

export const spec = supervisedSpec({ baseModelDigest: digestOf('model'), datasetDigest: digestOf('parquet') });

export const producedModel: ProducedModel = {
  digest: digestOf('produced manifest'),
  manifest,
  artifacts: [artifactOf('produced manifest'), artifactOf('weights'), artifactOf('tokenizer')],
};

export async function createRunRows(): Promise<RunRows> {
  const database = await createTestDatabase();
  const pool = openPool(database.url, 20);
  const query = queryOf(pool);
  const [projectId, baseModelId, datasetId, datasetVersionId] = [
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
  ];
  const transaction: RunRows['transaction'] = (work) => inTransaction(pool, work);
  await query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'default', 'Default')`, [projectId]);
  await query(
    `INSERT INTO artifacts (digest, size_bytes, media_type) SELECT unnest($1::text[]), 1, 'application/json'`,
    [['model', 'parquet', 'source'].map(digestOf)],
  );
  await query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES ($1, $2, 'base', $3, $4, 'test')`,
    [baseModelId, projectId, digestOf('model'), JSON.stringify(manifest)],
  );
  await query(`INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, 'texts')`, [datasetId, projectId]);
  await query(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count,
                                   columns, splits, split_plan)
     VALUES ($1, $2, 1, $3, $4, 'CSV', 10, 0, '[]', '[]', '{}')`,
    [datasetVersionId, datasetId, digestOf('parquet'), digestOf('source')],
  );

  const close = async (): Promise<void> => {
    await pool.end();
    await database.drop();
  };
  return {
    database,
    pool,
    query,
    projectId,
    baseModelId,
    datasetVersionId,
    transaction,
    async addProject(slug) {
      const id = randomUUID();
      await query('INSERT INTO projects (id, slug, name) VALUES ($1, $2, $2)', [id, slug]);
      return id;
    },
    async addRun(name = 'experiment', withSpec: RunSpec = spec, ofProject = projectId) {
      const [experimentId, runId] = [randomUUID(), randomUUID()];
      await transaction(async (tx) => {
        await tx(
          `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
           VALUES ($1, $2, $3, 'supervised', $4, $5, $6)`,
          [experimentId, ofProject, name, JSON.stringify(withSpec), baseModelId, datasetVersionId],
        );
        await enqueueRun(tx, { runId, experimentId, projectId: ofProject, spec: withSpec });
      });
      return runId;
    },
    async addWorker() {
      const id = randomUUID();
      await registerWorker(query, { id, host: 'test', processId: 1, engine, memoryBytes: 2 ** 33 });
      return id;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Lets a claimed job's lease run out, on the database's clock. */
export async function expireLease(query: Query, jobId: string): Promise<void> {
  await query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [jobId]);
}
