import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Division, divideUnits } from '../../../../gpu-worker/preparation/splits/divide-units.js';
import { packKinds, type UnitKind } from '../../../support/unit-kinds.js';

const plain = { seed: 7, order: 1, coverLabels: false } as const;

/** Kinds of single rows from their label sets. */
function rowsOf(labelSets: readonly (readonly number[])[]): UnitKind[] {
  return kindsOf(labelSets.map((labels) => ({ rows: 1, labels, occurrences: labels.map(() => 1) })));
}

function kindsOf(each: readonly Omit<UnitKind, 'units'>[]): UnitKind[] {
  const kinds = new Map<string, UnitKind>();
  for (const unit of each) {
    const key = JSON.stringify(unit);
    kinds.set(key, { ...unit, units: (kinds.get(key)?.units ?? 0) + 1 });
  }
  return [...kinds.values()];
}

function labelCountOf(kinds: readonly UnitKind[]): number {
  return 1 + Math.max(-1, ...kinds.flatMap(({ labels }) => labels));
}

/** For each split: rows, rows of each label, rows of each pair of labels, units of each label. */
function divide(kinds: readonly UnitKind[], division: Division) {
  const labelCount = labelCountOf(kinds);
  const shares = divideUnits(packKinds(kinds, labelCount), division);
  const splits = division.fractions.map(() => ({
    rows: 0,
    labels: new Array<number>(labelCount).fill(0),
    units: new Array<number>(labelCount).fill(0),
    pairs: new Map<string, number>(),
  }));
  for (const [kind, { rows, labels, occurrences }] of kinds.entries()) {
    for (const [split, counts] of splits.entries()) {
      const units = shares[kind * splits.length + split]!;
      counts.rows += units * rows;
      for (const [i, label] of labels.entries()) {
        counts.labels[label]! += units * occurrences[i]!;
        counts.units[label]! += units;
        for (const other of labels.slice(0, i)) {
          const pair = `${other} ${label}`;
          counts.pairs.set(pair, (counts.pairs.get(pair) ?? 0) + units);
        }
      }
    }
  }
  return { shares, splits };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

describe('divideUnits: rows of one label', () => {
  test('gives each fold its share of each class exactly, where it is whole', () => {
    const { splits } = divide(
      [
        { units: 50, rows: 1, labels: [0], occurrences: [1] },
        { units: 10, rows: 1, labels: [1], occurrences: [1] },
      ],
      { ...plain, fractions: [0.8, 0.1, 0.1] },
    );
    expect(splits.map(({ labels }) => labels)).toEqual([
      [40, 8],
      [5, 1],
      [5, 1],
    ]);
  });

  test('rounds as largest remainders do', () => {
    // Quotas 5.6, 0.7, 0.7 and 2.4, 0.3, 0.3.
    const of = (units: number) =>
      divide([{ units, rows: 1, labels: [0], occurrences: [1] }], { ...plain, fractions: [0.8, 0.1, 0.1] });
    expect(of(7).splits.map(({ rows }) => rows)).toEqual([5, 1, 1]);
    expect(of(3).splits.map(({ rows }) => rows)).toEqual([3, 0, 0]);
  });

  test('covers a class of as many rows as splits', () => {
    const kinds = [
      { units: 100, rows: 1, labels: [0], occurrences: [1] },
      { units: 3, rows: 1, labels: [1], occurrences: [1] },
    ];
    const { splits } = divide(kinds, { ...plain, coverLabels: true, fractions: [0.8, 0.1, 0.1] });
    expect(splits.map(({ labels }) => labels[1])).toEqual([1, 1, 1]);
    expect(sum(splits.map(({ rows }) => rows))).toBe(103);
  });

  test('folds differ by at most one row, and by at most one row of each class', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 10 }), fc.nat(), (classes, folds, seed) => {
        const kinds = classes.map((units, label) => ({ units, rows: 1, labels: [label], occurrences: [1] }));
        const { splits } = divide(kinds, { ...plain, seed, fractions: new Array(folds).fill(1 / folds) });
        const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);
        expect(spread(splits.map(({ rows }) => rows))).toBeLessThanOrEqual(1);
        for (const label of classes.keys()) {
          expect(spread(splits.map(({ labels }) => labels[label]!))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

const unit = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    labels: fc.uniqueArray(fc.nat(7), { maxLength: 4 }),
    wishes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 4, maxLength: 4 }),
  })
  .map(({ rows, labels, wishes }) => ({
    rows,
    labels: labels.toSorted((a, b) => a - b),
    occurrences: labels.map((_, i) => Math.min(rows, wishes[i]!)),
  }));
const units = fc.array(unit, { minLength: 1, maxLength: 120 }).map(kindsOf);
const fractions = fc.constantFrom([1], [0.5, 0.5], [0.8, 0.1, 0.1], [0.7, 0.2, 0.05, 0.05], new Array(5).fill(0.2));
const order = fc.constantFrom(1 as const, 2 as const);

