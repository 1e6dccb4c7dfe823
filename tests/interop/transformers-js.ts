import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { prepareNode } from './node-environment.js';

/** A place where transformers.js runs. */
export interface TransformersJs extends AsyncDisposable {
  /** Has it do what answer.mjs says. Errors: Error with what the library said. */
  ask<Answer>(wish: object, answer: z.ZodType<Answer>): Promise<Answer>;
}

const scripts = join(import.meta.dirname, 'node/transformers-js');
const Reply = z.union([z.object({ error: z.string() }), z.object({ result: z.unknown() })]);

function answerIn<Answer>(reply: unknown, wish: object, answer: z.ZodType<Answer>): Answer {
  const parsed = Reply.parse(reply);
  if ('error' in parsed) throw new Error(`${JSON.stringify(wish).slice(0, 300)}: ${parsed.error}`);
  return answer.parse(parsed.result);
}

/** transformers.js on ONNX Runtime's native build. @param exports folder that the exports lie in */
export async function openInNode(exports: string): Promise<TransformersJs> {
  const packages = await prepareNode('transformers-js');
  const child = spawn(process.execPath, [join(scripts, 'serve.mjs'), packages, exports], { stdio: 'pipe' });
  const ended = once(child, 'close');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let chatter = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    chatter = (chatter + text).slice(-4000);
  });
  return {
    async ask(wish, answer) {
      child.stdin.write(`${JSON.stringify(wish)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`Node ended:\n${chatter}`);
      return answerIn(JSON.parse(value), wish, answer);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Where a Chromium is; null where there is none. */
export function findChromium(): string | null {
  const named = process.env.ATTUNE_INTEROP_CHROMIUM;
  const places =
    named === undefined ? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'] : [named];
  return places.find((place) => existsSync(place)) ?? null;
}

/** What is used of playwright-core. */
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: string[] }): Promise<{
      newPage(): Promise<{
        route(url: string, handle: (route: Route) => Promise<void>): Promise<void>;
        goto(url: string): Promise<unknown>;
        evaluate(code: string): Promise<unknown>;
      }>;
      close(): Promise<void>;
    }>;
  };
}
interface Route {
  request(): { url(): string };
  continue(): Promise<void>;
  abort(): Promise<void>;
}

/**
 * The same on WebAssembly in a headless Chromium, which gets the library, its WebAssembly and the exports from a server
 * of this process and reaches nothing else.
 */
export async function openInChromium(exports: string, executablePath: string): Promise<TransformersJs> {
  const packages = await prepareNode('transformers-js');
  const roots = {
    '/library/': join(packages, 'node_modules/@huggingface/transformers/dist/'),
    '/runtime/': join(packages, 'node_modules/onnxruntime-web/dist/'),
    '/exports/': join(exports, '/'),
    '/scripts/': join(scripts, '/'),
  };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const [prefix, root] = Object.entries(roots).find(([start]) => path.startsWith(start)) ?? [];
    const file = root === undefined ? null : normalize(join(root, path.slice(prefix!.length)));
    const bytes = file?.startsWith(root!) ? await readFile(file).catch(() => null) : null;
    if (path === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>exports</title>');
    else if (bytes === null) response.writeHead(404).end();
    else response.setHeader('content-type', mediaTypes[extname(path)] ?? 'application/octet-stream').end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const { chromium }: Playwright = createRequire(join(packages, 'package.json'))('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const outside: string[] = [];
  await page.route('**/*', async (route) => {
    const url = route.request().url();
    if (url.startsWith(origin)) return route.continue();
    outside.push(url);
    await route.abort();
  });
  await page.goto(origin);
  await page.evaluate(`(async () => {
    const [library, { answer }] = await Promise.all([import('/library/transformers.min.js'), import('/scripts/answer.mjs')]);
    const { env } = library;
    Object.assign(env, { allowLocalModels: true, allowRemoteModels: false, localModelPath: '/exports/', useBrowserCache: false });
    env.backends.onnx.wasm.wasmPaths = '/runtime/';
    globalThis.ask = (wish) => answer(library, wish).then((result) => ({ result }), (error) => ({ error: String(error?.stack ?? error) }));
  })()`);
  return {
    async ask(wish, answer) {
      const reply = await page.evaluate(`ask(${JSON.stringify(wish)})`);
      if (outside.length > 0) throw new Error(`The page wanted ${outside.join(', ')}.`);
      return answerIn(reply, wish, answer);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
