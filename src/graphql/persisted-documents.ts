import { readFile } from 'node:fs/promises';
import { GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { z } from 'zod';
import { messageOf } from '../protocol/message-of.js';
import { sha256Hex } from '../protocol/sha256-hex.js';

/** Documents that the server learnt at its start, by their ids. */
export interface PersistedDocuments {
  readonly size: number;
  /** The text for an id: an id of the manifest, or `sha256:` and the text's digest. Null: unknown. */
  find(id: string): string | null;
  /** Whether a text is one of these documents. */
  holds(text: string): boolean;
}

/** A file of documents can't be used; the message says why, to whoever starts the server. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** The format of `@apollo/generate-persisted-query-manifest`. */
const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string() })),
});
/** The format of Relay's compiler and others: texts by id. */
const plainManifest = z.record(z.string().min(1), z.string());

/** Reads files of documents and checks that each document is valid for the schema. Throws ManifestError. */
export async function loadPersistedDocuments(
  paths: readonly string[],
  schema: GraphQLSchema,
): Promise<PersistedDocuments> {
  const texts = new Map<string, string>();
  const faults: string[] = [];
  for (const path of paths) {
    for (const [id, text] of await readManifest(path)) {
      const known = texts.get(id);
      if (known !== undefined && known !== text) faults.push(`${path}: ${id} names two different documents.`);
      const fault = faultOf(text, schema);
      if (fault !== null) faults.push(`${path}: ${id}: ${fault}`);
      texts.set(id, text);
    }
  }
  if (faults.length > 0) throw new ManifestError(faults.join('\n'));
  const digests = new Map([...texts.values()].map((text) => [sha256Hex(text), text]));
  return {
    size: digests.size,
    find: (id) => texts.get(id) ?? digests.get(id.replace(/^sha256:/, '')) ?? null,
    holds: (text) => digests.has(sha256Hex(text)),
  };
}

async function readManifest(path: string): Promise<readonly (readonly [string, string])[]> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ManifestError(`${path} can't be read as JSON: ${messageOf(error)}`);
  }
  const apollo = apolloManifest.safeParse(content);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => [id, body]);
  const plain = plainManifest.safeParse(content);
  if (plain.success) return Object.entries(plain.data);
  throw new ManifestError(`${path} is neither an Apollo manifest of version 1 nor an object of texts by their ids.`);
}

function faultOf(text: string, schema: GraphQLSchema): string | null {
  try {
    const [fault] = validate(schema, parse(text));
    return fault?.message ?? null;
  } catch (error) {
    if (error instanceof GraphQLError) return error.message;
    throw error;
  }
}
