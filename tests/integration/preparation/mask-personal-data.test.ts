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
