import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

const csv = 'text,label\n"mail joe@site.org or call (415) 555-2671",x\nnothing here,y\n"joe@site.org, again",x\n';
const prepared = async (maskPersonalData: Record<string, unknown>) => ({
  sources: [{ upload: { uploadId: await room.upload(csv) } }],
  recipe: [{ maskPersonalData }],
  split: { fractions: [{ name: 'train', fraction: 1 }] },
});

test('a version is made without personal data, and keeps what was changed', async () => {
  const version = await room.prepare(await prepared({}));
  expect((await room.rowsOf(version)).map(({ text }) => text)).toEqual([
    'mail [EMAIL] or call [PHONE]',
    'nothing here',
    '[EMAIL], again',
  ]);
  expect(version.steps).toMatchObject([
    { step: { kind: 'maskPersonalData' }, rowsBefore: 3, rowsAfter: 3, changed: 2, dropped: 0, added: 0 },
  ]);
});

test('a version keeps of its examples nothing that was masked; a preview shows it', async () => {
  const content = 'text,label\n"mail  joe@site.org",x\n"joe@site.org, again",y\nann@site.org,z,too many\n';
  const input = {
    sources: [{ upload: { uploadId: await room.upload(content) } }],
    recipe: [{ collapseWhiteSpace: {} }, { maskPersonalData: {} }, { changeCase: { columns: ['text'], to: 'UPPER' } }],
  };
  const preview = await room.preview(input);
  expect(preview).toMatchObject({ steps: [{}, { examples: [{ before: [{ text: 'mail joe@site.org' }] }, {}] }, {}] });
  const version = await room.prepare(input);
  expect(version.steps).toMatchObject([
    { changed: 1, examples: [{ change: 'CHANGED', row: 0, before: [], after: [] }] },
    { changed: 2, examples: [{ row: 0, before: [], after: [{ text: 'mail [EMAIL]' }] }, { row: 1 }] },
    { changed: 2, examples: [{ before: [{ text: 'mail [EMAIL]' }], after: [{ text: 'MAIL [EMAIL]' }] }, {}] },
  ]);
  const [stored] = await room.api.dataSource.query(
    `SELECT to_jsonb(v)::text || (SELECT jsonb_agg(r)::text FROM rejected_rows r WHERE r.dataset_version_id = v.id) AS all
       FROM dataset_versions v WHERE number = 1 ORDER BY created_at DESC LIMIT 1`,
  );
  expect(stored.all).toContain('TOO_MANY_COLUMNS');
  expect(stored.all).not.toMatch(/joe@|ann@/);
});

test('equal values have equal hashes, and the same recipe gives the same digest', async () => {
  const settings = { columns: ['text'], kinds: ['EMAIL'], mask: 'HASH', seed: 5 };
  const version = await room.prepare(await prepared(settings));
  const texts = (await room.rowsOf(version)).map(({ text }) => String(text));
  const [hash] = texts[2]!.match(/\[EMAIL:[a-p]{16}\]/)!;
  expect(texts).toEqual([`mail ${hash} or call (415) 555-2671`, 'nothing here', `${hash}, again`]);
  expect((await room.prepare(await prepared(settings))).digest).toBe(version.digest);
});

test('what is wrong with the settings is said with its place', async () => {
  expect(await room.problemsOf(await prepared({ phoneRegions: ['US', 'XX'] }))).toMatchObject([
    { path: ['recipe', '0', 'maskPersonalData', 'phoneRegions', '1'], code: 'INVALID_VALUE' },
  ]);
  expect(await room.problemsOf(await prepared({ leastConfidence: 2 }))).toMatchObject([
    { path: ['recipe', '0', 'maskPersonalData', 'leastConfidence'], code: 'INVALID_VALUE' },
  ]);
});
