/**
 * `npm run client`: from the operations in `.graphql` files, the typed documents that clients send. With `--check` it
 * writes nothing, and ends with status 1 when a file is not what it would write.
 *
 * Types come from graphql-codegen, with only those inputs and enums that the operations use. A document is one line of
 * text, not a syntax tree, which in a browser would be several times as large; fragments are appended to the operations
 * that spread them.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import {
  buildSchema,
  getNamedType,
  isNonNullType,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  validate,
} from 'graphql';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders of operations, and from where what is generated beside them imports the types of documents. */
export const packages = [
  { folder: 'clients/typescript', client: '../typed-document.js' },
  { folder: 'clients/command-line', client: '../../typescript/typed-document.js' },
];

/** The same as docs/frontends.md tells. */
const scalars = {
  BigInt: { input: 'number | string', output: 'number | string' },
  Comparand: 'string | number | boolean',
  DateTime: 'string',
  ID: 'string',
  JSON: 'unknown',
  Seed: 'number',
  Sha256: 'string',
};

/** The text of the module that is generated for a folder's operations. */
export async function generateOperations(schema, sources, client) {
  const documents = sources.map(({ name, text }) => ({ location: name, document: parse(text) }));
  const definitions = documents.flatMap(({ document }) => document.definitions);
  const errors = validate(schema, { kind: Kind.DOCUMENT, definitions });
  if (errors.length > 0) throw new Error(errors.map(String).join('\n'));
  const types = await codegen({
    filename: 'operations.ts',
    schema: parse('type Query { unused: Int }'),
    schemaAst: schema,
    documents,
    plugins: [
      {
        operations: {
          scalars,
          strictScalars: true,
          useTypeImports: true,
          enumType: 'string-literal',
          enumsAsTypes: true,
          immutableTypes: true,
          skipTypename: true,
          dedupeFragments: true,
          maybeValue: 'T | null',
          // They would move what is generated whenever a sentence of the schema is mended.
          disableDescriptions: true,
        },
      },
    ],
    pluginMap: { operations: typescriptOperations },
    config: {},
  });
  const fragments = new Map(
    definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
  );
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const constants = operations.map((operation) => constantOf(schema, operation, fragments));
  const kinds = new Set(operations.map(({ operation }) => `${capitalized(operation)}Document`));
  const imported = `import type { ${[...kinds].sort().join(', ')} } from '${client}';`;
  return `// Written by \`npm run client\` from the .graphql files beside it.\n${imported}\n\n${types.trim()}\n\n${constants.join('\n\n')}\n`;
}

function constantOf(schema, operation, fragments) {
  const name = operation.name.value;
  const kind = operation.operation;
  const spread = [...fragmentsIn(operation, fragments)].map((each) => fragments.get(each));
  const text = stripIgnoredCharacters([operation, ...spread].map(print).join('\n'));
  const more = { query: () => '', mutation: isKeyed, subscription: resumes }[kind](schema, operation);
  const type = `${capitalized(kind)}Document<${name}${capitalized(kind)}, ${name}${capitalized(kind)}Variables>`;
  return `export const ${name}: ${type} = {\n  kind: '${kind}',\n  name: '${name}',${more}\n  text: ${JSON.stringify(text)},\n};`;
}

function fragmentsIn(node, fragments, found = new Set()) {
  for (const selection of node.selectionSet?.selections ?? []) {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) fragmentsIn(selection, fragments, found);
    else if (!found.has(selection.name.value)) {
      found.add(selection.name.value);
      fragmentsIn(fragments.get(selection.name.value), fragments, found);
    }
  }
  return found;
}

/** The one field of an operation. */
function fieldOf(type, operation) {
  const fields = operation.selectionSet.selections.filter(({ kind }) => kind === Kind.FIELD);
  if (fields.length !== 1) throw new Error(`${operation.name.value} must have one field.`);
  return { selected: fields[0], field: type.getFields()[fields[0].name.value] };
}

function isKeyed(schema, operation) {
  const { selected, field } = fieldOf(schema.getMutationType(), operation);
  const [argument] = selected.arguments;
  const isInput = argument?.value.kind === Kind.VARIABLE && argument.value.name.value === 'input';
  if (!isInput) throw new Error(`${operation.name.value} must pass $input on as it is.`);
  const selectsProblems = print(selected).includes('... on Problems');
  if (!selectsProblems) throw new Error(`${operation.name.value} must select Problems.`);
  const input = getNamedType(field.args.find(({ name }) => name === 'input').type);
  return `\n  isKeyed: ${'idempotencyKey' in input.getFields()},`;
}

/** Where events go on after a break: what has `afterSeq` must take it from the variable, and select `seq`. */
function resumes(schema, operation) {
  const { selected, field } = fieldOf(schema.getSubscriptionType(), operation);
  const taken = field.args.find(({ name }) => name === 'afterSeq');
  if (taken === undefined) return `\n  resumes: 'STATE',`;
  const given = selected.arguments.find(({ name }) => name.value === 'afterSeq');
  const goesOn = given?.value.kind === Kind.VARIABLE && given.value.name.value === 'afterSeq';
  if (!goesOn) throw new Error(`${operation.name.value} must pass $afterSeq, where the client goes on after a break.`);
  if (!/\bseq\b/.test(print(selected))) throw new Error(`${operation.name.value} must select seq of its events.`);
  return `\n  resumes: '${isNonNullType(taken.type) ? 'SEQ' : 'SEQ_OR_NOW'}',`;
}

const capitalized = (word) => word[0].toUpperCase() + word.slice(1);

async function main() {
  const schema = buildSchema(await readFile(join(root, 'schema.graphql'), 'utf8'));
  const isCheck = process.argv.includes('--check');
  let isDifferent = false;
  for (const { folder, client } of packages) {
    const names = (await readdir(join(root, folder, 'operations'))).filter((each) => each.endsWith('.graphql')).sort();
    const sources = await Promise.all(
      names.map(async (name) => ({ name, text: await readFile(join(root, folder, 'operations', name), 'utf8') })),
    );
    const path = join(root, folder, 'generated', 'operations.ts');
    const written = await generateOperations(schema, sources, client);
    if ((await readFile(path, 'utf8').catch(() => '')) === written) continue;
    isDifferent = true;
    if (isCheck) console.error(`${folder}/generated/operations.ts is not up to date: run npm run client.`);
    else await writeFile(path, written);
  }
  if (isCheck && isDifferent) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
