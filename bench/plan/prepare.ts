import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costOf } from '../../src/experiments/estimate-cost.js';
import { estimateRows } from '../../src/experiments/estimate-rows.js';
import { estimateTime } from '../../src/experiments/estimate-time.js';
import type { EstimatedTime } from '../../src/experiments/estimated-time.js';
import { sampleReading } from '../../src/experiments/sample-reading.js';
import { createChatSources } from '../../src/models/chat-sources.js';
import { createTokenizers } from '../../src/models/tokenizers.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { MachineSpeed } from '../../src/protocol/training-time/machine-speed.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import type { Row, Splits } from '../heads/data.js';
import { writeRows } from '../heads/write-rows.js';
import { openBase } from './bases.js';
import type { Work } from './works.js';

/** The JSON file that a trainer is started with. */
export interface TrainerSettings {
  /** Root of the artifact store. */
  readonly store: string;
  readonly spec: RunSpec;
  readonly threads: number;
}

/** A work whose model and rows are in a store, with what a plan says of it. */
export interface Prepared {
  /** Path of the trainer's settings. */
  readonly settings: string;
  readonly time: (speed: MachineSpeed) => EstimatedTime;
  readonly memoryBytes: number;
}

export async function prepare(
  work: Work,
  folder: string,
  { threads, model }: { readonly threads: number; readonly model: string | undefined },
): Promise<Prepared> {
  mkdirSync(folder, { recursive: true });
  const root = join(folder, 'artifacts');
  const store = await openFileSystemStore({ root });
  const baseModelDigest = await openBase(work.base, store, join(folder, 'base'), model);
  const { columns, splits } = await work.rows(work.counts);
  const datasetDigest = await writeRows(store, join(folder, 'rows.jsonl'), columns, splits);
  const labels = (column: string) => [...new Set(splits.train.map((row) => String(row[column])))].sort();
  const spec = work.spec({ baseModelDigest, datasetDigest }, labels);
  const manifest = ModelManifest.parse(JSON.parse((await store.read(baseModelDigest)).toString()));
  const reading = await sampleReading(spec, manifest, {
    examples: readerOf(splits),
    tokenizers: createTokenizers(store),
    chatSources: createChatSources(store),
  });
  const settings = join(folder, 'settings.json');
  writeFileSync(settings, JSON.stringify({ store: root, spec, threads } satisfies TrainerSettings));
  const { train, validation } = work.counts;
  const counts = { labelled: { train, validation }, labels: {}, splitsWithLists: {} };
  const rowsOf = (examples: number) => estimateRows(spec, examples, reading.counts);
  return {
    settings,
    time: (speed) =>
      estimateTime(
        spec,
        manifest,
        { trainExamples: train, validationExamples: validation, controlExamples: 0, reading },
        speed,
      ),
    memoryBytes: costOf(spec, manifest, counts, rowsOf).estimatedMemoryBytes,
  };
}

/** Reads a sample as the API does: evenly spaced rows. */
function readerOf({ train }: Splits): Parameters<typeof sampleReading>[2]['examples'] {
  const textOf = (row: Row, column: string) => [row[column]].flat().join(' ');
  return {
    async sampleTexts({ textColumns, optionalColumns = [], limit }) {
      const count = Math.min(limit, train.length);
      return Array.from({ length: count }, (_, index) => {
        const row = Math.floor((index * train.length) / count);
        return { row, texts: [...textColumns, ...optionalColumns].map((column) => textOf(train[row]!, column)) };
      });
    },
  };
}
