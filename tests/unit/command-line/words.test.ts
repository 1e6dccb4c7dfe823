import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { candidates } from '../../../clients/command-line/candidates.js';
import { setAt } from '../../../clients/command-line/parse-options.js';
import { commandLine, run } from '../../../clients/command-line/run.js';
import { readSettings, settingsPath, writeSettings } from '../../../clients/command-line/settings.js';
import { bytesText, figure, plain, secondsText, table } from '../../../clients/command-line/table.js';

const surroundings = (env: Record<string, string> = {}) => ({
  env,
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  homeFolder: '/home/somebody',
  signal: new AbortController().signal,
});

async function said(...words: string[]) {
  const around = surroundings();
  const code = await run(words, around, '1.2.3');
  around.stdout.end();
  around.stderr.end();
  return { code, out: await text(around.stdout), err: await text(around.stderr) };
}

const words = (...line: string[]) => candidates(commandLine(surroundings(), '1.2.3'), line).map(({ word }) => word);

test('what could come next is completed: commands, options, choices, and no value of an option', () => {
  expect(words('exp')).toEqual(['experiments']);
  expect(words('experiments', 'c')).toEqual(['create', 'compare', 'cancel']);
  expect(words('experiments', 'create', '--learn')).toEqual(['--learning-rate']);
  expect(words('--url', 'http://x', 'datasets', 'p')).toEqual(['push', 'prepare']);
  expect(words('experiments', 'create', '--model', '')).toEqual([]);
  expect(words('experiments', 'list', '--js')).toEqual(['--json']);
  expect(words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
});

test('each command says what it does', () => {
  const undescribed: string[] = [];
  const walk = (command: ReturnType<typeof commandLine>, path: string): void => {
    for (const each of command.commands) {
      const name = `${path} ${each.name()}`;
      if ((each.summary() || each.description()) === '') undescribed.push(name);
      for (const option of each.options) if (option.description === '') undescribed.push(`${name} ${option.long}`);
      for (const argument of each.registeredArguments)
        if (argument.description === '') undescribed.push(`${name} ${argument.name()}`);
      walk(each, name);
    }
  };
  walk(commandLine(surroundings(), '1.2.3'), 'attune');
  expect(undescribed).toEqual([]);
});

test('help and version end well, a wrong word does not', async () => {
  expect(await said('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  expect(await said('experiments', 'create', '--help')).toMatchObject({ code: 0, err: '' });
  expect(await said('experiments', 'create', '--epochs', 'many')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('A whole number.'),
  });
  expect(await said('models', 'export', 'm', '--format', 'zip')).toMatchObject({
    code: 2,
    err: expect.stringContaining('hugging-face, peft, onnx'),
  });
});

test('a value is set at its path, and none at the prototype of all objects', () => {
  const input = { hyperparameters: { epochs: 1 } };
  setAt(input, 'hyperparameters.adapter.rank=8');
  setAt(input, 'name=a=b');
  setAt(input, 'tags=["x"]');
  expect(input).toEqual({ hyperparameters: { epochs: 1, adapter: { rank: 8 } }, name: 'a=b', tags: ['x'] });
  expect(() => setAt(input, '__proto__.polluted=true')).toThrow();
  expect(() => setAt(input, 'nothing')).toThrow('path=value');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('settings lie where the system has them, and are for their owner alone', async () => {
  expect(settingsPath(surroundings())).toBe('/home/somebody/.config/attune/config.json');
  expect(settingsPath(surroundings({ XDG_CONFIG_HOME: '/x' }))).toBe('/x/attune/config.json');
  expect(settingsPath(surroundings({ ATTUNE_CONFIG: '/y.json', XDG_CONFIG_HOME: '/x' }))).toBe('/y.json');
  const folder = await mkdtemp(join(tmpdir(), 'attune-settings-'));
  try {
    const path = join(folder, 'inner', 'config.json');
    expect(await readSettings(path)).toEqual({ apiKeys: {} });
    const settings = { url: 'https://a.example', apiKeys: { 'https://a.example': 'attune_key' } };
    await writeSettings(path, settings);
    expect(await readSettings(path)).toEqual(settings);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'inner'))).mode & 0o777).toBe(0o700);
    await writeFile(path, '{"apiKeys": 3}');
    await expect(readSettings(path)).rejects.toThrow('does not hold settings of attune');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('figures, sizes and times are short, and a name moves no cursor', () => {
  expect([0.123456, 1234.56, 1e-7, 123456.7].map(figure)).toEqual(['0.1235', '1235', '1.00e-7', '1.23e+5']);
  expect([0, 1023, 1536, '1099511627776', null].map(bytesText)).toEqual(['0 B', '1023 B', '1.5 KiB', '1.0 TiB', '–']);
  expect([0.2, 59, 61, 7322, null].map(secondsText)).toEqual(['1 s', '59 s', '1 min 1 s', '2 h 2 min', '–']);
  expect(plain('a\u001b[2Jb\nc\td')).toBe('a\ufffd[2Jb\nc\td');
  expect(table(['name'], [['\u001b]0;title\u0007']])).not.toContain('\u001b');
});
