import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import type { Command } from 'commander';
import { createClient } from '../../typescript/node.js';
import { CommandError, InterruptedError } from '../command-error.js';
import { WhoAmI } from '../generated/operations.js';
import { defaultUrl, type GlobalOptions, patience, write } from '../session.js';
import { readSettings, settingsPath, writeSettings } from '../settings.js';
import type { Surroundings } from '../surroundings.js';
import { plain, record } from '../table.js';
import { within } from '../within.js';

export function addLogin(program: Command, surroundings: Surroundings): void {
  program
    .command('login')
    .summary('keep a server and an API key for further commands')
    .description(
      'Keeps the address of a server and an API key in a file that you alone can read. The key is asked for, or read from standard input with --key-stdin; with --no-key the server is used without one, as on loopback.',
    )
    .argument('[url]', `address of the server (default: ${defaultUrl})`)
    .option('--key-stdin', 'read the key from standard input')
    .option('--no-key', 'keep no key for this server')
    .action(async (given: string | undefined, options: { keyStdin?: boolean; key: boolean }, command: Command) => {
      const { project, json, url: named } = command.optsWithGlobals<GlobalOptions>();
      const path = settingsPath(surroundings);
      const settings = await readSettings(path);
      const url = parseUrl(given ?? named ?? surroundings.env.ATTUNE_URL ?? settings.url ?? defaultUrl);
      const apiKey = options.key ? await readKey(surroundings, options.keyStdin === true) : null;
      const client = createClient({ url, apiKey, retry: patience });
      const projectSlug = project ?? null;
      const { viewer, project: opened } = await client.query(WhoAmI, { projectSlug }, { signal: surroundings.signal });
      if (projectSlug !== null && !opened) {
        throw new CommandError('NOT_FOUND', `${viewer.name} sees no project “${projectSlug}” at ${url.origin}.`);
      }
      const { [url.origin]: _former, ...others } = settings.apiKeys;
      await writeSettings(path, {
        url: client.url,
        ...(projectSlug === null ? {} : { projectSlug }),
        apiKeys: apiKey === null ? others : { ...others, [url.origin]: apiKey },
      });
      const said = { url: client.url, name: viewer.name, project: opened?.slug ?? null, settings: path };
      await write(
        surroundings,
        json
          ? JSON.stringify(said)
          : plain(`${viewer.name} is signed in at ${client.url}. The settings are in ${path}.`),
      );
    });

  program
    .command('logout')
    .summary('forget the key of the server')
    .action(async (_options: object, command: Command) => {
      const path = settingsPath(surroundings);
      const settings = await readSettings(path);
      const { url: named } = command.optsWithGlobals<GlobalOptions>();
      const url = parseUrl(named ?? settings.url ?? defaultUrl);
      const { [url.origin]: former, ...apiKeys } = settings.apiKeys;
      await writeSettings(path, { ...settings, apiKeys });
      surroundings.stderr.write(
        former === undefined
          ? `No key of ${url.origin} was kept.\n`
          : `The key of ${url.origin} is forgotten here; it is valid until it is revoked.\n`,
      );
    });

  program
    .command('whoami')
    .summary('who asks, and what they may do')
    .action(
      within(surroundings, async (session) => {
        const { client, projectSlug, signal } = session;
        const { viewer, project, serverInfo } = await client.query(WhoAmI, { projectSlug }, { signal });
        await session.show({ url: client.url, viewer, project: project ?? null, serverInfo }, () =>
          record({
            server: `${client.url} (version ${serverInfo.version}, workers: ${serverInfo.workers.length})`,
            name: viewer.name,
            'signed in by': viewer.credential.toLowerCase().replaceAll('_', ' '),
            project: project?.slug,
            role: project?.viewerRole.toLowerCase(),
            rights: project?.viewerScopes.join(', '),
          }),
        );
      }),
    );
}

function parseUrl(text: string): URL {
  const hasScheme = /^https?:\/\//.test(text);
  try {
    return new URL(hasScheme ? text : `https://${text}`);
  } catch {
    throw new CommandError('INVALID_URL', `“${text}” is no address of a server.`, `Such as ${defaultUrl}.`, 2);
  }
}

async function readKey({ stdin, stderr, signal }: Surroundings, isGiven: boolean): Promise<string | null> {
  if (isGiven || stdin.isTTY !== true) {
    const key = (await readText(stdin)).trim();
    if (key === '') throw new CommandError('NO_KEY', 'Standard input held no key.', 'With --no-key none is needed.', 2);
    return key;
  }
  stderr.write('API key (nothing for none): ');
  // What is typed is not shown.
  const lines = createInterface({
    input: stdin,
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: true,
  });
  try {
    return await new Promise<string | null>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      lines.once('SIGINT', () => reject(new InterruptedError()));
      lines.once('line', (line) => resolve(line.trim() === '' ? null : line.trim()));
      lines.once('close', () => resolve(null));
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
