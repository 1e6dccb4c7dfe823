import { sweepFiles } from '../../src/deletion/sweep-files.js';
import type { PreparationRoom } from './preparation-room.js';

interface Problem {
  readonly path: readonly string[];
  readonly code: string;
}
interface Appended {
  readonly count?: number;
  readonly firstNumber?: number;
  readonly lastNumber?: number;
  readonly problems?: readonly Problem[];
}
interface Waiting {
  readonly number: number;
  readonly split: string | null;
  readonly values: Record<string, unknown>;
  readonly preparation: { readonly status: string } | null;
}

const problems = '... on Problems { problems { path code message hint } }';

/** What an application sends, as examples of texts alone. */
export const texts = (...all: readonly string[]) => all.map((text) => ({ values: { text } }));

/** The next version, of the latest one and of what was appended. */
export const next = (made: { readonly id: string; readonly dataset: { readonly id: string } }, more: object = {}) => ({
  datasetId: made.dataset.id,
  sources: [{ version: { datasetVersionId: made.id } }, { appended: { datasetId: made.dataset.id } }],
  ...more,
});

/** Calls about examples that applications append. @param roomOf the room, once it is open */
export function appending(roomOf: () => PreparationRoom) {
  return {
    async append(datasetId: string, examples: readonly object[], more: object = {}): Promise<Appended> {
      const { appendExamples } = await roomOf().api.request<{ appendExamples: Appended }>(
        /* GraphQL */ `mutation ($input: AppendExamplesInput!) { appendExamples(input: $input) {
          ... on AppendedExamples { dataset { id } count firstNumber lastNumber } ${problems} } }`,
        { input: { datasetId, examples, ...more } },
      );
      return appendExamples;
    },

    async waiting(datasetId: string): Promise<readonly Waiting[]> {
      const { node } = await roomOf().api.request<{ node: { appendedExamples: { nodes: Waiting[] } } }>(
        /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on Dataset { appendedExamples(first: 100) {
          totalCount nodes { number split values preparation { status } } } } } }`,
        { id: datasetId },
      );
      return node.appendedExamples.nodes;
    },

    async discard(input: Record<string, unknown>): Promise<number> {
      const { discardAppendedExamples } = await roomOf().api.request<{ discardAppendedExamples: { count: number } }>(
        /* GraphQL */ `mutation ($input: DiscardAppendedExamplesInput!) { discardAppendedExamples(input: $input) {
          ... on DiscardedExamples { count } ${problems} } }`,
        { input },
      );
      return discardAppendedExamples.count;
    },

    async dataset(content = 'text,label\nfirst,a\nsecond,b\n') {
      const room = roomOf();
      return room.prepare({ sources: [{ upload: { uploadId: await room.upload(content) } }] });
    },

    async storedFiles(): Promise<number> {
      const { dataSource, store } = roomOf().api;
      await sweepFiles(dataSource, store);
      const [{ files }] = await dataSource.query('SELECT count(*)::int AS files FROM artifacts');
      return files;
    },
  };
}
