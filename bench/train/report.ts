import { median, sum } from '../statistics.js';
import type { RowResult, SideResult } from './results.js';
import type { Row } from './rows.js';

/** Prints what was measured of a row. */
export function report(row: Row, { attune, pytorch, ratios, minutes }: RowResult): void {
  if (pytorch === null) {
    console.log(`  peak memory ${mib(attune)}`);
    return;
  }
  const processor = processorPerExample(pytorch) / processorPerExample(attune);
  console.log(
    `  ratio ${median(ratios).toFixed(2)} (goal ${row.goal}), processor time ${processor.toFixed(2)}, ` +
      `peak memory ${mib(attune)} against ${mib(pytorch)}: ${(attune.peakBytes / pytorch.peakBytes).toFixed(2)}; ` +
      `${minutes.toFixed(1)} minutes`,
  );
  for (const [name, side] of Object.entries({ Attune: attune, PyTorch: pytorch })) {
    if (side.evaluations.length === 0) continue;
    const scores = side.evaluations.map(({ accuracy, loss }) => `${accuracy.toFixed(4)} (loss ${loss.toFixed(4)})`);
    console.log(`  ${name}: accuracy ${scores.join(', ')}; ${sum(side.seconds).toFixed(0)} s`);
  }
}

function mib({ peakBytes }: SideResult): string {
  return `${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
}

function processorPerExample({ processorSeconds, examples }: SideResult): number {
  return sum(processorSeconds) / sum(examples);
}
