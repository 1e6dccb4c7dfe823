import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { createKnownProjects } from '../../../src/projects/known-projects.js';
import { insertProject } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { countStatements } from '../../support/statements.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const idOf = async (slug: string): Promise<string | null> => {
  const query = 'query ($slug: String!) { project(slug: $slug) { id } }';
  const { project } = await api.request<{ project: { id: string } | null }>(query, { slug });
  return project?.id ?? null;
};
const remove = (slug: string) => api.dataSource.query('DELETE FROM projects WHERE slug = $1', [slug]);

test('a project is looked up once for many operations, and its name each time', async () => {
  const id = await insertProject(api.dataSource, 'often');
  const together = await countStatements(api, async () => {
    for (let i = 0; i < 20; i += 1) expect(await idOf('often')).toBe(globalId('Project', id));
  });
  expect(together).toBeGreaterThanOrEqual(1);
  // A second or two may pass on a busy machine, and each looks it up again.
  expect(together).toBeLessThan(15);

  const nameOf = async () =>
    (await api.request<{ project: { name: string } }>('{ project(slug: "often") { name } }')).project.name;
  for (const name of ['first', 'second', 'third']) {
    await api.dataSource.query('UPDATE projects SET name = $2 WHERE id = $1', [id, name]);
    expect(await nameOf()).toBe(name);
  }
});

test('one that this server deletes is gone with the next request', async () => {
  await insertProject(api.dataSource, 'deleted-here');
  expect(await idOf('deleted-here')).not.toBeNull();
  const deletion = 'mutation { deleteProject(input: { projectSlug: "deleted-here" }) { __typename } }';
  const { deleteProject } = await api.request<{ deleteProject: { __typename: string } }>(deletion);
  expect(deleteProject.__typename).toBe('Deletion');
  expect(await idOf('deleted-here')).toBeNull();
});

test('one that another process deletes is gone here, too, and its slug leads to the next one that has it', async () => {
  const first = await insertProject(api.dataSource, 'deleted-there');
  expect(await idOf('deleted-there')).toBe(globalId('Project', first));
  await remove('deleted-there');
  await vi.waitFor(async () => expect(await idOf('deleted-there')).toBeNull());
  const second = await insertProject(api.dataSource, 'deleted-there');
  expect(await idOf('deleted-there')).toBe(globalId('Project', second));
});

test('what is known ends with its time, and with a change that comes while it is read', async () => {
  const id = await insertProject(api.dataSource, 'timed');
  let now = 0;
  let reads = 0;
  let during = (): void => undefined;
  const query = poolQuery(api.dataSource);
  const known = createKnownProjects(
    async (sql, parameters) => {
      reads += 1;
      const rows = await query(sql, parameters);
      during();
      return rows as never;
    },
    () => now,
  );
  const look = async () => expect((await known.bySlug('timed'))?.id).toBe(id);
  await look();
  await look();
  expect(reads).toBe(1);
  now = 1_000;
  await look();
  expect(reads).toBe(2);
  known.forget();
  during = () => known.forget();
  await look();
  during = () => undefined;
  await look();
  await look();
  expect(reads).toBe(4);
  expect(await known.bySlug('there-is-none')).toBeNull();
  expect(await known.bySlug('there-is-none')).toBeNull();
  expect(reads).toBe(6);
});
