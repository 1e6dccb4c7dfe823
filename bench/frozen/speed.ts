import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FrozenWeights } from '../../src/protocol/frozen-weights.js';
import { prepare } from '../language/prepare.js';
import type { Work } from '../language/works.js';
import { median } from '../statistics.js';
import { start } from '../train/turns.js';
import { table } from './table.js';

const attuneScript = fileURLToPath(new URL('../language/attune.js', import.meta.url));

/** Updates that are not measured: the first compile, and fill caches. */
const warmUp = 2;

/** How long a training is measured. */
export interface Scale {
  readonly threads: number;
  readonly rounds: number;
  readonly stepsOfTurn: number;
}

/**
 * Time and memory of updates of an adapter on random weights, held in each format. Each training is a process of its
 * own; they take turns, so that all see the same moments of the machine.
 */
export async function measureSpeed(work: Work, folder: string, scale: Scale): Promise<void> {
  const { threads, rounds, stepsOfTurn } = scale;
  const settings = await prepare(work, folder, { threads, steps: 3 * (warmUp + rounds * stepsOfTurn) });
  const { hyperparameters } = settings.spec;
  const sides = await Promise.all(
    FrozenWeights.options.map(async (frozenWeights) => {
      const adapter = { ...hyperparameters.adapter!, frozenWeights };
      const path = join(folder, `${frozenWeights}.json`);
      const spec = { ...settings.spec, hyperparameters: { ...hyperparameters, adapter } };
      writeFileSync(path, JSON.stringify({ ...settings, spec }));
      const side = await start(process.execPath, [attuneScript, path]);
      const [loss] = (await side.steps(warmUp)).losses;
      return { frozenWeights, side, loss: loss!, milliseconds: [] as number[], processor: [] as number[] };
    }),
  );
  for (let round = 0; round < rounds; round++) {
    for (const each of sides) {
      const turn = await each.side.steps(stepsOfTurn);
      each.milliseconds.push(...turn.milliseconds);
      each.processor.push(...turn.processorMilliseconds);
    }
  }
  const rows = [];
  for (const { frozenWeights, side, loss, milliseconds, processor } of sides) {
    const { peakBytes, importedBytes } = await side.end();
    rows.push([
      frozenWeights,
      `${((peakBytes - importedBytes) / 2 ** 20).toFixed(0)} MiB`,
      `${(median(milliseconds) / 1e3).toFixed(3)} s`,
      `${(median(processor) / 1e3).toFixed(3)} s`,
      loss.toFixed(5),
    ]);
  }
  console.log(table(['frozen weights', 'peak memory', 'an update', 'of processors', 'first loss'], rows));
}
