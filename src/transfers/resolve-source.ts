import { requireReceivedDocument } from '../datasets/received-upload.js';
import { rowId } from '../graphql/global-id.js';
import { requireBaseModel } from '../models/require-base-model.js';
import type { InputProblem } from '../problems/problem.js';
import type { ModelSource } from '../protocol/model-source.js';
import type { Query } from '../protocol/sql/query.js';
import { resolveFiles } from './check-source.js';
import type { ModelSourceInput } from './model-import.input.js';
import { resolveConfiguration } from './resolve-configuration.js';

interface ResolvedSource {
  /** Null where there are problems without which there would be one. */
  readonly source: ModelSource | null;
  readonly problems: readonly InputProblem[];
}

/** The source of a model for a job, and the problems with it. */
export async function resolveSource(query: Query, projectId: string, input: ModelSourceInput): Promise<ResolvedSource> {
  const { configuration } = input;
  if (configuration == null) return resolveFiles(input, ['source']);
  return resolveConfiguration(
    configuration,
    (id, path) => requireBaseModel(query, id, projectId, path),
    (id, path) => requireReceivedDocument(query, rowId('Upload', id, path), projectId, path),
  );
}
