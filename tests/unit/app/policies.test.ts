import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { parseSync, Visitor } from 'rolldown/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { slugPathOf } from '../../../src/access/project-slug.js';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { policies } from '../../../src/app/policies.js';

/** A class of the sources, as far as this test reads it. */
interface SourceClass {
  /** The type of the graph that the class is; null: none of its own. */
  readonly graphType: string | null;
  readonly parent: string | null;
  readonly carriesProject: boolean;
}

const sources = fileURLToPath(new URL('../../../src/', import.meta.url));
const classes = new Map<string, SourceClass>();

beforeAll(async () => {
  for (const path of await readdir(sources, { recursive: true })) {
    const source = path.endsWith('.ts') ? await readFile(`${sources}${path}`, 'utf8') : '';
    if (!source.includes("from 'type-graphql'")) continue;
    const { program, errors } = parseSync(path, source);
    expect(errors, path).toEqual([]);
    new Visitor({
      ClassDeclaration(node) {
        const graphType = node.decorators
          .map(({ expression }) => (expression.type === 'CallExpression' ? expression : null))
          .filter((call) => call?.callee.type === 'Identifier' && call.callee.name === 'ObjectType')
          .map((call) => call!.arguments[0])
          .find((argument) => argument?.type === 'Literal');
        if (!node.decorators.length && node.superClass === null) return;
        expect(classes.has(node.id!.name), `two classes are called ${node.id!.name}`).toBe(false);
        classes.set(node.id!.name, {
          graphType: graphType?.type === 'Literal' ? String(graphType.value) : null,
          parent: node.superClass?.type === 'Identifier' ? node.superClass.name : null,
          carriesProject: node.body.body.some(
            (member) => 'key' in member && member.key?.type === 'Identifier' && member.key.name === 'projectUuid',
          ),
        });
      },
    }).visit(program);
  }
});

function carriesProject(name: string | null): boolean {
  const found = name === null ? undefined : classes.get(name);
  return found !== undefined && (found.carriesProject || carriesProject(found.parent));
}

const typesThat = (carry: boolean): string[] =>
  [...classes]
    .filter(([name, { graphType }]) => graphType !== null && carriesProject(name) === carry)
    .map(([, { graphType }]) => graphType!);

describe('policies', () => {
  test('this test knows the classes of all types', () => {
    const types = Object.values(graphQLSchema().getTypeMap()).filter(
      (type) => isObjectType(type) && !/^(__|Query$|Mutation$|Subscription$)|(Connection|Edge)$/.test(type.name),
    );
    expect([...typesThat(true), ...typesThat(false)].sort()).toEqual(types.map(({ name }) => name).sort());
  });

  test('are there for every type whose objects say of which project they are', () => {
    expect(typesThat(true)).toContain('ModelImport');
    expect(typesThat(true).filter((name) => policies[name] === undefined)).toEqual([]);
  });

  test('do not take for an object of a project what does not say of which', () => {
    expect(typesThat(false).filter((name) => policies[name]?.kind === 'ofProject')).toEqual([]);
  });

  test('an operation that names its project by a slug does so by its policy, which fills in a slug that is left out', () => {
    const schema = graphQLSchema();
    const named = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) => {
      const policy = policies[root!.name];
      return Object.values(root!.getFields()).map(({ name, args }) => {
        const [input] = args.filter((arg) => arg.name === 'input').map((arg) => getNamedType(arg.type));
        const ofInput = isInputObjectType(input) && input.getFields().projectSlug !== undefined;
        const argument = args.find((arg) => arg.name === 'slug' || arg.name === 'projectSlug');
        const path = ofInput ? ['input', 'projectSlug'] : argument === undefined ? null : [argument.name];
        return { name, path, byPolicy: policy?.kind === 'operations' ? slugPathOf(policy.fields[name]!) : null };
      });
    });
    expect(named.filter(({ path }) => path !== null).length).toBeGreaterThan(10);
    // A key without a project opens all projects of its user.
    const without = named.filter(({ path, byPolicy }) => String(path) !== String(byPolicy));
    expect(without.map(({ name }) => name)).toEqual(['createApiKey']);
  });
});
