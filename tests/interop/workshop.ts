import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { standingBuckets } from '../../gpu-worker/data/buckets.js';
import { tokenizeTexts } from '../../gpu-worker/data/tokenize.js';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { tokenSource } from '../../gpu-worker/forward/example-source.js';
import { forwardAll } from '../../gpu-worker/forward/run-heads.js';
import { exportModel } from '../../gpu-worker/hugging-face/export-model.js';
import { importModel } from '../../gpu-worker/hugging-face/import-model.js';
import { openModel } from '../../gpu-worker/short-jobs/ready-model.js';
import { availableMemory } from '../../gpu-worker/training/memory-estimate.js';
import { train } from '../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { ExportFormat } from '../../src/protocol/job.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { recordingContext } from '../numerics/recipes/recording-context.js';
import { defaults, writeDataset } from '../numerics/recipes/support.js';
import { supervisedSpec } from '../support/specs.js';
import { complaints, labels } from './texts.js';

/** A model in the store. */
export interface StoredModel {
  readonly digest: string;
  readonly manifest: ModelManifest;
}

/** What Python's models are called with, a row an example. */
export type Encoding = Readonly<Record<'input_ids' | 'attention_mask' | 'token_type_ids', number[]>>;

/** The worker's own functions, on a store of their own: what jobs of the queue would do. */
export async function openWorkshop() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-interop-'));
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const engine = await createEngine({ target: 'cpu', threads: 2 });
  const transfer = { store, onProgress: () => undefined, discard: async () => undefined };
  const rows = labels.flatMap((label) =>
    complaints[label].map((text, i) => ({ text, split: i % 4 === 3 ? 'validation' : 'train', labels: { label } })),
  );
  const dataset = await writeDataset(store, folder, rows);

  return {
    folder,
    store,
    engine,

    /** Imports a folder in Hugging Face's layout, or in PEFT's with the model that it is for. */
    async import(path: string, adapterBase: StoredModel | null = null): Promise<StoredModel> {
      const source = { kind: 'folder', path } as const;
      return await importModel(
        { source, licence: null, adapterBaseDigest: adapterBase?.digest ?? null },
        {
          ...transfer,
          hub: { endpoint: '', token: null },
          importFolders: null,
          downloadFolder: join(folder, 'downloads'),
          requireRoom: () => undefined,
          memoryBytes: availableMemory(freemem()),
        },
      );
    },

    /** A supervised run on the complaints. */
    async train(base: StoredModel, hyperparameters: Partial<Hyperparameters>): Promise<StoredModel> {
      const outcome = await train(
        {
          kind: 'train',
          runId: crypto.randomUUID(),
          spec: supervisedSpec({
            baseModelDigest: base.digest,
            datasetDigest: dataset,
            labels,
            hyperparameters: {
              ...defaults,
              learningRate: 0.002,
              epochs: 3,
              dropout: null,
              maxLength: 48,
              pooling: 'firstToken',
              ...hyperparameters,
            },
          }),
        },
        recordingContext().context,
        { engine, store, clock: () => performance.now(), availableBytes: () => availableMemory(freemem()) },
      );
      if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
      return outcome.model;
    },

    /** Writes a model's export to a folder, which it returns. */
    async export({ digest }: StoredModel, format: ExportFormat): Promise<string> {
      const target = join(folder, crypto.randomUUID());
      const { files } = await exportModel({ modelDigest: digest, format }, transfer);
      for (const file of files) {
        const path = join(target, file.name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, await store.read(file.digest));
      }
      return target;
    },

    /** Logits of the model's one head, as predictions and evaluations compute them, and the encodings they are of. */
    async logits(
      { digest }: StoredModel,
      texts: readonly string[],
    ): Promise<{ logits: number[][]; encodings: Encoding[] }> {
      const model = await openModel(engine, store, digest);
      try {
        const maxLength = 32;
        const options = { maxLength, truncationSide: 'right' } as const;
        const tokenized = tokenizeTexts(model.tokenizer, { texts, pairs: null }, options, () => undefined);
        const source = tokenSource(tokenized, standingBuckets(maxLength));
        const outputs = await forwardAll(model.forward(source.inputs), source, () => undefined);
        const [values = new Float32Array(0)] = outputs.values();
        const classes = values.length / texts.length;
        return {
          logits: texts.map((_, i) => [...values.subarray(i * classes, (i + 1) * classes)]),
          encodings: texts.map((text) => encodingOf(model.tokenizer.encodeIds(text, null, options), model.manifest)),
        };
      } finally {
        await model.release();
      }
    },

    async [Symbol.asyncDispose]() {
      await engine.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>;

function encodingOf({ ids, typeIds }: { ids: number[]; typeIds: number[] }, { config }: ModelManifest): Encoding {
  const encoding = { input_ids: ids, attention_mask: ids.map(() => 1), token_type_ids: typeIds };
  if (config.architecture === 'bert') return encoding;
  // The others' forward passes take none, or none but zeros.
  const { token_type_ids: _, ...withoutTypes } = encoding;
  return withoutTypes as Encoding;
}
