import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createPermutations } from '../../gpu-worker/preparation/duplicates/signature.js';
import { usualNearMatch } from '../../src/protocol/preparation/steps/duplicates.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { isToy } from '../is-toy.js';
import { openCorpus } from './corpus.js';
import { writeCsv, writeTexts } from './rows.js';
import { runAttune, type SideRequest } from './run-side.js';
import type { CsvFile, SideSettings, TextFile, VersionFile } from './settings.js';
import type { Work } from './works.js';

/** Texts that presidio reads at most: a million would take it twenty minutes. */
const mostPeerTexts = 50_000;
/** Calls of each preview. */
const calls = isToy ? 2 : 20;
const words = { least: 50, most: 50 };

/** What works read: made when the first asks for it, and kept in the folder until the end. */
export async function createInputs(folder: string, sides: Pick<SideSettings, 'threads' | 'memoryLimitMb'>) {
  const folders = { artifacts: join(folder, 'artifacts'), work: join(folder, 'work') };
  const store = await openFileSystemStore({ root: folders.artifacts });
  const write = openCorpus();
  const csvFiles = new Map<number, CsvFile>();
  const versions = new Map<number, VersionFile>();
  const textFiles = new Map<string, TextFile>();

  const inputs = {
    async csv(rows: number): Promise<CsvFile> {
      const known = csvFiles.get(rows);
      if (known !== undefined) return known;
      const path = join(folder, `${rows}.csv`);
      await writeCsv(path, rows, write);
      const { digest, sizeBytes } = await store.adopt(path);
      console.log(`  a CSV file of ${rows} rows, ${(sizeBytes / 2 ** 30).toFixed(2)} GiB`);
      const file = { path: await store.localPath(digest), digest, rows };
      csvFiles.set(rows, file);
      return file;
    },

    async version(rows: number): Promise<VersionFile> {
      const known = versions.get(rows);
      if (known !== undefined) return known;
      const { agreed } = runAttune({ work: 'prepare', ...sides, folders, csv: await inputs.csv(rows) });
      const digest = String(agreed.digest);
      const path = await store.localPath(digest);
      console.log(`  a version of ${rows} rows, ${(statSync(path).size / 2 ** 30).toFixed(2)} GiB`);
      const version = { path, digest, rows: Number(agreed.rows), columns: JSON.parse(String(agreed.columns)) };
      versions.set(rows, version);
      return version;
    },

    /** Texts of 50 words; as text-dedup's own splitting leaves them, or as they are. */
    async texts(rows: number, form: 'plain' | 'folded'): Promise<TextFile> {
      const known = textFiles.get(`${form} ${rows}`);
      if (known !== undefined) return known;
      const path = join(folder, `${form}-${rows}.txt`);
      const fold = (text: string) =>
        text
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, ' ')
          .trim();
      await writeTexts(path, rows, write, words, form === 'folded' ? fold : undefined);
      textFiles.set(`${form} ${rows}`, { path, rows });
      return { path, rows };
    },

    /** What both sides of a work are told. */
    async settingsOf(work: Work['name'], rows: number): Promise<SideRequest> {
      const settings = { work, ...sides, folders };
      switch (work) {
        case 'report':
          return { ...settings, csv: await inputs.csv(rows) };
        case 'exact':
          return { ...settings, version: await inputs.version(rows) };
        case 'near':
          return { ...settings, texts: await inputs.texts(rows, 'folded'), near: nearSettings() };
        case 'personal':
          return { ...settings, texts: await inputs.texts(rows, 'plain'), peerTexts: Math.min(rows, mostPeerTexts) };
        case 'preview':
          return { ...settings, csv: await inputs.csv(rows), version: await inputs.version(rows), calls };
        default:
          return work satisfies never;
      }
    },
  };
  return inputs;
}

function nearSettings(): NonNullable<SideSettings['near']> {
  const { threshold, permutations, seed, shingleSize } = usualNearMatch;
  const { factors, terms } = createPermutations(seed, permutations);
  return { size: shingleSize, threshold, seed, factors: [...factors], terms: [...terms] };
}
