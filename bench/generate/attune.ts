/**
 * Attune's side: the product's own generation, in turns (../train/turns.ts). A step writes all answers.
 *
 *   node attune.js SETTINGS     writes, and ends when it is told to
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { generate } from '../../gpu-worker/generation/generate.js';
import { openGenerator } from '../../gpu-worker/generation/open-generator.js';
import { createChoosers } from '../../gpu-worker/generation/sampling/chooser.js';
import { likeliestTokens } from '../../gpu-worker/generation/sampling/likeliest.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import type { SideSettings } from './settings.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('attune.js is started by main.ts: SETTINGS');
const settings: SideSettings = JSON.parse(readFileSync(path, 'utf8'));
const importedBytes = peakBytes();
const engine = await createEngine({ target: 'cpu', threads: settings.threads });
const store = await openFileSystemStore({ root: settings.store });
const generator = await openGenerator(engine, store, settings.modelDigest, { weights: settings.heldAs });

answer({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(' ');
  if (name === 'end') {
    answer({ peakBytes: peakBytes(), importedBytes });
    process.exit(0);
  }
  const turn = { milliseconds: [] as number[], processorMilliseconds: [] as number[], losses: [] as number[] };
  for (let step = 0; step < Number(count); step++) {
    const mark = { wall: performance.now(), processor: process.cpuUsage() };
    const first = await write(false);
    turn.milliseconds.push(performance.now() - mark.wall);
    const { user, system } = process.cpuUsage(mark.processor);
    turn.processorMilliseconds.push((user + system) / 1e3);
    if (!Number.isNaN(first)) turn.losses.push(first);
  }
  // What the sides are compared by is not measured.
  turn.losses.push(await write(true));
  answer(turn);
}

/** @returns with `tells`, of each prompt, the negative log-probability of its first token, as a mean */
async function write(tells: boolean): Promise<number> {
  const { prompts, newTokens } = settings;
  const firsts: number[] = [];
  const chooserFor = createChoosers({
    sampling: likeliestTokens,
    topLogProbabilities: tells ? 0 : null,
  });
  await generate(
    generator.continuation,
    prompts,
    {
      samples: 1,
      contextLength: Number.MAX_SAFE_INTEGER,
      maxTokens: tells ? 1 : newTokens,
      endIds: new Set(),
      answerOf: (prompt, sample) => ({
        chooser: chooserFor({ promptIds: prompts[prompt]!, sample }),
        text: { feed: () => ({ text: '', stop: null }), end: () => '' },
        rule: null,
      }),
      tokenText: String,
    },
    {
      onEvent(event) {
        if (event.kind === 'tokens' && event.position === 0)
          firsts.push(-(event.tokens[0]!.logProbability ?? Number.NaN));
      },
      onProgress: () => undefined,
    },
  );
  return firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
}

function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
