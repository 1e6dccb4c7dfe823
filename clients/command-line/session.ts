import type { Command } from 'commander';
import { type AttuneClient, createClient } from '../typescript/node.js';
import { openProgress, type Progress } from './progress.js';
import { readSettings, settingsPath } from './settings.js';
import type { Surroundings } from './surroundings.js';
import { plain } from './table.js';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly url?: string;
  readonly project?: string;
  readonly json?: boolean;
}

/** One command at work: the server that it speaks to, and the ways to say something. */
export interface Session {
  readonly client: AttuneClient;
  /** Null: the project that the API key opens, else `default`. */
  readonly projectSlug: string | null;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
  readonly surroundings: Surroundings;
  /** Says a result: a line of JSON for scripts, a text for people. A promise, so that a slow reader is waited for. */
  show(value: object, text: () => string): Promise<void>;
  /** Says something beside the result, to people alone. */
  note(text: string): void;
  /** A bar while it lasts, where there is a terminal and somebody reads. */
  progress(label: string): Progress;
}

/** Who waits before a terminal is told within seconds that nobody answers; */
export const patience = { maxRetries: 3 };
/** what has begun may go on for minutes without its server, as when that is started anew. */
export const patienceOfWork = 40;

export const defaultUrl = 'http://127.0.0.1:4000';

/** Option, variable of the environment, settings of `attune login`, in this order. */
export async function openSession(command: Command, surroundings: Surroundings): Promise<Session> {
  const { url: givenUrl, project, json } = command.optsWithGlobals<GlobalOptions>();
  const { env, stderr, signal } = surroundings;
  const settings = await readSettings(settingsPath(surroundings));
  const url = new URL(givenUrl ?? env.ATTUNE_URL ?? settings.url ?? defaultUrl);
  const isOwnServer = settings.url !== undefined && new URL(settings.url).origin === url.origin;
  const client = createClient({
    url,
    retry: patience,
    apiKey: env.ATTUNE_API_KEY ?? settings.apiKeys[url.origin] ?? null,
  });
  const isJson = json === true;
  return {
    client,
    projectSlug: project ?? env.ATTUNE_PROJECT ?? (isOwnServer ? (settings.projectSlug ?? null) : null),
    isJson,
    signal,
    surroundings,
    show: (value, text) => write(surroundings, isJson ? JSON.stringify(value) : plain(text())),
    note(text) {
      if (!isJson) stderr.write(`${plain(text)}\n`);
    },
    progress: (label) => openProgress(label, isJson ? null : stderr),
  };
}

/** Writes a line, and waits where the reader is slower. */
export async function write({ stdout, signal }: Surroundings, text: string): Promise<void> {
  if (stdout.write(`${text}\n`)) return;
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stdout.once('drain', () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

/** The project in an input: left out where none is named, so that the server takes its own. */
export function inProject({ projectSlug }: Session): { readonly projectSlug?: string } {
  return projectSlug === null ? {} : { projectSlug };
}
