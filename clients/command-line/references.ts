import { allNodes } from '../typescript/index.js';
import { CommandError } from './command-error.js';
import {
  DatasetById,
  ExperimentById,
  FindDataset,
  FindExperiment,
  FindModel,
  ModelById,
  VersionsOfDataset,
} from './generated/operations.js';
import type { Session } from './session.js';

export interface VersionReference {
  readonly id: string;
  readonly number: number;
  readonly dataset: { readonly id: string; readonly name: string };
}

/** A dataset by its name or id; null when there is none. */
export async function findDataset(session: Session, reference: string) {
  const { client, projectSlug, signal } = session;
  const { project } = await client.query(FindDataset, { projectSlug, reference }, { signal });
  if (project?.dataset) return project.dataset;
  if (!looksLikeId(reference)) return null;
  const { node } = await client.query(DatasetById, { id: reference }, { signal });
  return node?.__typename === 'Dataset' ? node : null;
}

/** A version: `mails` for the latest one of a dataset, `mails@3`, or an id of a version or a dataset. */
export async function requireVersion(session: Session, reference: string): Promise<VersionReference> {
  const { client, signal } = session;
  const found = await findDataset(session, reference);
  if (found !== null) {
    if (found.latest) return found.latest;
    throw new CommandError('NOT_FOUND', `The dataset “${found.name}” has no version yet.`);
  }
  if (looksLikeId(reference)) {
    const { node } = await client.query(DatasetById, { id: reference }, { signal });
    if (node?.__typename === 'DatasetVersion') return node;
  }
  const [, name, number] = /^(.+)@(\d+)$/.exec(reference) ?? [];
  const dataset = name === undefined ? null : await findDataset(session, name);
  if (dataset === null) throw notFound('dataset', name ?? reference, 'attune datasets list');
  const versions = allNodes(async (after) => {
    const { node } = await client.query(VersionsOfDataset, { id: dataset.id, after }, { signal });
    return node?.__typename === 'Dataset' ? node.versions : null;
  });
  for await (const version of versions) if (version.number === Number(number)) return version;
  throw new CommandError('NOT_FOUND', `The dataset “${dataset.name}” has no version ${number}.`);
}

/** A model by its name, one of its aliases, or its id. */
export async function requireModel(session: Session, reference: string): Promise<{ id: string; name: string }> {
  const { client, projectSlug, signal } = session;
  const { project } = await client.query(FindModel, { projectSlug, reference }, { signal });
  const named = project?.baseModel ?? project?.modelAlias?.model;
  if (named) return named;
  if (looksLikeId(reference)) {
    const { node } = await client.query(ModelById, { id: reference }, { signal });
    if (node?.__typename === 'BaseModel') return node;
  }
  throw notFound('model', reference, 'attune models list');
}

/** An experiment by its id, or by a name that only one has. */
export async function requireExperiment(session: Session, reference: string): Promise<{ id: string; name: string }> {
  const { client, projectSlug, signal } = session;
  const named: { readonly id: string; readonly name: string; readonly createdAt: string }[] = [];
  const candidates = allNodes(async (after) => {
    const { project } = await client.query(FindExperiment, { projectSlug, reference, after }, { signal });
    return project?.experiments;
  });
  for await (const candidate of candidates) if (candidate.name === reference) named.push(candidate);
  if (named.length === 1) return named[0]!;
  if (named.length > 1) {
    const ids = named.map(({ id, createdAt }) => `  ${id}  created at ${createdAt}`).join('\n');
    throw new CommandError(
      'AMBIGUOUS',
      `${named.length} experiments are called “${reference}”.`,
      `Take an id:\n${ids}`,
    );
  }
  if (looksLikeId(reference)) {
    const { experiment } = await client.query(ExperimentById, { id: reference }, { signal });
    if (experiment) return experiment;
  }
  throw notFound('experiment', reference, 'attune experiments list');
}

/** Ids are opaque, but none has blanks or is short: a name is not asked for as an id. */
function looksLikeId(reference: string): boolean {
  return /^[A-Za-z0-9+/_=-]{20,}$/.test(reference);
}

function notFound(kind: string, reference: string, command: string): CommandError {
  return new CommandError('NOT_FOUND', `There is no ${kind} “${reference}”.`, `${command} shows those that are there.`);
}
