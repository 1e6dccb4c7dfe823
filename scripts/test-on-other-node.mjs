/**
 * `npm run test:nodes`: what must be the same on every Node, on the Node that runs this and on the one below, which
 * comes from npm into .attune/nodes.
 *
 * First the trainings of tests/digests on either: equal models, metrics and checkpoints, byte for byte. Then the tests
 * of the optimizer, of statistics, of the database and of the server on the other Node.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '24.21.0';
const tests = [
  'tests/numerics/optim',
  'tests/numerics/statistics',
  'tests/unit/statistics',
  'tests/integration/database',
  'tests/integration/server',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const other = install();
const folder = mkdtempSync(join(tmpdir(), 'attune-nodes-'));
try {
  const digests = ['run', '--config', 'tests/digests/vitest.config.ts'];
  const env = { ATTUNE_DIGESTS: join(folder, 'digests.json') };
  run(`trainings on Node ${process.versions.node}`, process.execPath, [vitest, ...digests], env);
  run(`the same on Node ${version}, compared`, other, [vitest, ...digests], env);
  run(`tests on Node ${version}`, other, [vitest, 'run', ...tests], {});
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The other Node's binary, installed from npm where it is not there yet. */
function install() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const at = join(root, '.attune/nodes', version);
  const binary = join(at, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(at, { recursive: true });
  // Without a package.json of its own npm would install into the project.
  writeFileSync(join(at, 'package.json'), '{ "private": true }\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  run(`Node ${version} from npm`, npm, ['install', '--ignore-scripts', '--no-audit', `${name}@${version}`], {}, at);
  return binary;
}

/** @param {Record<string, string>} env what is added to this process's environment */
function run(title, command, args, env, cwd = root) {
  console.log(`\n${title}`);
  const { status, error } = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${title}: ended with status ${status}`);
}
