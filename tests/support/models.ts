import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GraphQLClient } from './graphql-client.js';

const problems = '... on Problems { problems { path code message hint } }';

/** A tiny model in Hugging Face's layout, as transformers' `save_pretrained` wrote it. */
export function referenceModel(name: string): string {
  return fileURLToPath(new URL(`../numerics/reference/hugging-face/${name}`, import.meta.url));
}

export async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

export interface ImportState {
  readonly status: string;
  readonly progress: { readonly bytesDone: number; readonly bytesTotal: number | null } | null;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly model: { readonly id: string; readonly name: string; readonly architecture: string } | null;
}

export interface ExportState {
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly archiveUrl: string | null;
  readonly files: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly url: string;
  }[];
  readonly certificateMissing: string | null;
  readonly certificate: {
    readonly texts: string;
    readonly split: string | null;
    readonly rows: readonly number[];
    readonly tokenCount: number;
    readonly checks: readonly {
      readonly file: string;
      readonly runner: string;
      readonly tolerance: number;
      readonly largestDifference: number;
      readonly sameAnswers: number | null;
      readonly adapterShare: number | null;
      readonly differenceFromBase: number | null;
      readonly scores: readonly {
        readonly task: string | null;
        readonly measure: string;
        readonly trained: number;
        readonly exported: number;
      }[];
    }[];
  } | null;
}

/** Requests an import; returns its id. */
export async function importModel(client: GraphQLClient, input: Record<string, unknown>): Promise<string> {
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: ImportBaseModelInput!) { importBaseModel(input: $input) { ... on ModelImport { id } ${problems} } }`,
    input,
  );
  return id;
}

/** Every state of an import that a subscriber sees, until the last. */
export async function* watchImport(client: GraphQLClient, id: string): AsyncGenerator<ImportState> {
  for await (const { modelImportChanged } of client.subscribe<{ modelImportChanged: ImportState }>(
    `subscription ($id: ID!) { modelImportChanged(importId: $id) {
       status progress { bytesDone bytesTotal } problem { code message } model { id name architecture } } }`,
    { id },
  )) {
    yield modelImportChanged;
  }
}

/** Imports a reference model, by a worker that runs already; returns the model's id. */
export async function importReference(client: GraphQLClient, reference: string): Promise<string> {
  const source = { folder: { path: referenceModel(reference) } };
  let last: ImportState | null = null;
  for await (const state of watchImport(client, await importModel(client, { name: reference, source }))) last = state;
  if (last?.model == null) throw new Error(`The import ended without a model: ${last?.problem?.message}`);
  return last.model.id;
}

/** Exports a model and waits for its end. */
export async function exportModel(client: GraphQLClient, modelId: string, format: string): Promise<ExportState> {
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: ExportModelInput!) { exportModel(input: $input) { ... on ModelExport { id } ${problems} } }`,
    { modelId, format },
  );
  let last: ExportState | null = null;
  for await (const { modelExportChanged } of client.subscribe<{ modelExportChanged: ExportState }>(
    `subscription ($id: ID!) { modelExportChanged(exportId: $id) {
       status problem { code message } archiveUrl files { name sizeBytes sha256 url }
       certificateMissing certificate { texts split rows tokenCount checks {
         file runner tolerance largestDifference sameAnswers adapterShare differenceFromBase
         scores { task measure trained exported } } } } }`,
    { id },
  )) {
    last = modelExportChanged;
  }
  if (last === null) throw new Error('The export has no states.');
  return last;
}

/** Names and bytes in an archive, read from its central directory as any reader does (nothing is compressed). */
export function readZip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < archive.readUInt16LE(end + 10); i += 1) {
    const [size, nameLength, extraLength, commentLength] = [
      archive.readUInt32LE(at + 24),
      archive.readUInt16LE(at + 28),
      archive.readUInt16LE(at + 30),
      archive.readUInt16LE(at + 32),
    ];
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    files.set(archive.toString('utf8', at + 46, at + 46 + nameLength), archive.subarray(start, start + size));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}
