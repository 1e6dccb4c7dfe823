/**
 * `npm run bench:recommend`: whether the model that `recommendBaseModels` puts first is the one that full training puts
 * first. On subsets of real data each model is measured as a recommendation does it, and trained in full by the
 * product's own recipe and defaults; both orders are printed beside one another, as a table for
 * docs/choosing-a-model.md. A finished training is kept in .attune/bench/recommend.jsonl at once and not repeated:
 * delete a line to train it again.
 *
 *   ATTUNE_BENCH_MODEL    folder of all-MiniLM-L6-v2 in Hugging Face's layout, with modules.json and 1_Pooling
 *   ATTUNE_BENCH_DATA     folder with banking77, clinc150, sms-spam, snips, sick and goemotions as bench/defaults and
 *                         bench/heads have them, and medical-abstracts/abstracts.csv
 *   ATTUNE_BENCH_THREADS  threads of the engine, 1 by default
 *
 * `--toy` (part of `npm run bench:check`) does it once with tiny models and data that it makes.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../gpu-worker/engine/index.js';
import type { Engine } from '../../gpu-worker/engine/types.js';
import { loadModel } from '../../gpu-worker/models/load-model.js';
import { measureModel } from '../../gpu-worker/preparation/model-choice/measure-model.js';
import { readProbeSample } from '../../gpu-worker/preparation/model-choice/probe-sample.js';
import { type Measured, rankModels } from '../../gpu-worker/preparation/model-choice/rank-models.js';
import { readingOf } from '../../gpu-worker/preparation/model-reading.js';
import type { SupervisedSpec } from '../../src/protocol/methods/index.js';
import type { ProbeEvidence } from '../../src/protocol/recommendation/evidence.js';
import type { ModelRanking } from '../../src/protocol/recommendation/recommend-job.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { writeToyData } from '../heads/toy.js';
import { writeRows } from '../heads/write-rows.js';
import { isToy } from '../is-toy.js';
import { root } from '../root.js';
import { writeToyBanking, writeToyModel } from '../train/toy.js';
import { type BenchModel, openModels } from './models.js';
import { type BenchTask, readTasks } from './tasks.js';
import { canLearn, specOf, trainInFull } from './train.js';

const home = join(root, '.attune/bench');
const keptFile = join(home, 'recommend.jsonl');

interface Options {
  readonly encoder: string;
  readonly dataFolder: string;
  readonly folder: string;
  readonly threads: number;
  readonly counts: { readonly train: number; readonly validation: number };
  readonly limits: { readonly maxLength: number; readonly mostEpochs: number };
}

interface Parts {
  readonly engine: Engine;
  readonly store: ArtifactStore;
}

interface Recommended {
  readonly task: BenchTask;
  /** The best first. */
  readonly ranked: readonly { readonly name: string; readonly probe: ProbeEvidence; readonly spec: SupervisedSpec }[];
}

interface Compared {
  readonly name: string;
  readonly probe: ProbeEvidence;
  /** The task's measure after a full training. */
  readonly trained: number;
}

const mostExamples = 2000;
const unlimited = { trainableParameters: 0, memoryBytes: 0, checkpointBytes: 0, seconds: 0 };

const options = isToy ? await toyOptions() : optionsOf(process.env);
try {
  await compareAll(options);
} finally {
  rmSync(options.folder, { recursive: true, force: true });
}
process.exit(0);

async function compareAll({ encoder, dataFolder, folder, threads, counts, limits }: Options): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const models = await openModels(store, encoder, folder, isToy);
  const engine = await createEngine({ target: 'cpu', threads });
  const parts = { engine, store };
  const trainings = keptTrainings();
  const recommended: Recommended[] = [];
  for (const [index, task] of (await readTasks(dataFolder, counts, isToy)).entries()) {
    const digest = await writeRows(store, join(folder, `rows-${index}.jsonl`), task.columns, task.splits);
    const able = models.filter((model) => canLearn(model, task));
    const specs = able.map((model) => specOf(task, model, digest, limits));
    const ranking = await recommend(parts, able, specs);
    const ranked = ranking.models.map(({ name, evidence }) => ({
      name,
      probe: evidence!.probe,
      spec: specs[able.findIndex((model) => model.name === name)]!,
    }));
    recommended.push({ task, ranked });
    tellProbes(task, ranked);
  }
  const agreed: string[] = [];
  for (const { task, ranked } of recommended) {
    const rows: Compared[] = [];
    for (const { name, probe, spec } of ranked) {
      const key = `${task.title} | ${name} | ${counts.train} + ${counts.validation}`;
      rows.push({ name, probe, trained: await trainings.of(key, () => trainInFull(parts, spec, task.measure)) });
    }
    agreed.push(tellTrainings(task, rows));
  }
  console.log(
    '\n| data | recommended | best in training | behind it | best by LogME |\n| --- | --- | --- | --- | --- |',
  );
  console.log(agreed.join('\n'));
  await engine.release();
}

