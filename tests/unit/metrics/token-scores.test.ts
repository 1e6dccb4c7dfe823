import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { scoreEntities } from '../../../gpu-worker/metrics/entity-scores.js';
import { spansOf } from '../../../gpu-worker/metrics/tag-spans.js';
import { scoreTags } from '../../../gpu-worker/metrics/token-scores.js';
import { TaskScores } from '../../../src/protocol/evaluation-scores.js';
import reference from '../../numerics/reference/head-scores.reference.json' with { type: 'json' };
import { expectNumbersClose } from './numbers-close.js';

const { labels, examples } = reference.tokens;
const tagsOf = (numbers: readonly number[]) => numbers.map((c) => labels[c]!);
/** Logits whose highest is that of each given tag, with a margin of 2. */
const logitsFor = (predicted: readonly number[], count: number) =>
  Float32Array.from(predicted.flatMap((p) => Array.from({ length: count }, (_, c) => (c === p ? 2 : 0))));

describe('spansOf', () => {
  const iob2 = (...tags: string[]) => spansOf(tags, 'iob2').map(({ label, first, last }) => [label, first, last]);

  it('reads what IOB2 says', () => {
    expect(iob2('B-PER', 'I-PER', 'O', 'B-LOC', 'B-LOC', 'I-LOC')).toEqual([
      ['PER', 0, 1],
      ['LOC', 3, 3],
      ['LOC', 4, 5],
    ]);
  });

  it('begins an entity where I follows nothing, or another type', () => {
    expect(iob2('I-PER', 'I-LOC', 'I-LOC', 'O', 'I-PER')).toEqual([
      ['PER', 0, 0],
      ['LOC', 1, 2],
      ['PER', 4, 4],
    ]);
  });

  it('keeps types with hyphens, and tags without a type', () => {
    expect(iob2('B-date-of-birth', 'I-date-of-birth', 'B', 'I')).toEqual([
      ['date-of-birth', 0, 1],
      ['_', 2, 3],
    ]);
  });

  it('joins runs of a plain tag', () => {
    expect(spansOf(['DET', 'NOUN', 'NOUN', 'O', 'NOUN'], 'plain')).toEqual([
      { label: 'DET', first: 0, last: 0 },
      { label: 'NOUN', first: 1, last: 2 },
      { label: 'NOUN', first: 4, last: 4 },
    ]);
    expect(spansOf(['B-X', 'I-X'], 'plain')).toHaveLength(2);
  });

  it('finds the entities that seqeval finds', () => {
    const found = examples.map(([, predicted]) => iob2(...tagsOf(predicted!)));
    expect(found).toEqual(reference.tokens.spans);
  });

  it('covers each tagged word once, in order', () => {
    const tag = fc.constantFrom('O', 'B-A', 'I-A', 'B-B', 'I-B');
    fc.assert(
      fc.property(fc.array(tag), (tags) => {
        const words = spansOf(tags, 'iob2').flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(words).toEqual([...tags.keys()].filter((word) => tags[word] !== 'O'));
      }),
    );
  });
});

