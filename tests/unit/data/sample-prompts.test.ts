import { describe, expect, it } from 'vitest';
import { samplePrompts } from '../../../gpu-worker/data/sample-prompts.js';
import { sequenceWriter } from '../../../gpu-worker/data/token-sequences.js';

function sequences(...each: [ids: number[], targets: number[]][]) {
  const writer = sequenceWriter();
  for (const [ids, targets] of each) writer.add(ids, Uint8Array.from(targets));
  return writer.all();
}

const plain = (prompts: ReturnType<typeof samplePrompts>) =>
  prompts.map(({ ids, expected }) => [Array.from(ids), Array.from(expected)]);

describe('samplePrompts', () => {
  it('divides a conversation before its first target', () => {
    expect(
      plain(
        samplePrompts(
          sequences([
            [1, 2, 3, 4, 5],
            [0, 0, 0, 1, 1],
          ]),
          3,
        ),
      ),
    ).toEqual([
      [
        [1, 2, 3],
        [4, 5],
      ],
    ]);
  });

  it('divides a text in its middle, and after 16 tokens at most', () => {
    const long = Array.from({ length: 50 }, (_, i) => i);
    const all = (ids: number[]): [number[], number[]] => [ids, ids.map((_, i) => (i === 0 ? 0 : 1))];
    expect(plain(samplePrompts(sequences(all([7, 8, 9]), all(long)), 3))).toEqual([
      [[7], [8, 9]],
      [long.slice(0, 16), long.slice(16)],
    ]);
  });

  it('passes over what has no target or no beginning, and stops at the count', () => {
    const given = sequences(
      [
        [1, 2],
        [0, 0],
      ],
      [[3], [0]],
      [
        [4, 5],
        [0, 1],
      ],
      [
        [6, 7],
        [0, 1],
      ],
    );
    expect(plain(samplePrompts(given, 1))).toEqual([[[4], [5]]]);
  });
});
