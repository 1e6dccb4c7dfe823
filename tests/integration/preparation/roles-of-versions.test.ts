import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room[Symbol.asyncDispose]());

const mails = `text,label,lang\n${Array.from({ length: 20 }, (_, i) => `this is the text of mail ${i},${i % 2 === 0 ? 'ham' : 'spam'},${i % 3 === 0 ? 'en' : 'de'}`).join('\n')}\n`;

let made = 0;
async function input(more: Record<string, unknown> = {}) {
  const sources = [{ upload: { uploadId: await room.upload(mails) } }];
  return { name: `mails ${made++}`, sources, recipe: [], ...more };
}

const roleOf = ({ roles }: { readonly roles: readonly { column: string; role: string }[] }) =>
  Object.fromEntries(roles.map(({ column, role }) => [column, role]));

test('what somebody said of a column is kept by the versions that are made of it, under its new name', async () => {
  const first = await room.prepare(await input({ roles: [{ column: 'lang', role: 'GROUP' }] }));
  expect(roleOf(first)).toEqual({ text: 'TEXT', label: 'LABEL', lang: 'GROUP' });
  const from = { sources: [{ version: { datasetVersionId: first.id } }] };
  const renamed = await room.prepare({
    ...from,
    name: 'renamed',
    recipe: [
      {
        renameColumns: {
          names: [
            { from: 'lang', to: 'label' },
            { from: 'label', to: 'kind' },
          ],
        },
      },
    ],
  });
  expect(roleOf(renamed)).toEqual({ text: 'TEXT', kind: 'LABEL', label: 'GROUP' });
  const other = await room.prepare({ ...from, name: 'other', roles: [{ column: 'lang', role: 'SLICE' }] });
  expect(roleOf(other)).toMatchObject({ lang: 'SLICE' });
  expect(other.digest).toBe(first.digest);
  const without = await room.prepare({ ...from, name: 'without', recipe: [{ dropColumns: { columns: ['lang'] } }] });
  expect(roleOf(without)).toEqual({ text: 'TEXT', label: 'LABEL' });
});

test('a role of no column, and two of one, are problems that leave nothing behind', async () => {
  const unknown = await input({
    roles: [
      { column: 'text', role: 'TEXT' },
      { column: 'lable', role: 'LABEL' },
    ],
  });
  expect(await room.problemsOf(unknown)).toMatchObject([
    { path: ['roles', '1', 'column'], code: 'UNKNOWN_COLUMN', hint: expect.stringContaining('label') },
  ]);
  const twice = await input({
    roles: [
      { column: 'text', role: 'TEXT' },
      { column: 'text', role: 'IGNORE' },
    ],
  });
  expect(await room.problemsOf(twice)).toMatchObject([{ path: ['roles', '1', 'column'], code: 'INVALID_VALUE' }]);
  // The upload was not used up.
  expect((await room.prepare({ ...unknown, roles: [] })).exampleCount).toBe(20);
});

test('roles of columns that no version will have are refused on arrival, where the columns are known', async () => {
  const { id } = await room.prepare(await input({}));
  const { prepareDataset } = await room.api.request<{ prepareDataset: { problems?: object[] } }>(
    `mutation ($input: PrepareDatasetInput!) { prepareDataset(input: $input) {
      ... on Problems { problems { path code } } } }`,
    {
      input: {
        name: 'on arrival',
        sources: [{ version: { datasetVersionId: id } }],
        recipe: [{ renameColumns: { names: [{ from: 'lang', to: 'language' }] } }],
        roles: ['language', 'lang', 'zz'].map((column) => ({ column, role: 'GROUP' })),
      },
    },
  );
  expect(prepareDataset.problems).toEqual(
    [1, 2].map((i) => ({ path: ['roles', String(i), 'column'], code: 'UNKNOWN_COLUMN' })),
  );
});