describe('scoreTags', () => {
  const lengths = examples.map(([actual]) => actual!.length);
  /** Between the words a token that does not count, with logits for a wrong tag. */
  const spread = (side: 0 | 1, filler: number) =>
    examples.flatMap((example) => example[side]!.flatMap((c) => [c, filler]));
  const offsets = Int32Array.from([
    0,
    ...lengths.map((_, i) => 2 * lengths.slice(0, i + 1).reduce((a, b) => a + b, 0)),
  ]);
  const targets = { tags: Int32Array.from(spread(0, noTarget)), offsets };
  const task = { task: 'entities', labels, scheme: 'iob2' } as const;
  const scores = scoreTags(task, logitsFor(spread(1, 5), labels.length), targets);

  it('has the entities of seqeval, with sequences that IOB2 forbids', () => {
    const { perType = [], ...averages } = scores.entities!;
    expectNumbersClose(
      { ...averages, perType: perType.map(({ predicted, truePositives, ...each }) => each) },
      reference.tokens.entities,
      1e-12,
    );
    expect(scores.accuracy).toBeCloseTo(reference.tokens.accuracy, 12);
    expect(scores).toMatchObject({ exampleCount: examples.length, wordCount: lengths.reduce((a, b) => a + b, 0) });
    expect(TaskScores.parse(JSON.parse(JSON.stringify(scores)))).toEqual(scores);
  });

  it('counts tags and entities by hand', () => {
    const tags = ['O', 'B-X', 'I-X'];
    // Truth: X over words 0 and 1 | X at word 0. Predicted: X at word 0, X at word 1 | X at word 0.
    const found = scoreTags({ task: 't', labels: tags, scheme: 'iob2' }, logitsFor([1, 1, 0, 1, 0], 3), {
      tags: Int32Array.of(1, 2, 0, 1, 0),
      offsets: Int32Array.of(0, 3, 5),
    });
    expect(found.accuracy).toBe(4 / 5);
    // Five words at ln(1 + 2e⁻²), one of them 2 more.
    expect(found.loss).toBeCloseTo(Math.log1p(2 * Math.exp(-2)) + 2 / 5, 6);
    expect(found.perTag).toEqual([
      { label: 'O', precision: 1, recall: 1, f1: 1, support: 2, predicted: 2, truePositives: 2 },
      { label: 'B-X', precision: 2 / 3, recall: 1, f1: 4 / 5, support: 2, predicted: 3, truePositives: 2 },
      { label: 'I-X', precision: 0, recall: 0, f1: 0, support: 1, predicted: 0, truePositives: 0 },
    ]);
    expect(found.entities?.perType).toEqual([
      { label: 'X', precision: 1 / 3, recall: 1 / 2, f1: 2 / 5, support: 2, predicted: 3, truePositives: 1 },
    ]);
    expect(found.entities?.micro).toEqual({ precision: 1 / 3, recall: 1 / 2, f1: 2 / 5 });
  });

  it('misses entities of types that the head does not know, as seqeval does', () => {
    const tags = ['O', 'B-X'];
    // Truth: X | an entity of type Y over two words | O. Predicted: X | O, X | O.
    const found = scoreTags({ task: 't', labels: tags, scheme: 'iob2' }, logitsFor([1, 0, 1, 0], 2), {
      tags: Int32Array.of(1, 2, 3, 0),
      offsets: Int32Array.of(0, 1, 3, 4),
      unknown: ['B-Y', 'I-Y'],
    });
    expect(found).toMatchObject({ wordCount: 4, accuracy: 2 / 4 });
    expect(found.loss).toBeCloseTo(Math.log1p(Math.exp(-2)), 6);
    expect(found.perTag).toMatchObject([
      { label: 'O', predicted: 2, support: 1, precision: 1 / 2 },
      { label: 'B-X', predicted: 2, support: 1, precision: 1 / 2 },
    ]);
    expect(found.entities?.perType).toMatchObject([
      { label: 'X', support: 1, predicted: 2, truePositives: 1 },
      { label: 'Y', support: 1, predicted: 0, truePositives: 0, recall: 0 },
    ]);
    expect(found.entities?.micro).toEqual({ precision: 1 / 2, recall: 1 / 2, f1: 1 / 2 });
    expect(found.unknown).toMatchObject({ count: 2, labelCount: 2 });
  });

  it('does not join entities across examples', () => {
    const found = scoreEntities([
      { actual: ['B-X'], predicted: ['B-X'] },
      { actual: ['I-X'], predicted: ['I-X'] },
    ]);
    expect(found.perType[0]).toMatchObject({ support: 2, truePositives: 2 });
  });

  it('has no entities of plain tags, and zeros without a word', () => {
    const plain = { task: 't', labels: ['DET', 'NOUN'], scheme: 'plain' } as const;
    const found = scoreTags(plain, logitsFor([0, 1], 2), { tags: Int32Array.of(0, 1), offsets: Int32Array.of(0, 2) });
    expect(found).toMatchObject({ entities: null, accuracy: 1, macro: { f1: 1 } });
    const none = scoreTags(plain, logitsFor([0], 2), { tags: Int32Array.of(noTarget), offsets: Int32Array.of(0, 1) });
    expect(none).toMatchObject({ exampleCount: 0, wordCount: 0, accuracy: 0, loss: 0 });
  });
});
