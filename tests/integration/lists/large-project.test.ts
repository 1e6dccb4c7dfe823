import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertPlace } from '../../support/listed-rows.js';
import { insertMany, type OneOfMany, valueKey } from '../../support/many-experiments.js';
import { insertBaseModel, insertDataset } from '../../support/rows.js';

/** What lists of a large project read, beside another project as large, and that it is what there is. */

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

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const isList = /\bCROSS JOIN LATERAL\b[\s\S]*\bexperiments e\b/;

/**
 * Runs the statement of a list again, planned for its parameters or for any, and returns how many pages it read. No
 * plan reads a table from end to end.
 */
async function pagesRead(variables: Record<string, unknown>, counted: boolean, plans: 'custom' | 'generic') {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  const { cursor } = await list(variables, counted);
  const statements = spy.mock.calls.map(([statement]) => statement as unknown as pg.QueryConfig);
  spy.mockRestore();
  const sent = statements.filter(({ text }) => isList.test(text));
  expect(sent).toHaveLength(counted ? 2 : 1);
  let pages = 0;
  for (const { text, values = [] } of sent) {
    const plan = await planOf(text, values, plans);
    const scanned = nodesOf(plan).filter((node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0);
    expect(scanned.map((node) => node['Relation Name'])).toEqual([]);
    pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  }
  return { pages, cursor };
}

async function planOf(text: string, parameters: readonly unknown[], plans: 'custom' | 'generic'): Promise<Plan> {
  const runner = api.dataSource.createQueryRunner();
  try {
    await runner.query(`SET plan_cache_mode = force_${plans}_plan`);
    await runner.query(`PREPARE listed AS ${text}`);
    const given = parameters.map(literal).join(', ');
    const [row] = await runner.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE listed(${given})`);
    return row['QUERY PLAN'][0].Plan;
  } finally {
    await runner.query('DEALLOCATE ALL');
    await runner.query('RESET plan_cache_mode');
    await runner.release();
  }
}

/** A parameter as text that EXECUTE takes. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((each) => JSON.stringify(String(each))).join(',')}}`);
  return value === null ? 'NULL' : pg.escapeLiteral(String(value));
}

describe.each(['custom', 'generic'] as const)('in a %s plan', (plans) => {
  // One page of 20 experiments takes 20 times the pages of a row and its indexes' paths; a table has thousands.
  test.each([
    ['the newest', {}, 300],
    ['by name', { orderBy: { field: 'NAME', direction: 'ASC' } }, 300],
    ['the best', { orderBy: { metric: valueKey, direction: 'DESC' } }, 600],
    ['the worst', { orderBy: { metric: valueKey, direction: 'ASC' } }, 600],
    ['a word of all', { filter: { text: 'classifier' } }, 400],
    ['a tag of all', { filter: { tags: ['all'] } }, 400],
    ['the best with a common word', { filter: { text: 'intent' }, orderBy: { metric: valueKey } }, 4_000],
  ] as const)('%s are found along an index, as few pages away behind hundreds', async (_, variables, most) => {
    const first = await pagesRead(variables, false, plans);
    expect(first.pages).toBeLessThan(most);
    const { cursor } = await list({ ...variables, first: 100 });
    let after = cursor;
    for (let page = 0; page < 8; page += 1) ({ cursor: after } = await list({ ...variables, first: 100, after }));
    const later = await pagesRead({ ...variables, after }, false, plans);
    expect(later.pages).toBeLessThan(most);
  });

  test.each([
    ['a rare word', { filter: { text: 'classifier 1998' } }],
    ['a word that occurs nowhere', { filter: { text: 'zebra' } }],
    ['a tag that is rare here', { filter: { tags: ['elsewhere'] } }],
    ['a label that is rare here', { filter: { label: 'seldom' } }],
    ['the best of a tag that is rare here', { filter: { tags: ['rare'] }, orderBy: { metric: valueKey } }],
  ] as const)('%s is found, and counted, by the index of terms', async (_, variables) => {
    // What is looked at of the newest experiments first is in this figure.
    expect((await pagesRead(variables, true, plans)).pages).toBeLessThan(16_000);
  });
});
