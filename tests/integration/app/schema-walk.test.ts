import 'reflect-metadata';
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilePolicies } from '../../../src/access/compile-policies.js';
import { type OperationPolicy, ofProject } from '../../../src/access/policy.js';
import { projectOfLoaders, type TypeOfProject } from '../../../src/access/project-of.js';
import { type Role, type Scope, scopes, scopesOfRole } from '../../../src/access/rights.js';
import { buildGraphQLSchema, graphQLSchema } from '../../../src/app/build-schema.js';
import { policies } from '../../../src/app/policies.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { globalId, parseGlobalId, type TypeWithId } from '../../../src/graphql/global-id.js';
import { insertKey, insertProject, insertUser } from '../../support/access.js';
import { anyValue, type Value } from '../../support/any-arguments.js';
import { type GraphQLAnswer, startTestApi, type TestApi } from '../../support/api.js';
import { insertEveryKind } from '../../support/every-kind.js';

/** Every field that leads to something of a project, asked by those who may and by those who may not. */

const schema = graphQLSchema();
let api: TestApi;
let otherId: string;
/** An object of every type, in the project `default`. */
let kinds: Record<TypeWithId, string>;
/** Keys: of an owner of the other project, of a member of each role, and one of the owner's that may only read. */
const keys = {} as Record<'OUTSIDER' | Role | 'READER', string>;

beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  const { dataSource, projectId } = api;
  kinds = await insertEveryKind(api);
  otherId = await insertProject(dataSource, 'other');
  const keyOf = async (name: string, roles: Record<string, Role>, only: readonly Scope[] = scopes) =>
    (await insertKey(dataSource, await insertUser(dataSource, name, { roles }), { scopes: only })).secret;
  keys.OUTSIDER = await keyOf('outsider', { [otherId]: 'OWNER' });
  for (const role of Object.keys(scopesOfRole) as Role[]) keys[role] = await keyOf(role, { [projectId]: role });
  keys.READER = await keyOf('reader', { [projectId]: 'OWNER' }, ['READ']);
});
afterAll(() => api?.close());

interface Refusable {
  readonly __typename: string;
  readonly problems?: readonly { readonly path: readonly string[]; readonly code: string }[];
}

/** Codes of all refusals in an answer, problems with their paths. */
function codesIn({ data, errors }: GraphQLAnswer<Record<string, Refusable | null>>): string[] {
  const problems = Object.values(data ?? {}).flatMap((each) => each?.problems ?? []);
  return [
    ...problems.map(({ path, code }) => [code, ...path].join(' ')),
    ...(errors ?? []).map(({ extensions }) => String(extensions.code)),
  ];
}

type Field = GraphQLField<unknown, unknown>;

/** An operation of one root field: its arguments lead to objects of the project `default`. */
function operationOf(kind: 'query' | 'mutation' | 'subscription', field: Field) {
  const idOf = (name: string): Value | undefined => {
    if (name === 'projectSlug' || name === 'slug') return 'default';
    const type = Object.keys(kinds).find(
      (each) => `${each}Id`.toLowerCase() === name.toLowerCase() || aliases[name] === each,
    );
    if (name === 'ids') return [kinds.Experiment, kinds.Experiment];
    return type === undefined ? undefined : kinds[type as TypeWithId];
  };
  const args = field.args.filter((arg) => isRequiredArgument(arg) || idOf(arg.name) !== undefined);
  const variables = Object.fromEntries(args.map((arg) => [arg.name, anyValue(arg.type, arg.name, idOf)]));
  const list = (of: (arg: (typeof args)[number]) => string, around: string) =>
    args.length === 0 ? '' : around.replace('…', args.map(of).join(', '));
  const named = getNamedType(field.type);
  const isLeaf = !isObjectType(named) && !isAbstractType(named);
  const answersProblems =
    isAbstractType(named) && schema.getPossibleTypes(named).some(({ name }) => name === 'Problems');
  const selection = isLeaf
    ? ''
    : `{ __typename ${answersProblems ? '... on Problems { problems { path code } }' : ''} }`;
  return {
    variables,
    query: `${kind} ${list((arg) => `$${arg.name}: ${arg.type}`, '(…)')} {
      ${field.name}${list((arg) => `${arg.name}: $${arg.name}`, '(…)')} ${selection} }`,
  };
}

