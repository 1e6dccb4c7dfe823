import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rolesOfVersion } from '../../../gpu-worker/preparation/guess-version-roles.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import type { AssignedRoles } from '../../../src/protocol/preparation/assigned-roles.js';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

async function rolesOf(content: string, format: FileFormat, assigned: AssignedRoles = []) {
  const { storedPath, columns, exampleCount } = await workshop.read(content, format);
  const version = { path: storedPath, columns, exampleCount };
  const roles = await rolesOfVersion(
    version,
    assigned,
    { threads: 1, memoryLimitMb: 256 },
    join(workshop.root, 'sampling'),
  );
  for (const { column, source, reason } of roles) {
    const isSaid = assigned.some((each) => each.column === column);
    expect([source, reason === null]).toEqual(isSaid ? ['SAID', true] : ['GUESSED', false]);
  }
  return Object.fromEntries(roles.map(({ column, role }) => [column, role]));
}

const tickets = `id,text,intent,seen_at\n${Array.from({ length: 20 }, (_, index) => `${index},this is the text of ticket ${index},${index % 2 === 0 ? 'refund' : 'order'},2024-01-0${1 + (index % 9)}`).join('\n')}\n`;

test('roles are guessed from the values of a version', async () => {
  expect(await rolesOf(tickets, 'CSV')).toEqual({ id: 'IGNORE', text: 'TEXT', intent: 'LABEL', seen_at: 'TIME' });
});

test('what the owner says counts more', async () => {
  expect(await rolesOf(tickets, 'CSV', [{ column: 'intent', role: 'SLICE' }])).toMatchObject({
    text: 'TEXT',
    intent: 'SLICE',
  });
});

test('lists, messages and pairs of answers are looked into', async () => {
  const words = '{"words":["EU","rejects"],"ner":["B-ORG","O"]}\n{"words":["Peter"],"ner":["B-PER"]}\n';
  expect(await rolesOf(words, 'JSONL')).toEqual({ words: 'TOKENS', ner: 'TAGS' });
  const chat = `{"messages":[{"role":"user","content":"${'x'.repeat(5000)}"},{"role":"assistant","content":"y"}]}\n{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n`;
  expect(await rolesOf(chat, 'JSONL')).toEqual({ messages: 'MESSAGES' });
  const pairs = '{"prompt":"a","chosen":"b","rejected":"c"}\n{"prompt":"d","chosen":"e","rejected":"f"}\n';
  expect(await rolesOf(pairs, 'JSONL')).toEqual({ prompt: 'PROMPT', chosen: 'CHOSEN', rejected: 'REJECTED' });
});