describe('divideUnits: laws', () => {
  test('each unit is in one split, and the same seed gives the same shares', () => {
    fc.assert(
      fc.property(units, fractions, order, fc.boolean(), fc.nat(), (kinds, parts, pairs, coverLabels, seed) => {
        const division = { fractions: parts, seed, order: pairs, coverLabels };
        const { shares } = divide(kinds, division);
        for (const [kind, { units: count }] of kinds.entries()) {
          const own = shares.subarray(kind * parts.length, (kind + 1) * parts.length);
          expect(own.every((share) => share >= 0)).toBe(true);
          expect(sum([...own])).toBe(count);
        }
        expect(divide(kinds, division).shares).toEqual(shares);
      }),
    );
  });

  test('a label in as many units as there are splits is in every split, unless a unit has several such labels', () => {
    const single = unit.map(({ rows, labels, occurrences }) => ({
      rows,
      labels: labels.slice(0, 1),
      occurrences: occurrences.slice(0, 1),
    }));
    const singles = fc.array(single, { minLength: 1, maxLength: 120 }).map(kindsOf);
    fc.assert(
      fc.property(singles, fractions, order, fc.nat(), (kinds, parts, pairs, seed) => {
        const { splits } = divide(kinds, { fractions: parts, seed, order: pairs, coverLabels: true });
        for (let label = 0; label < labelCountOf(kinds); label++) {
          const counts = splits.map((split) => split.units[label]!);
          if (sum(counts) >= parts.length) expect(Math.min(...counts)).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('rows without labels and groups miss the fractions by the largest group at most', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fractions, fc.nat(), (groups, parts, seed) => {
        const kinds = kindsOf(groups.map((rows) => ({ rows, labels: [], occurrences: [] })));
        const { splits } = divide(kinds, { ...plain, seed, fractions: parts });
        const total = sum(groups);
        for (const [split, { rows }] of splits.entries()) {
          expect(Math.abs(rows - parts[split]! * total)).toBeLessThanOrEqual(Math.max(...groups));
        }
      }),
    );
  });
});

interface Reference {
  readonly labelSets: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly stratified: readonly {
    readonly rows: string;
    readonly fractions: readonly number[];
    readonly peers: readonly {
      readonly library: string;
      readonly order: number;
      readonly labels: number;
      readonly pairs: number;
    }[];
  }[];
  readonly groupedRows: Readonly<Record<string, readonly (readonly [group: number, label: number])[]>>;
  readonly grouped: readonly {
    readonly rows: string;
    readonly folds: number;
    readonly labels: number;
    readonly sizes: number;
  }[];
}

/** Made by stratification.reference.py: figures of Python's libraries on drawn rows. */
const reference = JSON.parse(
  readFileSync(new URL('stratification.reference.json', import.meta.url), 'utf8'),
) as Reference;
const seeds = [0, 1, 2, 3, 4];
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Sechidis et al. 2011, measure LD: mean over labels and splits of the difference of odds. */
function deviation(counts: readonly (readonly number[])[], sizes: readonly number[]): number {
  const rows = sum(sizes);
  return mean(
    counts.map((ofLabel) => {
      const all = sum(ofLabel);
      const whole = all / (rows - all);
      return mean(ofLabel.map((count, split) => Math.abs(count / Math.max(sizes[split]! - count, 1) - whole)));
    }),
  );
}

describe('divideUnits beside Python’s libraries', () => {
  test.each(reference.stratified)('rows of several labels: $rows, $fractions', ({ rows, fractions: parts, peers }) => {
    const kinds = rowsOf(reference.labelSets[rows]!);
    const measured = (pairs: 1 | 2) =>
      seeds.map((seed) => {
        const { splits } = divide(kinds, { fractions: parts, seed, order: pairs, coverLabels: false });
        const sizes = splits.map((split) => split.rows);
        const labels = splits[0]!.labels.map((_, label) => splits.map((split) => split.labels[label]!));
        const names = new Set(splits.flatMap((split) => [...split.pairs.keys()]));
        const ofPairs = [...names].map((name) => splits.map((split) => split.pairs.get(name) ?? 0));
        return { labels: deviation(labels, sizes), pairs: deviation(ofPairs, sizes) };
      });
    // Of first order no peer divides labels better; of second order none divides pairs, and none of that order labels.
    const first = mean(measured(1).map(({ labels }) => labels));
    const second = measured(2);
    for (const peer of peers) {
      expect(first).toBeLessThanOrEqual(peer.labels * 1.000001);
      expect(mean(second.map(({ pairs }) => pairs))).toBeLessThanOrEqual(peer.pairs);
      if (peer.order === 2) expect(mean(second.map(({ labels }) => labels))).toBeLessThanOrEqual(peer.labels);
    }
  });

  test.each(reference.grouped)('groups of rows: $rows, $folds folds', ({ rows, folds, ...peer }) => {
    const byGroup = new Map<number, Map<number, number>>();
    for (const [group, label] of reference.groupedRows[rows]!) {
      const counts = byGroup.get(group) ?? new Map<number, number>();
      byGroup.set(group, counts.set(label, (counts.get(label) ?? 0) + 1));
    }
    const kinds = kindsOf(
      [...byGroup.values()].map((counts) => {
        const entries = [...counts].sort(([a], [b]) => a - b);
        return {
          rows: sum(entries.map(([, count]) => count)),
          labels: entries.map(([label]) => label),
          occurrences: entries.map(([, count]) => count),
        };
      }),
    );
    const measured = seeds.map((seed) => {
      const { splits } = divide(kinds, { ...plain, seed, fractions: new Array(folds).fill(1 / folds) });
      const total = sum(splits.map((split) => split.rows));
      const whole = splits[0]!.labels.map((_, label) => sum(splits.map((split) => split.labels[label]!)) / total);
      return {
        labels: mean(
          splits.flatMap((split) => whole.map((share, label) => Math.abs(split.labels[label]! / split.rows - share))),
        ),
        sizes: mean(splits.map((split) => Math.abs(split.rows / total - 1 / folds))),
      };
    });
    // As good as StratifiedGroupKFold, to 5 %.
    expect(mean(measured.map(({ labels }) => labels))).toBeLessThanOrEqual(peer.labels * 1.05);
    expect(mean(measured.map(({ sizes }) => sizes))).toBeLessThanOrEqual(peer.sizes);
  });
});
