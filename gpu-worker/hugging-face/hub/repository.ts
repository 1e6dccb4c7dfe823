import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fileTooLarge, type ModelFiles } from '../model-files.js';
import { formatBytes, invalidModel } from '../problems.js';
import type { TransferMeter } from '../transfer-progress.js';
import { download, type FileDigest, type HubFile, partialBytes } from './download.js';
import { downloadStart } from './download-start.js';
import { lock } from './folder-lock.js';
import { hubError } from './hub-errors.js';
import { ConnectionFailed, type HubSettings, repeated, request } from './request.js';

export type { HubSettings } from './request.js';

/** A model's repository at one commit. */
const Revision = z.object({
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  siblings: z.array(z.object({ rfilename: z.string() })),
});

/** Of files that are described or looked into. */
const requestsAtATime = 8;

/** Far more than the headers of any model take. */
const mostBytesOfStarts = 2 ** 26;

const maxListBytes = 32 * 2 ** 20;

/** The form of the hub's repository names, which can't escape a folder as a path. */
const repositoryName = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/;

const abandonedAfterMs = 7 * 24 * 60 * 60 * 1000;

/**
 * A repository of a model hub as the files of a model. The revision is resolved to a commit once, so that all files
 * belong to one state. Files are downloaded when they are requested, into a folder for the commit; an interrupted
 * download is continued, even by another process.
 *
 * @param startsOfWeights whether of files of weights the beginnings alone are downloaded, which tell what is in them
 * @throws ProblemError INVALID_VALUE, NOT_FOUND, ACCESS_DENIED, HUB_UNAVAILABLE; `fetch` also CHECKSUM_MISMATCH,
 * DISK_FULL
 */
export async function openRepository(
  { repository, revision }: { readonly repository: string; readonly revision: string },
  hub: HubSettings,
  downloadFolder: string,
  meter: TransferMeter,
  startsOfWeights = false,
): Promise<ModelFiles> {
  if (!repositoryName.test(repository) || repository.includes('..')) {
    throw hubError(
      'INVALID_VALUE',
      ['source', 'repository'],
      `“${repository}” is not the name of a repository`,
      'A name looks like sentence-transformers/all-MiniLM-L6-v2.',
    );
  }
  const { sha, siblings } = await readRevision(hub, repository, revision, meter.signal);
  await removeAbandoned(downloadFolder);
  const folder = join(downloadFolder, repository.replace('/', '--'), sha);
  await mkdir(dirname(folder), { recursive: true });
  const unlock = await lock(`${folder}.lock`, meter.signal);
  const names = new Set(siblings.map(({ rfilename }) => rfilename).filter(isPlain));
  const fetched = new Set<string>();
  let ofStarts = 0;
  const take = (bytes: number): void => {
    ofStarts += bytes;
    if (ofStarts <= mostBytesOfStarts) return;
    throw invalidModel(`the headers of its weights have more than ${formatBytes(mostBytesOfStarts)}`);
  };

  return {
    folder,
    source: `hub:${repository}@${sha}`,
    names,
    isRemote: true,
    async fetch(wanted, maxBytes = Number.POSITIVE_INFINITY) {
      const files: HubFile[] = [];
      const missing = [...new Set(wanted)].filter((name) => !fetched.has(name));
      for (let first = 0; first < missing.length; first += requestsAtATime) {
        await Promise.all(
          missing.slice(first, first + requestsAtATime).map(async (name) => {
            if ((await stat(join(folder, name)).catch(() => null)) === null) {
              const file = await describeFile(hub, repository, sha, name, meter.signal);
              if (startsOfWeights && holdsWeights(name)) {
                await downloadStart(hub, file, join(folder, name), meter.signal, take);
              } else files.push(file);
            }
            fetched.add(name);
          }),
        );
      }
      for (const { name, sizeBytes } of files) {
        if (sizeBytes !== null && sizeBytes > maxBytes) throw fileTooLarge(name, sizeBytes, maxBytes);
      }
      await refuseFullDisk(folder, files);
      meter.expect(files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0));
      for (const file of files) await download(hub, file, join(folder, file.name), meter, maxBytes);
    },
    async release(isImported) {
      if (isImported) await rm(folder, { recursive: true, force: true });
      await unlock();
    },
  };
}

function holdsWeights(name: string): boolean {
  return name.endsWith('.safetensors') || name.endsWith('.bin');
}