/** Names of ids that are not called after their type. */
const aliases: Readonly<Record<string, TypeWithId>> = {
  modelId: 'BaseModel',
  aliasId: 'ModelAlias',
  exportId: 'ModelExport',
  reportId: 'DatasetReport',
  recommendationId: 'ModelRecommendation',
  importId: 'ModelImport',
  samplesId: 'ScoredSamples',
  deliveryId: 'WebhookDelivery',
  taskId: 'FeedbackTask',
  loopId: 'FeedbackLoop',
  itemId: 'FeedbackItem',
  claimId: 'FeedbackClaim',
};

async function ask(kind: 'query' | 'mutation' | 'subscription', field: Field, key: string): Promise<string[]> {
  const { query, variables } = operationOf(kind, field);
  if (kind !== 'subscription') return codesIn((await api.send<Record<string, Refusable>>(query, variables, key)).body);
  const events = api.connect({ authorization: `Bearer ${key}` }).iterate({ query, variables });
  const { value } = await events.next();
  await events.return?.();
  return codesIn((value ?? {}) as GraphQLAnswer<Record<string, Refusable>>);
}

const roots = [
  ['query', schema.getQueryType()!],
  ['mutation', schema.getMutationType()!],
  ['subscription', schema.getSubscriptionType()!],
] as const;
const rootFields = roots.flatMap(([kind, type]) =>
  Object.values(type.getFields()).map((field) => {
    const policy = policies[type.name];
    if (policy?.kind !== 'operations') throw new Error(`${type.name} holds no operations.`);
    return { path: `${type.name}.${field.name}`, kind, field: field as Field, policy: policy.fields[field.name]! };
  }),
);
const isOfProject = ({ policy }: { policy: OperationPolicy }): boolean => 'project' in policy;

