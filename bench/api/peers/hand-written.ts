/**
 * The peer that a careful person writes for one page of one client: bare HTTP, the driver of PostgreSQL, one prepared
 * statement a route, JSON built by PostgreSQL and passed on as it comes. Nothing else: no schema, no rights, no choice
 * of fields. Arguments: the database's URL, and the project's slug.
 */
import { createServer } from 'node:http';
import pg from 'pg';

const [databaseUrl, slug] = process.argv.slice(2);
/** As many connections as an API process of Attune holds. */
const pool = new pg.Pool({ connectionString: databaseUrl!, max: 10 });

/** SQL of one experiment `e` with its run `r` as JSON, with what lies around it. */
const experiment = `json_build_object(
  'id', e.id, 'name', e.name, 'tags', e.tags, 'status', r.status, 'createdAt', e.created_at, 'startedAt', r.started_at, 'finishedAt', r.finished_at,
  'baseModel', (SELECT json_build_object('id', m.id, 'name', m.name, 'digest', m.digest, 'source', m.source) FROM base_models m WHERE m.id = e.base_model_id),
  'datasetVersion', (SELECT json_build_object('id', d.id, 'number', d.number, 'digest', d.digest, 'exampleCount', d.example_count, 'createdAt', d.created_at)
    FROM dataset_versions d WHERE d.id = e.dataset_version_id),
  'summary', (SELECT json_agg(json_build_object('key', s.key, 'value', s.value, 'step', s.step, 'attempt', s.attempt) ORDER BY s.key)
    FROM run_metrics s WHERE s.run_id = r.id),
  'evaluations', (SELECT json_agg(json_build_object('id', v.id, 'split', v.split, 'status', v.status, 'createdAt', v.created_at, 'finishedAt', v.finished_at))
    FROM (SELECT v.* FROM base_models m JOIN evaluations v ON v.base_model_id = m.id WHERE m.produced_by_run_id = r.id
          ORDER BY v.created_at DESC, v.id DESC LIMIT 3) AS v))`;

const page = `FROM (SELECT * FROM experiments WHERE project_id = (SELECT id FROM projects WHERE slug = $1) AND archived_at IS NULL
  ORDER BY created_at DESC, id DESC LIMIT 50) AS e`;

const statements: Readonly<Record<string, string>> = {
  nested: `SELECT json_agg(${experiment} ORDER BY e.created_at DESC, e.id DESC)::text AS body ${page} JOIN runs r ON r.experiment_id = e.id`,
  names: `SELECT json_agg(json_build_object('id', e.id, 'name', e.name) ORDER BY e.created_at DESC, e.id DESC)::text AS body ${page}`,
  one: `SELECT ${experiment}::text AS body FROM experiments e JOIN runs r ON r.experiment_id = e.id WHERE e.id = $1::uuid`,
};

const server = createServer((request, response) => {
  const [, name, id] = request.url!.split('/');
  pool.query({ name, text: statements[name!]!, values: [id ?? slug] }).then(
    ({ rows }) => response.setHeader('content-type', 'application/json').end(rows[0].body),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(`listening http://127.0.0.1:${address.port}/`);
});
