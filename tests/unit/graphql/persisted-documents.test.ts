import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { type DocumentMode, type DocumentRequest, documentPolicy } from '../../../src/graphql/document-policy.js';
import {
  loadPersistedDocuments,
  ManifestError,
  type PersistedDocuments,
} from '../../../src/graphql/persisted-documents.js';

const schema = graphQLSchema();
const viewer = 'query Viewer { viewer { id } }';
const version = '{ serverInfo { version } }';
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-documents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function write(content: unknown): Promise<string> {
  const path = join(folder, `${files++}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const apollo = (operations: readonly { id: string; body: string }[]) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: operations.map((each) => ({ ...each, name: 'X', type: 'query' })),
});

describe('files of documents', () => {
  test("are Apollo's or Relay's, several together", async () => {
    const paths = [await write(apollo([{ id: 'one', body: viewer }])), await write({ two: version, same: version })];
    const documents = await loadPersistedDocuments(paths, schema);
    expect(documents.size).toBe(2);
    expect(documents.find('one')).toBe(viewer);
    expect(documents.find('two')).toBe(version);
    expect(documents.find(`sha256:${digestOf(viewer)}`)).toBe(viewer);
    expect(documents.find(digestOf(version))).toBe(version);
    expect(documents.find('three')).toBeNull();
    expect([documents.holds(viewer), documents.holds(`${viewer} `)]).toEqual([true, false]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /can't be read as JSON/],
    ['another form', [1, 2], /is neither an Apollo manifest/],
    ['a syntax error', { broken: '{ viewer {' }, /broken: Syntax Error/],
    ['a field that is not there', { old: '{ viewer { shoeSize } }' }, /old: Cannot query field "shoeSize"/],
  ])('are refused with %s', async (_, content, message) => {
    const loading = loadPersistedDocuments([await write(content)], schema);
    await expect(loading).rejects.toThrow(ManifestError);
    await expect(loading).rejects.toThrow(message);
  });

  test('are refused when they are missing, or one id has two texts', async () => {
    await expect(loadPersistedDocuments([join(folder, 'missing.json')], schema)).rejects.toThrow(ManifestError);
    const paths = [await write({ one: viewer }), await write({ one: version })];
    await expect(loadPersistedDocuments(paths, schema)).rejects.toThrow(/one names two different documents/);
  });
});

describe('which document a request means', () => {
  const persistedQuery = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: digestOf(text) } });
  const answers = async (mode: DocumentMode, request: DocumentRequest) => {
    const documents = await loadPersistedDocuments([await write({ one: viewer })], schema);
    const found = documentPolicy(documents, mode)(request);
    return found instanceof GraphQLError ? found.extensions.code : found;
  };
  const other = '{ viewer { name } }';

  test.each<[DocumentRequest, unknown, unknown]>([
    [{ documentId: 'one' }, viewer, viewer],
    [{ documentId: `sha256:${digestOf(viewer)}` }, viewer, viewer],
    [{ extensions: persistedQuery(viewer) }, viewer, viewer],
    [{ query: '', extensions: persistedQuery(viewer) }, viewer, viewer],
    [{ query: viewer }, viewer, viewer],
    [{ query: other }, other, 'PERSISTED_DOCUMENT_REQUIRED'],
    [{ query: other, documentId: 'one' }, other, 'PERSISTED_DOCUMENT_REQUIRED'],
    [{ query: other, extensions: persistedQuery(other) }, other, 'PERSISTED_DOCUMENT_REQUIRED'],
    [{ query: other, extensions: persistedQuery(viewer) }, 'BAD_REQUEST', 'BAD_REQUEST'],
    [{ documentId: 'two' }, 'PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_FOUND'],
    [{ extensions: persistedQuery(other) }, 'PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_FOUND'],
    [{ documentId: 'constructor' }, 'PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_FOUND'],
    [{}, null, 'PERSISTED_DOCUMENT_REQUIRED'],
    [{ query: 7, documentId: 7, extensions: [7] }, null, 'PERSISTED_DOCUMENT_REQUIRED'],
  ])('%j', async (request, any, persistedOnly) => {
    expect(await answers('any', request)).toBe(any);
    expect(await answers('persisted-only', request)).toBe(persistedOnly);
  });

  test('without any documents a hash is told to be of no use', () => {
    const noDocuments: PersistedDocuments = { size: 0, find: () => null, holds: () => false };
    const found = documentPolicy(noDocuments, 'any')({ extensions: persistedQuery(viewer) });
    expect(found).toMatchObject({ message: 'PersistedQueryNotSupported' });
  });
});