async function readRevision(hub: HubSettings, repository: string, revision: string, signal: AbortSignal) {
  const url = new URL(`${base(hub)}/api/models/${repository}/revision/${encodeURIComponent(revision)}`);
  const text = await repeated(hub, repository, signal, async () => {
    const { pieces } = await request(hub, url, signal, { headers: { accept: 'application/json' } });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of pieces()) {
      bytes += piece.byteLength;
      if (bytes > maxListBytes) throw notAHub(hub);
      parts.push(piece);
    }
    return Buffer.concat(parts).toString('utf8');
  });
  try {
    return Revision.parse(JSON.parse(text));
  } catch (error) {
    throw notAHub(hub, error);
  }
}

/**
 * Size and digest of a file, from the headers of its URL. Large files lie on another host: the answer is then a
 * redirect with the headers `x-linked-size` and `x-linked-etag` for the file, while its own etag is another. Redirects
 * within the hub are followed.
 */
async function describeFile(
  hub: HubSettings,
  repository: string,
  commit: string,
  name: string,
  signal: AbortSignal,
): Promise<HubFile> {
  const path = name.split('/').map(encodeURIComponent).join('/');
  const url = new URL(`${base(hub)}/${repository}/resolve/${commit}/${path}`);
  const described = (headers: Headers, prefix: '' | 'x-linked-'): HubFile => ({
    name,
    url,
    sizeBytes: sizeIn(headers.get(prefix === '' ? 'content-length' : 'x-linked-size')),
    digest: digestIn(headers.get(`${prefix}etag`)),
  });
  return repeated(hub, `${repository}/${name}`, signal, async () => {
    let at = url;
    for (let redirects = 0; redirects < 5; redirects++) {
      const { response } = await request(hub, at, signal, { method: 'HEAD', redirect: 'manual' });
      const location = response.headers.get('location');
      if (response.status < 300 || location === null) return described(response.headers, '');
      const next = new URL(location, at);
      // A redirect's own length and etag do not describe the file.
      if (response.headers.has('x-linked-etag') || next.origin !== at.origin)
        return described(response.headers, 'x-linked-');
      at = next;
    }
    throw new ConnectionFailed({ kind: 'network', cause: new Error('too many redirects') });
  });
}

function sizeIn(header: string | null): number | null {
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/**
 * The hub's etag is the SHA-256 of a large file, or the Git blob id of a small one; other servers have etags of their
 * own.
 */
function digestIn(etag: string | null): FileDigest | null {
  const hex = etag?.replace(/^W\//, '').replace(/^"|"$/g, '') ?? '';
  if (/^[0-9a-f]{64}$/.test(hex)) return { algorithm: 'sha256', hex };
  if (/^[0-9a-f]{40}$/.test(hex)) return { algorithm: 'git', hex };
  return null;
}

async function refuseFullDisk(folder: string, files: readonly HubFile[]): Promise<void> {
  let needed = 0;
  for (const { name, sizeBytes } of files) {
    if (sizeBytes !== null) needed += Math.max(0, sizeBytes - (await partialBytes(join(folder, name))));
  }
  const { bavail, bsize } = await statfs(dirname(folder));
  if (needed <= bavail * bsize) return;
  throw hubError(
    'DISK_FULL',
    [],
    `${formatBytes(needed)} must be downloaded, but the disk has only ${formatBytes(bavail * bsize)} left`,
    'Make room on the disk of ATTUNE_HOME, and start again.',
  );
}

/** Removes interrupted downloads that were not continued for a week. */
async function removeAbandoned(downloadFolder: string): Promise<void> {
  // For its owner alone, like the store.
  await mkdir(downloadFolder, { recursive: true, mode: 0o700 });
  for (const repository of await readdir(downloadFolder)) {
    for (const commit of await readdir(join(downloadFolder, repository)).catch(() => [])) {
      const path = join(downloadFolder, repository, commit);
      const found = await stat(path).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > abandonedAfterMs)
        await rm(path, { recursive: true, force: true });
    }
  }
}

/** Whether a file name of a repository is safe as a path below a folder. */
function isPlain(name: string): boolean {
  return (
    !name.includes('\\') && !name.includes('\0') && name.split('/').every((part) => !['', '.', '..'].includes(part))
  );
}

function base({ endpoint }: HubSettings): string {
  return endpoint.replace(/\/+$/, '');
}

function notAHub({ endpoint }: HubSettings, cause?: unknown) {
  return hubError(
    'HUB_UNAVAILABLE',
    [],
    `${new URL(endpoint).host} does not answer like a model hub`,
    'Check HF_ENDPOINT.',
    cause,
  );
}