describe('an operation on a project', () => {
  const cases = rootFields.filter(isOfProject);

  test('there are many', () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  test.each(cases)('$path is not there for those outside', async ({ kind, field }) => {
    expect(await ask(kind, field, keys.OUTSIDER)).toEqual([expect.stringMatching(/^NOT_FOUND/)]);
  });

  const needsMore = cases.filter(({ policy }) => policy.needs !== 'READ');
  test.each(needsMore)('$path is refused to members without the role, and to keys without the scope', async (each) => {
    const needed = each.policy.needs as Scope;
    for (const [name, key] of Object.entries(keys)) {
      if (name === 'OUTSIDER' || scopesOfRole[name as Role]?.has(needed)) continue;
      expect([name, ...(await ask(each.kind, each.field, key))]).toEqual([name, 'FORBIDDEN']);
    }
  });
});

describe('an operation on the server', () => {
  test.each(rootFields.filter(({ policy }) => policy.needs === 'SERVER'))(
    '$path is refused to owners of projects',
    async ({ kind, field }) => {
      expect(await ask(kind, field, keys.OWNER)).toEqual(['FORBIDDEN']);
    },
  );
});

/** What people claimed and said is for themselves, and for those who may train, as long as a task is blind. */
const ofPersons: readonly string[] = ['FeedbackClaim', 'FeedbackAnswer'];

describe('an object of a project', () => {
  const typesOfProject = Object.entries(policies).flatMap(([name, { kind }]) => (kind === 'ofProject' ? [name] : []));
  const nodes = typesOfProject.filter(
    (name) => (schema.getType(name) as GraphQLObjectType).getFields().id !== undefined,
  );

  test.each(nodes)('%s is there for members who may see it, and for nobody else', async (type) => {
    const query = '($id: ID!) { node(id: $id) { id } }';
    const id = kinds[type as TypeWithId];
    const seenBy = async (key: string) => (await api.send(`query ${query}`, { id }, key)).body;
    const policy = policies[type];
    const reach = policy?.kind === 'ofProject' ? policy.reach : 'READ';
    const needed = ofPersons.includes(type) ? 'TRAIN' : reach;
    for (const [name, key] of Object.entries(keys)) {
      const held = name === 'READER' ? new Set<Scope>(['READ']) : scopesOfRole[name as Role];
      const node = held?.has(needed) === true ? { id } : null;
      expect([name, await seenBy(key)]).toEqual([name, { data: { node } }]);
    }
  });

  test('found by name or slug is there for members alone', async () => {
    const query = '($id: ID!) { project { id } experiment(id: $id) { id } projects { nodes { slug } } }';
    const seenBy = async (key: string) => (await api.send(`query ${query}`, { id: kinds.Experiment }, key)).body.data;
    expect(await seenBy(keys.OUTSIDER)).toEqual({
      project: null,
      experiment: null,
      projects: { nodes: [{ slug: 'other' }] },
    });
    expect(await seenBy(keys.VIEWER)).toMatchObject({ projects: { nodes: [{ slug: 'default' }] } });
  });

  const guarded = Object.entries(policies).flatMap(([type, policy]) =>
    policy.kind === 'ofProject' && !ofPersons.includes(type)
      ? Object.entries(policy.fields).map(([field, needed]) => ({
          path: `${type}.${field}`,
          type,
          field,
          needed: needed as Scope,
        }))
      : [],
  );
  /** Of fields that can not be selected without. */
  const given: Readonly<Record<string, string>> = { winRate: '(competitor: "one", against: "other")' };
  test.each(guarded)('$path needs $needed', async ({ type, field, needed }) => {
    const named = getNamedType((schema.getType(type) as GraphQLObjectType).getFields()[field]!.type);
    const selection = isObjectType(named) || isAbstractType(named) ? '{ __typename }' : '';
    const inner = `... on ${type} { ${field}${given[field] ?? ''} ${selection} }`;
    const query =
      kinds[type as TypeWithId] === undefined
        ? `{ project { ${type.toLowerCase()}s { nodes { ${field} ${selection} } } } }`
        : `{ node(id: "${kinds[type as TypeWithId]}") { ${inner} } }`;
    for (const [name, key] of Object.entries(keys)) {
      if (name === 'OUTSIDER') continue;
      const { body } = await api.send<Record<string, Refusable>>(query, {}, key);
      const allowed = scopesOfRole[name as Role]?.has(needed) === true;
      // Those who may ask are told that nobody of this name has written anything.
      const codes = codesIn(body).filter((code) => !(allowed && field in given && code === 'NOT_FOUND'));
      expect([name, ...new Set(codes)]).toEqual(allowed ? [name] : [name, 'FORBIDDEN']);
    }
  });
});

describe('no path leads into another project', () => {
  /** Rows that a fault, or a restored backup, might leave: each points into the other project. */
  async function crossLinks() {
    const { dataSource, projectId } = api;
    const others = await copyInto(otherId);
    const mine = (type: TypeWithId) => parseGlobalId(kinds[type])!.uuid;
    await dataSource.query(
      `UPDATE experiments SET base_model_id = $2, dataset_version_id = $3, cloned_from_id = $4 WHERE id = $1`,
      [mine('Experiment'), others.model, others.version, others.experiment],
    );
    await dataSource.query('UPDATE evaluations SET base_model_id = $2, dataset_version_id = $3 WHERE id = $1', [
      mine('Evaluation'),
      others.model,
      others.version,
    ]);
    await dataSource.query('UPDATE batch_predictions SET base_model_id = $2, dataset_version_id = $3 WHERE id = $1', [
      mine('BatchPrediction'),
      others.model,
      others.version,
    ]);
    await dataSource.query('UPDATE scored_samples SET base_model_id = $2, dataset_version_id = $3 WHERE id = $1', [
      mine('ScoredSamples'),
      others.model,
      others.version,
    ]);
    await dataSource.query('UPDATE model_exports SET base_model_id = $2 WHERE id = $1', [
      mine('ModelExport'),
      others.model,
    ]);
    await dataSource.query(
      'UPDATE model_imports SET base_model_id = $2, adapter_base_model_id = $2 WHERE project_id = $1',
      [projectId, others.model],
    );
    await dataSource.query('UPDATE base_models SET produced_by_run_id = $2 WHERE id = $1', [
      mine('BaseModel'),
      others.run,
    ]);
    return others;
  }

  /** Model, version and experiment of another project, made of copies. */
  async function copyInto(projectId: string) {
    const { dataSource } = api;
    const [ids] = await dataSource.query(
      'SELECT gen_random_uuid() model, gen_random_uuid() dataset, gen_random_uuid() version, gen_random_uuid() experiment, gen_random_uuid() run',
    );
    const copy = async (table: string, id: string, changes: Record<string, string | null>, of: string) => {
      const [{ columns }] = await dataSource.query(
        `SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
         WHERE table_name = $1 AND is_generated = 'NEVER'`,
        [table],
      );
      await dataSource.query(
        `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM (
           SELECT (jsonb_populate_record(t, $1::jsonb)).* FROM ${table} t WHERE id = $2) AS copied`,
        [JSON.stringify({ id, ...changes }), of],
      );
    };
    const source = (type: TypeWithId) => parseGlobalId(kinds[type])!.uuid;
    const of = { project_id: projectId };
    await copy('base_models', ids.model, { ...of, produced_by_run_id: null }, source('BaseModel'));
    await copy('datasets', ids.dataset, of, source('Dataset'));
    await copy('dataset_versions', ids.version, { dataset_id: ids.dataset }, source('DatasetVersion'));
    await copy(
      'experiments',
      ids.experiment,
      { ...of, base_model_id: ids.model, dataset_version_id: ids.version },
      source('Experiment'),
    );
    await dataSource.query(`INSERT INTO runs (id, experiment_id, status) VALUES ($1, $2, 'QUEUED')`, [
      ids.run,
      ids.experiment,
    ]);
    return ids as Record<'model' | 'dataset' | 'version' | 'experiment' | 'run', string>;
  }

  /** Ids of all objects below a type, as deep as the server lets an operation be asked at reasonable cost. */
  function selectionOf(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields()).flatMap((field) => {
      if (field.name === 'id') return ['id'];
      const inner = selectionBelow(field as Field, depth);
      return inner === null ? [] : [inner];
    });
    return ['__typename', ...fields].join(' ');
  }

  function selectionBelow(field: Field, depth: number): string | null {
    const named = getNamedType(field.type);
    const open = field.args.every((arg) => !isRequiredArgument(arg));
    if (depth === 0 || !open || !(isObjectType(named) || isAbstractType(named))) return null;
    // A page and its nodes count as one step.
    const next = named.name.endsWith('Connection') ? depth : depth - 1;
    if (named.name.endsWith('Edge')) return null;
    const page = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
    const inner = isObjectType(named)
      ? selectionOf(named, next)
      : schema
          .getPossibleTypes(named)
          .map((each) => `... on ${each.name} { ${selectionOf(each, 0)} }`)
          .join(' ');
    return `${field.name}${page} { ${inner} }`;
  }

  function idsIn(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(idsIn);
    if (value === null || typeof value !== 'object') return [];
    return Object.entries(value).flatMap(([name, each]) => (name === 'id' ? [String(each)] : idsIn(each)));
  }

  test('whatever the rows say', async () => {
    const { dataSource, projectId } = api;
    const others = await crossLinks();
    const projectOf = projectOfLoaders(poolQuery(dataSource));
    const sides = [
      { key: keys.OWNER, home: projectId },
      { key: keys.OUTSIDER, home: otherId },
    ];
    let seen = 0;
    for (const { key, home } of sides) {
      for (const [type, start] of await startsIn(home)) {
        const object = schema.getType(type) as GraphQLObjectType;
        for (const field of Object.values(object.getFields())) {
          const selection = selectionBelow(field as Field, 2);
          if (selection === null) continue;
          const { body } = await api.send(`{ node(id: "${start}") { ... on ${type} { ${selection} } } }`, {}, key);
          const codes = (body.errors ?? []).map(({ extensions }) => extensions.code);
          expect([type, field.name, codes.filter((code) => code !== 'NOT_FOUND')]).toEqual([type, field.name, []]);
          for (const id of idsIn(body.data)) {
            const parsed = parseGlobalId(id);
            // Tokens have ids too.
            if (parsed === null) continue;
            const { type: found, uuid } = parsed;
            const loader = projectOf[found as TypeOfProject];
            // A key is its user's; the audit log says which was used.
            if (loader === undefined || found === 'ApiKey') continue;
            seen += 1;
            expect([type, field.name, found, await loader.load(uuid)]).toEqual([type, field.name, found, home]);
          }
        }
      }
    }
    expect(seen).toBeGreaterThan(20);
    // The one field that leads elsewhere by an id of its own.
    const elsewhere = globalId('Experiment', others.experiment);
    const { body } = await api.send(
      `{ node(id: "${kinds.Experiment}") { ... on Experiment { diff(with: "${elsewhere}") { __typename } } } }`,
      {},
      keys.OWNER,
    );
    expect(body.data).toEqual({ node: { diff: null } });
  }, 300_000);

  /** An object of every type that a project has. */
  async function startsIn(projectId: string): Promise<[string, string][]> {
    if (projectId === api.projectId) {
      return Object.entries(kinds).filter(([type]) => policies[type]?.kind === 'ofProject');
    }
    const { body } = await api.send<{ project: Record<string, { nodes: { id: string; __typename: string }[] }> }>(
      `{ project(slug: "other") { datasets { nodes { __typename id } } baseModels { nodes { __typename id } }
          experiments { nodes { __typename id } } } }`,
      {},
      keys.OUTSIDER,
    );
    const found = Object.values(body.data!.project).flatMap(({ nodes: each }) => each);
    expect(found).toHaveLength(3);
    return found.map(({ __typename, id }) => [__typename, id]);
  }
});

