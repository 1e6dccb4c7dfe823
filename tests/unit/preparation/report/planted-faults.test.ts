import { describe, expect, it } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import type { FrozenEncoder } from '../../../../gpu-worker/preparation/report/frozen-features.js';
import { reportDataset } from '../../../../gpu-worker/preparation/report/report-dataset.js';
import { nearMatch } from '../../../../gpu-worker/preparation/report/suggested-steps.js';
import type { ReportFindingCode } from '../../../../src/protocol/preparation/report-finding.js';
import { type PlantedFaults, plantFaults } from '../../../support/planted-faults.js';
import { openReportRoom } from '../../../support/report-file.js';

const planted = 8;
const seeds = [1, 2, 3, 4, 5];

/** A probe is right about most labels; one address is not told from a version's number by the words around it. */
const leastOf: Partial<Record<ReportFindingCode, number>> = { LIKELY_LABEL_ERRORS: 0.7, PERSONAL_DATA: 0.95 };

/** Counts of hashed words, scaled to length 1: as frozen as any encoder, and quick. */
const hashedWords: FrozenEncoder = {
  dimensions: 128,
  encode: async (texts) => {
    const all = new Float32Array(texts.length * 128);
    for (const [i, { text }] of texts.entries()) {
      const vector = all.subarray(i * 128, (i + 1) * 128);
      for (const word of text.toLowerCase().split(/\s+/)) {
        let hash = 7;
        for (const character of word) hash = Math.imul(hash, 31) + character.codePointAt(0)!;
        vector[(hash >>> 3) & 127]!++;
      }
      const length = Math.sqrt(vector.reduce((sum, each) => sum + each * each, 0));
      for (let d = 0; d < 128; d++) vector[d]! /= length;
    }
    return all;
  },
};

async function reportOn(faults: PlantedFaults) {
  await using room = await openReportRoom();
  const types = { text: 'VARCHAR', label: 'VARCHAR', folder: 'VARCHAR', hour: 'BIGINT' };
  const file = await room.write(types, { text: 'TEXT', label: 'LABEL' }, faults.rows);
  return await reportDataset(
    room.tools,
    file,
    {
      model: null,
      scanPersonalData: createScan({
        kinds: ['EMAIL', 'PAYMENT_CARD', 'IBAN', 'IP_ADDRESS', 'PHONE'],
        phoneRegions: [],
        leastConfidence: 0.5,
      }),
      detectLanguage: null,
      encoder: hashedWords,
      near: nearMatch,
    },
    { fewExamples: 2, readRows: 10_000, encodedRows: 10_000, seed: 1 },
  );
}

describe('planted faults', () => {
  it('are found, and little else is', async () => {
    const faultOf: Partial<Record<ReportFindingCode, keyof Omit<PlantedFaults, 'rows'>>> = {
      DUPLICATES_ACROSS_SPLITS: 'leaks',
      NORMALIZED_DUPLICATES: 'copies',
      NEAR_DUPLICATES: 'nearCopies',
      DAMAGED_ENCODING: 'mojibake',
      PERSONAL_DATA: 'personalData',
      LABEL_VARIANTS: 'labelVariants',
      LIKELY_LABEL_ERRORS: 'flippedLabels',
    };
    const measured = Object.fromEntries(Object.keys(faultOf).map((code) => [code, { found: 0, right: 0 }]));
    const beside = new Set<ReportFindingCode>();
    let giveAways = 0;
    for (const seed of seeds) {
      const faults = plantFaults(seed, 600, planted);
      for (const finding of (await reportOn(faults)).findings) {
        const kind = faultOf[finding.code];
        if (kind !== undefined) {
          const measure = measured[finding.code]!;
          measure.found += finding.count;
          measure.right += finding.examples.filter(({ row }) => faults[kind].has(row)).length;
        } else if (finding.code === 'COLUMN_GIVES_LABEL_AWAY') {
          giveAways++;
          expect(finding.columns).toEqual(['folder', 'label']);
        } else beside.add(finding.code);
      }
    }
    const total = planted * seeds.length;
    const table = Object.entries(measured).map(([code, { found, right }]) => ({
      code,
      recall: right / total,
      precision: right / found,
    }));
    console.table(table);
    // Variants are classes of their own, rare and missing in the test split; and some words are of one topic alone.
    expect([...beside].sort()).toEqual([
      'CLASS_MISSING_IN_SPLIT',
      'FEW_EXAMPLES',
      'IMBALANCED_LABELS',
      'WORD_GIVES_LABEL_AWAY',
    ]);
    expect(giveAways).toBe(seeds.length);
    for (const { code, recall, precision } of table) {
      const least = leastOf[code as ReportFindingCode] ?? 1;
      expect(recall, code).toBeGreaterThanOrEqual(least);
      expect(precision, code).toBeGreaterThanOrEqual(least);
    }
  });
});
