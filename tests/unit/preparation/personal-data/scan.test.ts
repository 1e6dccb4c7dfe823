import { expect, test } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { seeded } from './draw.js';
import { plantedTexts } from './planted.js';

const { kinds } = usualScan;
const scan = createScan(usualScan);

test('planted values are found, and what looks like one is not', () => {
  const texts = plantedTexts(seeded(13), 400);
  const counts = Object.fromEntries(kinds.map((kind) => [kind, { planted: 0, right: 0, found: 0, named: 0 }]));
  const missed: string[] = [];
  const wrong: string[] = [];
  for (const { text, planted } of texts) {
    const findings = scan(text);
    for (const finding of findings) counts[finding.kind]!.found++;
    if (planted) counts[planted.kind]!.planted++;
    const right = findings.find(
      ({ kind, start, end }) => planted && kind === planted.kind && start === planted.start && end === planted.end,
    );
    if (right) counts[right.kind]!.right++;
    if (right && right.detail === planted?.detail) counts[right.kind]!.named++;
    if (planted && !right) missed.push(`${planted.kind} ${planted.detail}: ${text}`);
    for (const finding of findings) {
      if (finding !== right) wrong.push(`${finding.kind} ${finding.detail} ${finding.confidence}: ${text}`);
    }
  }
  for (const kind of kinds) {
    const { planted, right, found, named } = counts[kind]!;
    expect(planted).toBe(400);
    expect(right / planted, `recall of ${kind}: ${missed[0]}`).toBeGreaterThanOrEqual(0.95);
    expect(right / found, `precision of ${kind}: ${wrong[0]}`).toBeGreaterThanOrEqual(0.95);
    // A number in the form of several regions is named by the first, so phones are left out.
    if (kind !== 'PHONE') expect(named / right, `detail of ${kind}`).toBeGreaterThanOrEqual(0.95);
  }
});
