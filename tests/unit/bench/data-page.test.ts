import { expect, test } from 'vitest';
import { document, type Measured, withSections } from '../../../bench/data/document.js';
import { works } from '../../../bench/data/works.js';

const circumstances = {
  machine: {
    processor: 'a processor',
    instructionSets: ['AVX2'],
    processors: 2,
    memoryBytes: 2 ** 34,
    node: 'v20',
    kernel: '6',
    onnxruntime: '1',
  },
  threads: 2,
  versions: {
    python: '3',
    pandas: '3',
    pyarrow: '26',
    datasets: '5',
    'text-dedup': '0',
    'presidio-analyzer': '2',
  },
  date: '2026-01-01',
};

/** What was measured of a work, whose times are `seconds` on Attune's side and 10 on the other. */
function measured(work: (typeof works)[number], seconds: number): Measured {
  const side = (own: number) => ({
    seconds: own,
    processorSeconds: own,
    peakBytes: 2 ** 20,
    importedBytes: 0,
    agreed: {},
  });
  const times = { version: [seconds], 'version processor': [seconds], file: [seconds], 'file processor': [seconds] };
  const attune = work.name === 'preview' ? { ...side(seconds), figures: times } : side(seconds);
  return { work, rows: work.rows, attune: [attune], peer: work.peer === null ? [] : [side(10)], peerShare: 1 };
}

const sectionsOf = (page: string) => page.split(/\n(?=## )/);

test('a run of some works writes their sections anew, and leaves all others', () => {
  const before = document(
    works.map((work) => measured(work, 5)),
    circumstances,
  );
  for (const work of works) {
    const after = withSections(before, [measured(work, 2)], '2026-02-02');
    const changed = sectionsOf(after).filter((section, i) => section !== sectionsOf(before)[i]);
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain('2026-02-02');
    expect(changed[0]).toContain(work.peer === null ? '| 2.00 s |' : '| **5.0** |');
    expect(sectionsOf(after)).toHaveLength(works.length + 2);
  }
});

test('a page without the section is refused', () => {
  expect(() => withSections('# Another page\n', [measured(works[0]!, 2)], '2026-02-02')).toThrow('has no section');
});
