import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDefinitions } from '../../src/demo/definitions.js';
import { glossLmTokens, storeGlossLm } from '../../src/models/bundled/gloss-lm.js';
import { convertUseLite, findUseLitePackage } from '../../src/models/bundled/use-lite.js';
import { manifestBytes } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { withSpecialTokens } from '../../src/tokenizer/index.js';
import { importFolder } from '../heads/import-folder.js';
import { writeRows } from '../heads/write-rows.js';
import { prepareModel } from '../language/prepare-model.js';
import { writeToyModel } from '../train/toy.js';
import { drawPairs, readPairs, toyPairs } from './pairs.js';
import type { Pair, SideSettings } from './settings.js';
import { specOf } from './specs.js';
import type { AnyWork, DpoWork, GrpoWork, RewardWork } from './works.js';

/** What a work is prepared with. */
export interface Scale {
  readonly threads: number;
  /** Updates that each side may be asked for; of `reward`, they are those of its epochs. */
  readonly steps: number;
  readonly seed: number;
  /** Of `reward`: a folder of all-MiniLM-L6-v2 and a file of pairs; null: those of the toy. */
  readonly real: { readonly model: string; readonly pairs: string } | null;
}

/** A model for both sides, and rows. */
interface Prepared {
  readonly store: string;
  readonly modelDigest: string;
  readonly datasetDigest: string;
  /** In Hugging Face's layout. */
  readonly model: string;
  readonly rows: SideSettings['rows'];
  readonly heldOut: readonly Pair[];
}

/** Makes the model and the rows in a folder, equal for both sides. */
export async function prepare(work: AnyWork, folder: string, scale: Scale): Promise<SideSettings> {
  const { modelDigest, datasetDigest, ...prepared } = await prepareWork(work, folder, scale);
  const { seed, threads } = scale;
  return {
    ...prepared,
    method: work.name,
    threads,
    seed,
    spec: specOf(work, { baseModelDigest: modelDigest, datasetDigest, seed }),
    batchSize: work.batchSize,
    epochs: work.name === 'reward' ? work.epochs : 1,
    maxLength: work.name === 'reward' ? work.maxLength : 0,
    learningRate: work.learningRate,
    adapter: work.name === 'dpo' ? work.adapter : [],
    samples: work.name === 'grpo' ? work.samples : 0,
    newTokens: work.name === 'grpo' ? work.newTokens : 0,
    output: join(folder, 'trainer'),
  };
}

/** Updates that a work's rows are enough for; null: as many as the bench asks for. */
export function stepsOf(work: AnyWork): number | null {
  return work.name === 'reward' ? work.epochs * Math.ceil(work.pairs.train / work.batchSize) : null;
}

function prepareWork(work: AnyWork, folder: string, scale: Scale): Promise<Prepared> {
  switch (work.name) {
    case 'reward':
      return prepareReward(work, folder, scale);
    case 'dpo':
      return prepareDpo(work, folder, scale);
    case 'grpo':
      return prepareGrpo(work, folder, scale);
    default:
      return work satisfies never;
  }
}

const pairColumns = { chosen: 'VARCHAR', rejected: 'VARCHAR' };

async function prepareReward(work: RewardWork, folder: string, { real }: Scale): Promise<Prepared> {
  const { store, root } = await openStore(folder);
  const model = real?.model ?? join(folder, 'toy');
  if (real === null) await writeToyModel(model, ['bad', 'good']);
  const { train, heldOut } = real === null ? toyPairs(work) : readPairs(real.pairs, work);
  return {
    store: root,
    modelDigest: await importFolder(store, model, join(folder, 'downloads')),
    datasetDigest: await written(store, folder, pairColumns, train, heldOut),
    model,
    rows: train,
    heldOut,
  };
}

async function prepareDpo(work: DpoWork, folder: string, { steps }: Scale): Promise<Prepared> {
  const made = await prepareModel(work.model, folder);
  symlinkSync(made.weights, join(made.config, 'model.safetensors'));
  symlinkSync(join(folder, 'tokenizer/tokenizer.json'), join(made.config, 'tokenizer.json'));
  const rows = drawPairs(work, work.batchSize * steps);
  return {
    store: made.store,
    modelDigest: made.digest,
    datasetDigest: await written(made.artifacts, folder, { prompt: 'VARCHAR', ...pairColumns }, rows, rows.slice(0, 2)),
    model: made.config,
    rows,
    heldOut: [],
  };
}

/**
 * Both sides take for the end a token that the model never writes, so that each completion is as long as it may be:
 * else a side whose samples happen to be short would be the faster one.
 */
async function prepareGrpo(work: GrpoWork, folder: string, { steps }: Scale): Promise<Prepared> {
  const { store, root } = await openStore(folder);
  const useLite = await convertUseLite(findUseLitePackage());
  const tokenizerJson = Buffer.from(JSON.stringify(withSpecialTokens(useLite.tokenizer, glossLmTokens)));
  const tokenizer = await store.write(tokenizerJson);
  const { vocabularySize } = useLite;
  const manifest = await storeGlossLm(store, { digest: tokenizer.digest, kind: 'unigram', vocabularySize });
  const [end] = glossLmTokens;
  const model = join(folder, 'gloss-lm');
  mkdirSync(model, { recursive: true });
  const files = await Promise.all(
    manifest.files.map(async ({ name, digest }) => {
      const given = JSON.parse((await store.read(digest)).toString('utf8'));
      const changed = name === 'config.json' ? { eos_token_id: end.id } : { eos_token: end.content };
      const bytes = Buffer.from(JSON.stringify({ ...given, ...changed }));
      writeFileSync(join(model, name), bytes);
      return { name, ...(await store.write(bytes)) };
    }),
  );
  writeFileSync(join(model, 'tokenizer.json'), tokenizerJson);
  symlinkSync(await store.localPath(manifest.weights.digest), join(model, 'model.safetensors'));
  const prompts = (await readDefinitions()).filter(({ split }) => split === 'train').map(({ prompt }) => ({ prompt }));
  const rows = prompts.slice(0, work.prompts * steps);
  return {
    store: root,
    modelDigest: (await store.write(manifestBytes({ ...manifest, files }))).digest,
    datasetDigest: await written(store, folder, { prompt: 'VARCHAR' }, rows, rows.slice(0, 2)),
    model,
    rows,
    heldOut: [],
  };
}

async function openStore(folder: string): Promise<{ readonly store: ArtifactStore; readonly root: string }> {
  mkdirSync(folder, { recursive: true });
  const root = join(folder, 'artifacts');
  return { store: await openFileSystemStore({ root }), root };
}

/** @returns the digest of a dataset version with the splits `train` and `validation` */
function written(
  store: ArtifactStore,
  folder: string,
  columns: Readonly<Record<string, string>>,
  train: readonly object[],
  validation: readonly object[],
): Promise<string> {
  return writeRows(store, join(folder, 'rows.jsonl'), columns, { train, validation, test: [] } as never);
}
