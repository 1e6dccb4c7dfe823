import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertPlace } from '../../support/listed-rows.js';
import { insertMany, type OneOfMany, valueKey } from '../../support/many-experiments.js';
import { insertBaseModel, insertDataset } from '../../support/rows.js';

/** Lists of a large project, beside another project as large, have what there is. */

const many = 5_000;
/** Of one statement of those that insert them. */
const atOnce = 500;
const subjects = ['spam', 'topic', 'mood', 'intent', 'invoice', 'churn', 'review', 'ticket', 'legal', 'Ärger 50%'];

/** Of a hundred runs one recorded NaN and one nothing; about eight have the same value. */
function measured(i: number): number | null {
  if (i % 97 === 0) return Number.NaN;
  return i % 89 === 0 ? null : ((i * 7919) % 1_009) / 10 - 50;
}

const experiments = Array.from(
  { length: many },
  (_, i): OneOfMany => ({
    name: `${subjects[i % subjects.length]} classifier ${i}`,
    notes: i % 50 === 0 ? `Learns slowly\nafter step ${i}` : '',
    tags: i === 17 ? ['all', 'rare', 'elsewhere'] : ['all'],
    label: i === 23 ? 'seldom' : 'spam',
    value: measured(i),
  }),
);

let api: TestApi;

async function insertAll(place: Parameters<typeof insertMany>[1], all: readonly OneOfMany[]): Promise<string[]> {
  const made: string[] = [];
  for (let from = 0; from < all.length; from += atOnce) {
    made.push(...(await insertMany(api.dataSource, place, all.slice(from, from + atOnce), from)));
  }
  return made;
}
let numbers: ReadonlyMap<string, number>;
beforeAll(async () => {
  api = await startTestApi();
  numbers = new Map((await insertAll(await insertPlace(api, 'large'), experiments)).map((id, i) => [id, i]));
  const other = randomUUID();
  await api.dataSource.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'other', 'Other')`, [other]);
  const place = {
    projectId: other,
    baseModelId: await insertBaseModel(api.dataSource, other, { name: 'base' }),
    datasetVersionId: (await insertDataset(api.dataSource, other, { name: 'data' })).versionIds[0]!,
  };
  // All of it is better, and has what is seldom in the project that is read.
  const others = experiments.map(({ name, value }) => ({
    name: `${name} zebra`,
    notes: '',
    tags: ['elsewhere'],
    label: 'seldom',
    value: value === null ? 1 : value + 1_000,
  }));
  await insertAll(place, others);
  await api.dataSource.query('VACUUM ANALYZE');
}, 300_000);
afterAll(() => api?.close());

interface Found {
  readonly numbers: readonly number[];
  readonly count: number | undefined;
  readonly cursor: string | null;
}

async function list(variables: Record<string, unknown>, counted = false): Promise<Found> {
  const { project } = await api.request<{
    project: {
      experiments: { nodes: { id: string }[]; totalCount?: number; pageInfo: { endCursor: string | null } };
    };
  }>(
    /* GraphQL */ `query ($filter: ExperimentFilter, $orderBy: ExperimentOrder, $first: Int! = 20, $after: String, $counted: Boolean!) {
      project { experiments(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { id } totalCount @include(if: $counted) pageInfo { endCursor } } } }`,
    { ...variables, counted },
  );
  const { nodes, totalCount, pageInfo } = project.experiments;
  return {
    numbers: nodes.map(({ id }) => numbers.get(parseGlobalId(id)!.uuid)!),
    count: totalCount,
    cursor: pageInfo.endCursor,
  };
}

const newestFirst = experiments.map((_, i) => i).reverse();

describe('what is found', () => {
  test('is what has the words in it, whatever they are', async () => {
    const words = fc.integer({ min: 0, max: many - 1 }).chain((i) => {
      const text = `${experiments[i]!.name} ${experiments[i]!.notes}`;
      const part = fc
        .tuple(fc.integer({ min: 0, max: text.length - 1 }), fc.integer({ min: 1, max: 12 }))
        .map(([from, length]) => text.slice(from, from + length));
      return fc.array(fc.oneof({ weight: 4, arbitrary: part }, { weight: 1, arbitrary: fc.string({ maxLength: 4 }) }), {
        minLength: 1,
        maxLength: 3,
      });
    });
    await fc.assert(
      fc.asyncProperty(words, async (parts) => {
        const text = parts.join(' ').replaceAll('\0', '');
        const wanted = text.toLowerCase().split(/\s+/u).filter(Boolean);
        const matches = newestFirst.filter((i) => {
          const searched = `${experiments[i]!.name}\n${experiments[i]!.notes}`.toLowerCase();
          return wanted.every((word) => searched.includes(word));
        });
        const found = await list({ filter: { text } }, true);
        expect(found.numbers).toEqual(matches.slice(0, 20));
        expect(found.count).toBe(matches.length);
      }),
      { numRuns: 40 },
    );
  });

  test('by a tag or a label is of this project alone', async () => {
    expect(await list({ filter: { tags: ['elsewhere'] } }, true)).toMatchObject({ numbers: [17], count: 1 });
    expect(await list({ filter: { tags: ['all', 'rare'] } }, true)).toMatchObject({ numbers: [17], count: 1 });
    expect(await list({ filter: { label: 'seldom' } }, true)).toMatchObject({ numbers: [23], count: 1 });
    expect(await list({ filter: { text: 'zebra' } }, true)).toMatchObject({ numbers: [], count: 0 });
    expect(await list({ filter: { tags: ['all'] } }, true)).toMatchObject({ count: many });
  });

  test.each(['ASC', 'DESC'] as const)(
    'by a metric %s comes in its order: numbers, NaN, none',
    async (direction) => {
      const rank = (i: number): number => {
        const { value } = experiments[i]!;
        return value === null ? 2 : Number.isNaN(value) ? 1 : 0;
      };
      const sign = direction === 'ASC' ? 1 : -1;
      const expected = [...newestFirst].sort((a, b) => {
        const byRank = rank(a) - rank(b);
        return byRank !== 0 || rank(a) > 0 ? byRank : sign * (experiments[a]!.value! - experiments[b]!.value!);
      });
      const found: number[] = [];
      let after: string | null = null;
      do {
        const page: Found = await list({ orderBy: { metric: valueKey, direction }, first: 100, after });
        found.push(...page.numbers);
        after = page.numbers.length === 100 ? page.cursor : null;
      } while (after !== null);
      expect(found).toEqual(expected);
    },
    120_000,
  );
});
