import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compareContracts } from '../../../scripts/compare-contracts.mjs';

const released = /* GraphQL */ `
  type Query {
    dataset(name: String, old: Int @deprecated(reason: "name it"), first: Int = 20): Dataset
    result: Result!
    legacy: Legacy @deprecated(reason: "use dataset")
  }
  interface Node { id: ID! }
  type Dataset implements Node { id: ID!, name: String!, note: String, size: Int! @deprecated(reason: "use name") }
  type Problems { messages: [String!]! }
  type Legacy { name: String }
  union Result = Dataset | Problems
  enum Status { QUEUED, RUNNING, WAITING @deprecated(reason: "is QUEUED") }
  input DatasetInput { name: String!, note: String, status: Status, seed: Int @deprecated(reason: "not used") }
  type Mutation { createDataset(input: DatasetInput!): Result! }
`;

const change = (from: string, to: string): string => {
  expect(released).toContain(from);
  return released.replace(from, to);
};

test.each([
  ['a field is removed', 'note: String, size', 'size', "Field 'note' was removed from object type 'Dataset'"],
  ['a field may be null', 'name: String!, note: String, size', 'name: String, note: String, size', 'Dataset.name'],
  ['a field has another type', 'note: String, size', 'note: Int, size', 'Dataset.note'],
  ['an argument is required', 'name: String, old', 'name: String!, old', 'name'],
  ['an argument is removed', 'name: String, old', 'old', "Argument 'name: String' was removed"],
  ['an argument is added and required', 'dataset(name', 'dataset(slug: String!, name', 'slug'],
  ['an enum value is removed', 'QUEUED, RUNNING,', 'QUEUED,', "'RUNNING' was removed"],
  ['a member of a union is removed', 'union Result = Dataset | Problems', 'union Result = Problems', "'Dataset'"],
  ['a type is no Node any more', 'type Dataset implements Node', 'type Dataset', "'Node'"],
  ['an input field is required', 'note: String, status', 'note: String!, status', 'note'],
  ['an input field is removed', 'note: String, status: Status,', 'status: Status,', "'note'"],
  ['a mutation is removed', 'createDataset(input', 'makeDataset(input', 'createDataset'],
])('%s: breaking', async (_, from, to, message) => {
  const { breaking } = await compareContracts(released, change(from, to));
  expect(breaking.join('\n')).toContain(message);
});

test.each([
  ['a field is added', 'note: String, size', 'note: String, tags: [String!]!, size', 0],
  ['an optional argument is added', 'dataset(name', 'dataset(slug: String, name', 1],
  ['an optional input field is added', 'note: String, status', 'note: String, priority: Int, status', 0],
  ['a type is added', 'type Legacy', 'type Tag { name: String! }\n type Legacy', 0],
  ['a field that could be null no longer can', 'note: String, size', 'note: String!, size', 0],
  ['a description is added', 'type Legacy', '"""Gone soon."""\n type Legacy', 0],
  ['a field is deprecated', 'note: String, size', 'note: String @deprecated(reason: "r"), size', 0],
  ['a member of a union is added', 'union Result = Dataset', 'union Result = Legacy | Dataset', 1],
  ['an enum value is added', 'QUEUED, RUNNING', 'QUEUED, DONE, RUNNING', 1],
  ['a deprecated field goes', ', size: Int! @deprecated(reason: "use name")', '', 1],
  ['a deprecated argument goes', 'old: Int @deprecated(reason: "name it"), ', '', 1],
  ['a deprecated enum value goes', ', WAITING @deprecated(reason: "is QUEUED")', '', 1],
  ['a deprecated input field goes', ', seed: Int @deprecated(reason: "not used")', '', 1],
])('%s: nothing breaks', async (_, from, to, surprises) => {
  const { breaking, dangerous } = await compareContracts(released, change(from, to));
  expect([breaking, dangerous.length]).toEqual([[], surprises]);
});

test('a deprecated field goes together with the type that nothing else uses', async () => {
  const present = change('legacy: Legacy @deprecated(reason: "use dataset")', '').replace(/type Legacy .*\n/, '');
  expect((await compareContracts(released, present)).breaking).toEqual([]);
});

test('the command: status 1 and what to do for a broken promise; a release makes a new one only when told to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-contract-'));
  try {
    const paths = { present: join(folder, 'schema.graphql'), released: join(folder, 'docs/contract/released.graphql') };
    await mkdir(join(folder, 'docs/contract'), { recursive: true });
    await writeFile(paths.released, `# Released.\n${released}`);
    await writeFile(paths.present, `# Generated.\n${change('note: String, size', 'size')}`);

    const checked = await contract(folder, 'check');
    expect(checked.status).toBe(1);
    expect(checked.output).toContain("- Field 'note' was removed from object type 'Dataset'");
    expect(checked.output).toContain('deprecated with a reason');
    expect((await contract(folder, 'release')).status).toBe(1);
    expect(await readFile(paths.released, 'utf8')).toContain('note: String, size');

    expect((await contract(folder, 'release', '--break')).status).toBe(0);
    expect(await readFile(paths.released, 'utf8')).not.toContain('note: String, size');
    expect(await contract(folder, 'check')).toEqual({
      status: 0,
      output: 'Nothing breaks what the last release promised.\n',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

const script = fileURLToPath(new URL('../../../scripts/contract.mjs', import.meta.url));

function contract(cwd: string, ...args: string[]): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { cwd }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
