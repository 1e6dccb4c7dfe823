import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { root } from '../root.js';
import { run } from '../train/turns.js';
import { importFolder } from './import-folder.js';
import type { Options } from './options.js';
import type { Training } from './results.js';
import { SideResult, type SideSettings } from './side.js';
import { labelsOf, specOf, type Work } from './works.js';
import { writeRows } from './write-rows.js';

const attuneScript = join(import.meta.dirname, 'attune.js');
/** It stays where its source is. */
const opponentScript = join(root, 'bench/heads/opponent.py');

/** Trains works on both sides, one seed after the other: first Attune, then PyTorch, in processes of their own. */
export async function openMeasurement(options: Options) {
  const { folder, scale, python, model, dataFolder, threads } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const storeFolder = join(folder, 'artifacts');
  const store: ArtifactStore = await openFileSystemStore({ root: storeFolder });
  const modelDigest = await importFolder(store, model, join(folder, 'downloads'));

  async function side(name: string, command: string, script: string, settings: Omit<SideSettings, 'result'>) {
    const result = join(folder, `${name}-result.json`);
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify({ ...settings, result } satisfies SideSettings));
    await run(command, [script, path]);
    return SideResult.parse(JSON.parse(readFileSync(result, 'utf8')));
  }

  return {
    /** @param onTraining gets each seed's results at once */
    async measure(work: Work, seeds: readonly number[], onTraining: (training: Training) => void): Promise<void> {
      const splits = work.read(join(dataFolder, work.name), scale.works[work.name].rows);
      const rows = join(folder, `${work.name}.jsonl`);
      const datasetDigest = await writeRows(store, rows, work.columns, splits);
      const labels = Object.fromEntries(
        work.tasks.map(({ kind, column }) => [column, kind === 'regression' ? [] : labelsOf(column, splits)]),
      );
      for (const seed of seeds) {
        const { budget } = scale.works[work.name];
        const settings = {
          threads,
          seed,
          textColumn: work.textColumn,
          pairColumn: work.pairColumn,
          tasks: work.tasks.map((each) => ({ ...each, labels: labels[each.column]! })),
          store: storeFolder,
          spec: specOf(work, { modelDigest, datasetDigest, labels, budget, seed }),
          model,
          rows,
          budget,
        };
        const attune = await side('attune', process.execPath, attuneScript, settings);
        const pytorch = python === null ? null : await side('pytorch', python, opponentScript, settings);
        onTraining({ seed, attune, pytorch });
      }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