describe('policies', () => {
  test('are there for every type and every root field, or the server does not start', () => {
    const { Worker: _, ...withoutType } = policies;
    expect(() => compilePolicies(buildGraphQLSchema(), withoutType)).toThrow('The type Worker has no policy');
    const query = policies.Query!;
    if (query.kind !== 'operations') throw new Error('Query holds no operations.');
    const { node: __, ...others } = query.fields;
    expect(() =>
      compilePolicies(buildGraphQLSchema(), { ...policies, Query: { kind: 'operations', fields: others } }),
    ).toThrow('Query.node has no policy');
  });

  test('are for what is there', () => {
    expect(() => compilePolicies(buildGraphQLSchema(), { ...policies, Gone: { kind: 'part' } })).toThrow('Gone');
    const project = ofProject({ gone: 'ADMINISTER' });
    expect(() => compilePolicies(buildGraphQLSchema(), { ...policies, Project: project })).toThrow('gone');
  });
});

// Last, because it is done: what is deleted is gone.
describe('an operation on a project, done by those who may', () => {
  // Subscriptions that are allowed wait for events; they have tests of their own.
  // Nor is anything deleted before the others were done with it.
  const deletes = ({ field }: { readonly field: Field }) => Number(/^(delete|remove)/.test(field.name));
  const toDo = rootFields
    .filter(isOfProject)
    .filter(({ kind }) => kind !== 'subscription')
    .toSorted((one, other) => deletes(one) - deletes(other));
  test.each(toDo)('$path', async ({ kind, field, policy }) => {
    const needed = policy.needs as Scope;
    const role = (Object.keys(scopesOfRole) as Role[]).reverse().find((each) => scopesOfRole[each].has(needed))!;
    const codes = await ask(kind, field, keys[role]);
    expect(codes).not.toContain('FORBIDDEN');
    expect(codes.filter((code) => /^NOT_FOUND (projectSlug|experimentId|modelId|datasetId)$/.test(code))).toEqual([]);
  });
});
