import { fileURLToPath } from 'node:url';
import { exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import type { ExportedFile, ExportFormat, ExportJob } from '../../../src/protocol/job.js';
import { type CheckedRows, ParityCertificate, type ParityCheck } from '../../../src/protocol/parity-certificate.js';
import type { Problem } from '../../../src/protocol/run-event.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { parquetOf } from '../../support/parquet.js';
import { fromFolder, type Workshop } from '../hugging-face/import-tools.js';

/** A certificate of an export that was checked. */
export interface Certified {
  readonly kind: 'checked';
  readonly rows: CheckedRows;
  readonly checks: readonly ParityCheck[];
}

/** Exports a model, and gives its certificate, which is in the archive as well. */
export async function certificateOf(
  { tools, store }: Workshop,
  modelDigest: string,
  format: ExportFormat,
  how: Partial<ExportJob> = {},
): Promise<Certified> {
  const { files, certificate } = await exportModel({ modelDigest, format, ...how }, tools);
  const file = files.find(({ name }) => name === 'certificate.json')!;
  const written = ParityCertificate.parse(JSON.parse((await store.read(file.digest)).toString('utf8')));
  if (certificate?.kind !== 'checked' || JSON.stringify(written) !== JSON.stringify(certificate)) {
    throw new Error(`another certificate is in the archive: ${JSON.stringify(written)}`);
  }
  return certificate;
}

/** The problem of an export whose files are changed before they are checked; nothing of it may be left in the store. */
export async function problemOf(
  workshop: Workshop,
  modelDigest: string,
  format: ExportFormat,
  change: (files: readonly ExportedFile[]) => Promise<readonly ExportedFile[]>,
  how: Partial<ExportJob> = {},
): Promise<Problem> {
  const { tools } = workshop;
  const before = await workshop.stored();
  const changed: string[] = [];
  const outcome = await exportModel(
    { modelDigest, format, ...how },
    {
      ...tools,
      async certify(written, onProgress) {
        const files = await change(written.files);
        changed.push(
          ...files
            .map(({ digest }) => digest)
            .filter((digest) => written.files.every((file) => file.digest !== digest)),
        );
        return await tools.certify!({ ...written, files }, onProgress);
      },
    },
  ).then(
    () => null,
    (error: { problem?: Problem }) => error.problem ?? error,
  );
  await tools.discard(changed);
  const left = (await workshop.stored()).filter((name) => !before.includes(name));
  if (left.length > 0) throw new Error(`left in the store: ${left.join(', ')}`);
  return outcome as Problem;
}

/** Files of which one has other bytes. */
export function withBytes({ store }: Workshop, name: string, change: (bytes: Buffer) => Uint8Array) {
  return async (files: readonly ExportedFile[]): Promise<ExportedFile[]> =>
    Promise.all(
      files.map(async (file) => {
        if (file.name !== name) return file;
        return { name, ...(await store.write(change(Buffer.from(await store.read(file.digest))))) };
      }),
    );
}

/** A reference model. */
export async function importReference({ tools }: Workshop, name: string): Promise<string> {
  return (await importModel(fromFolder(fileURLToPath(modelFolder(name))), tools)).digest;
}

/** A reference model with an adapter that PEFT trained. */
export async function importAdapter(workshop: Workshop, family: string, name: string): Promise<string> {
  const adapterBaseDigest = await importReference(workshop, family);
  const path = fileURLToPath(modelFolder(`adapters/${name}/trained`));
  return (await importModel({ ...fromFolder(path), adapterBaseDigest }, workshop.tools)).digest;
}

/** A dataset version in the store. @param rows split, and the columns as SQL values */
export async function storeDataset(
  { store }: Workshop,
  columns: readonly string[],
  rows: readonly (readonly [split: string, ...values: string[]])[],
): Promise<string> {
  const named = ['split', ...columns];
  const values = rows.map(([split, ...values], row) => `(${row}, '${split}', ${values.join(', ')})`);
  const bytes = await parquetOf(
    `SELECT row AS __attune_row, split AS __attune_split, ${columns.map((name) => `"${name}"`).join(', ')}
       FROM (VALUES ${values.join(', ')}) AS t(row, ${named.map((name) => `"${name}"`).join(', ')})`,
  );
  return (await store.write(bytes)).digest;
}
