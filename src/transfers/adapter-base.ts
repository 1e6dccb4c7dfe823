import type { BaseModelRow } from '../models/base-model.reads.js';
import { requireBaseModel } from '../models/require-base-model.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { ModelSourceInput } from './model-import.input.js';

const path = ['adapterBaseModelId'];

/** The problem of a model that is made from nothing, and named as an adapter. */
export function checkAdapterBase(source: ModelSourceInput, adapterBaseModelId: string | null): InputProblem[] {
  if (source.configuration == null || adapterBaseModelId == null) return [];
  const message = 'A model that is made of a configuration is no adapter.';
  return [problem(path, 'INVALID_VALUE', message, 'Leave it out.')];
}

/** The model that an adapter is for, which can't be an adapter itself. Throws ProblemsError. */
export async function requireAdapterBase(query: Query, id: string, projectId: string): Promise<BaseModelRow> {
  const model = await requireBaseModel(query, id, projectId, path);
  if (model.manifest.adapter === null) return model;
  const message = `“${model.name}” is an adapter itself.`;
  throw new ProblemsError([problem(path, 'INVALID_VALUE', message, 'Name the model that the adapter was trained on.')]);
}
