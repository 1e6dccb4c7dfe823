import { drawBinomial } from './draw-binomial.js';
import { type Random, uniform } from './random.js';

/** Drawing a unit takes about a tenth of the time that drawing a binomial number takes. */
const drawsPerBinomial = 10;

/**
 * Draws as many units as there are, with replacement, where units of one kind can not be told apart: how often each
 * kind is drawn is a multinomial number. With few kinds it is drawn kind by kind, given those before, in a time that
 * does not depend on the number of units; with many, unit by unit.
 *
 * @param counts [kinds] whole numbers: units of each kind
 * @returns writes a sample's counts into its argument, [kinds]
 */
export function createResampler(counts: ArrayLike<number>, random: Random): (drawn: Float64Array) => void {
  let total = 0;
  for (let kind = 0; kind < counts.length; kind++) total += counts[kind]!;
  if (counts.length * drawsPerBinomial < total) return (drawn) => drawKinds(counts, total, random, drawn);
  const kindOf = new Int32Array(total);
  for (let kind = 0, unit = 0; kind < counts.length; kind++) {
    kindOf.fill(kind, unit, unit + counts[kind]!);
    unit += counts[kind]!;
  }
  return (drawn) => {
    drawn.fill(0);
    for (let draw = 0; draw < total; draw++) drawn[kindOf[Math.floor(uniform(random) * total)]!]!++;
  };
}

function drawKinds(counts: ArrayLike<number>, total: number, random: Random, drawn: Float64Array): void {
  let [drawsLeft, unitsLeft] = [total, total];
  for (let kind = 0; kind < counts.length; kind++) {
    const count = unitsLeft > 0 ? drawBinomial(random, drawsLeft, counts[kind]! / unitsLeft) : 0;
    drawn[kind] = count;
    drawsLeft -= count;
    unitsLeft -= counts[kind]!;
  }
}