/** The order of a recommendation, by the worker's own functions. */
async function recommend(
  { engine, store }: Parts,
  models: readonly BenchModel[],
  specs: readonly SupervisedSpec[],
): Promise<ModelRanking> {
  const [first] = specs as [SupervisedSpec];
  const sample = await readProbeSample(await store.localPath(first.datasetDigest), first, mostExamples);
  const measured: Measured[] = [];
  for (const [i, { digest, name, manifest }] of models.entries()) {
    const spec = specs[i]!;
    const { maxLength, truncationSide } = spec.hyperparameters;
    const model = await loadModel(store, digest);
    const reading = { engine, model, maxLength, truncationSide, beat: () => undefined };
    measured.push({
      modelId: crypto.randomUUID(),
      name,
      spec,
      trainings: [{ kind: 'FULL', hyperparameters: spec.hyperparameters, ...unlimited }],
      trainExamples: sample.texts.length,
      reasons: [],
      measured: await measureModel(reading, await readingOf(store, manifest, maxLength), sample),
    });
    await model.weights.close();
  }
  return rankModels(measured, [], { memoryBytes: null, seconds: null });
}

function tellProbes({ title }: BenchTask, ranked: Recommended['ranked']): void {
  console.log(`\n### ${title}\n\n| model | probe | LogME | seconds |\n| --- | --- | --- | --- |`);
  for (const { name, probe } of ranked) {
    const score = `${hundredths(probe.score)} ± ${hundredths(probe.standardError)}`;
    console.log(`| ${name} | ${score} | ${probe.logMe?.toFixed(3) ?? '–'} | ${probe.seconds.toFixed(1)} |`);
  }
}

/** Prints the scores of a task's trainings, and returns its row of the table of all tasks. */
function tellTrainings({ title, measure }: BenchTask, rows: readonly Compared[]): string {
  console.log(
    `\n${title}, ${measure} after training: ${rows.map((row) => `${row.name} ${hundredths(row.trained)}`).join(', ')}`,
  );
  const [first] = rows as [Compared];
  const best = rows.reduce((a, b) => (b.trained > a.trained ? b : a));
  const byLogMe = rows.reduce((a, b) => ((b.probe.logMe ?? 0) > (a.probe.logMe ?? 0) ? b : a));
  const behind = best.trained - first.trained;
  return `| ${title} | ${first.name} | ${best.name} | ${hundredths(behind)} | ${byLogMe.name} |`;
}

function hundredths(value: number): string {
  return (100 * value).toFixed(1);
}

/** Trainings that earlier runs have kept; a new one is kept at once. */
function keptTrainings() {
  const kept = new Map<string, number>();
  if (!isToy && existsSync(keptFile)) {
    for (const line of readFileSync(keptFile, 'utf8').split('\n').filter(Boolean)) {
      const { key, trained }: { key: string; trained: number } = JSON.parse(line);
      kept.set(key, trained);
    }
  }
  return {
    async of(key: string, train: () => Promise<number>): Promise<number> {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const trained = await train();
      if (!isToy) {
        mkdirSync(home, { recursive: true });
        appendFileSync(keptFile, `${JSON.stringify({ key, trained })}\n`);
      }
      return trained;
    },
  };
}

/** @throws Error when no data or model is named */
function optionsOf(env: NodeJS.ProcessEnv): Options {
  const { ATTUNE_BENCH_MODEL: encoder, ATTUNE_BENCH_DATA: dataFolder, ATTUNE_BENCH_THREADS: threads = '1' } = env;
  if (encoder === undefined || dataFolder === undefined) {
    throw new Error('Set ATTUNE_BENCH_MODEL and ATTUNE_BENCH_DATA to folders: main.ts says of what.');
  }
  const counts = { train: 300, validation: 300 };
  const limits = { maxLength: 32, mostEpochs: 100 };
  return { encoder, dataFolder, folder: join(home, 'recommend'), threads: Number(threads), counts, limits };
}

async function toyOptions(): Promise<Options> {
  const above = mkdtempSync(join(tmpdir(), 'attune-bench-recommend-'));
  const [encoder, dataFolder] = [join(above, 'toy'), join(above, 'data')];
  const limits = { maxLength: 16, mostEpochs: 1 };
  await writeToyModel(encoder, ['first', 'second']);
  writeToyData(dataFolder);
  writeToyBanking(join(dataFolder, 'banking77'));
  return { encoder, dataFolder, folder: above, threads: 1, counts: { train: 12, validation: 6 }, limits };
}
