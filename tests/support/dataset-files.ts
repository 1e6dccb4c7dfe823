import type { GraphQLClient } from './graphql-client.js';

export const versionFields = `id format exampleCount rejectedCount
  fileOptions { delimited { header names delimiter } conll { separator columns { number name } }
    listColumns { column separator items emptyList } maxRejectedShare }
  leftOutColumns { name code reason }
  notices { code message }
  columns { name type missing distinct labels(first: 5) { label count } lengths { shortest longest mean } }
  rejectedRows { nodes { line code reason excerpt } }
  examples { nodes { values } }`;
export const problemFields = '... on Problems { problems { path code message hint } }';

export interface Version {
  readonly id: string;
  readonly format: string;
  readonly exampleCount: number;
  readonly rejectedCount: number;
  readonly fileOptions: unknown;
  readonly leftOutColumns: readonly Record<string, unknown>[];
  readonly columns: readonly Record<string, unknown>[];
  readonly notices: readonly Record<string, unknown>[];
  readonly rejectedRows: { readonly nodes: readonly Record<string, unknown>[] };
  readonly examples: { readonly nodes: readonly { readonly values: unknown }[] };
}
export interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}
type Result = { readonly latest: Version } | { readonly problems: readonly Problem[] };

/** Makes datasets of files through the API, as clients do. */
export function datasetFiles(client: () => GraphQLClient) {
  async function upload(content: string | Uint8Array<ArrayBuffer>, format: string): Promise<string> {
    const { id, url } = await client().mutate<{ id: string; url: string }>(
      `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } ${problemFields} } }`,
      { fileName: 'rows', format },
    );
    await client().upload(url, content);
    return id;
  }

  let names = 0;
  async function create(
    content: string | Uint8Array<ArrayBuffer>,
    format: string,
    options: Record<string, unknown> = {},
  ): Promise<Result> {
    const { createDataset } = await client().request<{ createDataset: Result }>(
      `mutation ($input: CreateDatasetInput!) {
         createDataset(input: $input) { ... on Dataset { latest { ${versionFields} } } ${problemFields} }
       }`,
      { input: { name: `files ${names++}`, uploadId: await upload(content, format), ...options } },
    );
    return createDataset;
  }

  async function versionOf(...file: Parameters<typeof create>): Promise<Version> {
    const result = await create(...file);
    if ('problems' in result) throw new Error(JSON.stringify(result.problems));
    return result.latest;
  }

  async function problemsOf(...file: Parameters<typeof create>): Promise<readonly Problem[]> {
    const result = await create(...file);
    if ('latest' in result) throw new Error('the file was not refused');
    return result.problems;
  }

  return { upload, versionOf, problemsOf };
}

export const valuesOf = ({ examples }: Version) => examples.nodes.map(({ values }) => values);
