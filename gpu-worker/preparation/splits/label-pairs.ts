import type { UnitKinds } from './unit-kinds.js';

/**
 * Adds the pairs of labels of each row as labels of their own, for stratification of second order (Szymański and
 * Kajdanowicz 2017, “A Network Perspective on Stratification of Multi-Label Data”): pairs are rarer than labels, so
 * they are divided first, and labels that occur together do so in each split.
 *
 * A unit of several rows has a pair as often as the rarer of both labels: which of its rows have which is not known.
 *
 * @returns the kinds with their labels, which keep their numbers, and after them the pairs
 * @throws RangeError for more than `mostEntries` pairs of kinds, which would not fit in memory
 */
export function withLabelPairs(kinds: UnitKinds, mostEntries: number): UnitKinds {
  const { starts, labels, occurrences, labelCount } = kinds;
  let entries = labels.length;
  for (let kind = 0; kind < kinds.units.length; kind++) {
    const size = starts[kind + 1]! - starts[kind]!;
    entries += (size * (size - 1)) / 2;
  }
  if (entries > mostEntries) throw new RangeError(`${entries} labels and pairs of labels are more than ${mostEntries}`);
  const numbers = new Map<number, number>();
  const paired = {
    starts: new Int32Array(starts.length),
    labels: new Int32Array(entries),
    occurrences: new Int32Array(entries),
  };
  let end = 0;
  const add = (label: number, rows: number): void => {
    paired.labels[end] = label;
    paired.occurrences[end] = rows;
    end++;
  };
  for (let kind = 0; kind < kinds.units.length; kind++) {
    for (let i = starts[kind]!; i < starts[kind + 1]!; i++) {
      add(labels[i]!, occurrences[i]!);
      for (let j = starts[kind]!; j < i; j++) {
        const pair = Math.max(labels[i]!, labels[j]!) * labelCount + Math.min(labels[i]!, labels[j]!);
        const number = numbers.get(pair) ?? labelCount + numbers.size;
        numbers.set(pair, number);
        add(number, Math.min(occurrences[i]!, occurrences[j]!));
      }
    }
    paired.starts[kind + 1] = end;
  }
  return { ...kinds, ...paired, labelCount: labelCount + numbers.size };
}
