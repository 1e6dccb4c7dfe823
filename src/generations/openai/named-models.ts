import { may, type Viewer } from '../../access/viewer.js';
import { parseGlobalId } from '../../graphql/global-id.js';
import { type BaseModelRow, baseModelsByIds } from '../../models/base-model.reads.js';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import { predictedTokensOf } from '../../protocol/predicts-tokens.js';
import type { Query } from '../../protocol/sql/query.js';
import { invalid, OpenAiError } from './openai-error.js';

/** How many models are listed, newest first. */
const maxListed = 1_000;

/** A model under one of its names. */
export interface NamedModel {
  readonly name: string;
  readonly modelId: string;
  readonly projectId: string;
  readonly projectSlug: string;
  /** An alias comes before a model of the same name. */
  readonly isAlias: boolean;
  readonly createdAt: Date;
  readonly config: ModelManifest['config'];
  readonly headCount: number;
}

/** Names of models: aliases, and what models are called, newest first. */
const names = `
  SELECT a.name, m.id, m.project_id, true AS is_alias, m.created_at, m.manifest
    FROM model_aliases a JOIN base_models m ON m.id = a.base_model_id
  UNION ALL
  SELECT m.name, m.id, m.project_id, false, m.created_at, m.manifest FROM base_models m`;

/** @param condition on `n` and on its project `p`; strings from the source code */
async function readNames(query: Query, condition: string, parameters: readonly unknown[]): Promise<NamedModel[]> {
  return query(
    `SELECT n.name, n.id AS "modelId", n.project_id AS "projectId", p.slug AS "projectSlug", n.is_alias AS "isAlias",
            n.created_at AS "createdAt", n.manifest -> 'config' AS config,
            jsonb_array_length(n.manifest -> 'heads') AS "headCount"
       FROM (${names}) AS n JOIN projects p ON p.id = n.project_id
      WHERE ${condition}
      ORDER BY n.is_alias DESC, n.created_at DESC, n.id
      LIMIT ${maxListed}`,
    parameters,
  );
}

/**
 * The model that a request names: by its id in the graph, by an alias, or by the model's name; each of the two may
 * stand behind its project's slug and a slash. Throws OpenAiError.
 */
export async function findNamedModel(query: Query, viewer: Viewer, name: string): Promise<BaseModelRow> {
  const id = parseGlobalId(name);
  const [byId] = id?.type === 'BaseModel' ? await baseModelsByIds(query, [id.uuid]) : [];
  if (byId !== undefined && may(viewer, 'READ', byId.projectId)) return byId;
  const found = await readNames(query, `n.name = $1 OR p.slug || '/' || n.name = $1`, [name]);
  const readable = found.filter(({ projectId }) => may(viewer, 'READ', projectId));
  const [first] = readable;
  const rivals = readable.filter(
    ({ isAlias, projectId }) => isAlias === first?.isAlias && projectId !== first.projectId,
  );
  if (first === undefined) throw noSuchModel(name);
  if (rivals.length > 0) {
    const each = [first, ...rivals].map(({ projectSlug }) => `${projectSlug}/${name}`);
    throw invalid('model', `Several projects have a model “${name}”: say which, ${each.join(' or ')}.`);
  }
  const [row] = await baseModelsByIds(query, [first.modelId]);
  if (row === undefined) throw noSuchModel(name);
  return row;
}

function noSuchModel(name: string): OpenAiError {
  return new OpenAiError(404, {
    message: `There is no model “${name}”, or the credential does not open its project. GET /v1/models lists models.`,
    type: 'invalid_request_error',
    param: 'model',
    code: 'model_not_found',
  });
}

/** Models that write texts and that the viewer may use, each under every name that leads to it alone. */
export async function listNamedModels(query: Query, viewer: Viewer): Promise<readonly NamedModel[]> {
  const { credential, administrator, roles } = viewer;
  const key = credential.kind === 'API_KEY' ? credential.projectId : null;
  const projects = key !== null ? [key] : administrator ? null : [...roles.keys()];
  const all = await readNames(query, '$1::uuid[] IS NULL OR n.project_id = ANY($1)', [projects]);
  const readable = all.filter(({ projectId }) => may(viewer, 'READ', projectId));
  const taken = new Map<string, NamedModel>();
  for (const named of readable) if (!taken.has(named.name)) taken.set(named.name, named);
  const shared = new Set(
    readable
      .filter(({ name, isAlias, projectId }) => {
        const first = taken.get(name)!;
        return isAlias === first.isAlias && projectId !== first.projectId;
      })
      .map(({ name }) => name),
  );
  const listed = readable
    .filter(
      ({ config, headCount }) => headCount === 0 && predictedTokensOf({ config, heads: [], layers: [] }) === 'causal',
    )
    .map((named) => (shared.has(named.name) ? { ...named, name: `${named.projectSlug}/${named.name}` } : named));
  const seen = new Set<string>();
  return listed.filter(({ name }) => {
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}
