import { delimiter } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readWorkerEnv } from '../../../gpu-worker/env.js';
import { EnvironmentError } from '../../../src/protocol/environment.js';

const needed = { DATABASE_URL: 'postgres://localhost/attune', ATTUNE_HOME: '/srv/attune' };
const read = (source: Record<string, string>) => readWorkerEnv({ ...needed, ...source });

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('a worker imports from the public hub, from any folder, without a token', () => {
  expect(read({})).toMatchObject({ hub: { endpoint: 'https://huggingface.co', token: null }, importFolders: null });
});

test('hub, token and folders are as said', () => {
  const folders = ['/models', '/srv/more models'].join(delimiter);
  expect(
    read({
      HF_ENDPOINT: 'https://hub.example/',
      HF_TOKEN: ' hf_secret\n',
      ATTUNE_IMPORT_FOLDERS: `${folders}${delimiter}`,
    }),
  ).toMatchObject({
    hub: { endpoint: 'https://hub.example', token: 'hf_secret' },
    importFolders: ['/models', '/srv/more models'],
  });
});

test.each(['hf_X7q\nZ9k', 'hf_X7q Z9k', 'hf_X7q\0Z9k', 'hf_X7qéZ9k', 'hf_X7q\u20acZ9k'])(
  'the token %j is refused, and not told: it could be no header',
  (token) => {
    const refused = () => read({ HF_TOKEN: token, LOG_LEVEL: 'loud' });
    expect(refused).toThrow(EnvironmentError);
    expect(refused).toThrow('The value of HF_TOKEN is not allowed: use a token of that hub: one line of visible ASCII');
    expect(refused).toThrow('LOG_LEVEL=loud is not allowed');
    const error = thrownBy(refused);
    expect(`${inspect(error)} ${JSON.stringify(error)}`).not.toMatch(/X7q|Z9k/);
  },
);

test.each(['', ' \n'])('the token %j is none', (token) => {
  expect(read({ HF_TOKEN: token }).hub.token).toBeNull();
});

test.each(['hub.example', 'ftp://hub.example', 'https://user:password@hub.example'])('%s is no hub', (endpoint) => {
  const token = 'hf_secret';
  const refused = () => read({ HF_ENDPOINT: endpoint, HF_TOKEN: token });
  expect(refused).toThrow(EnvironmentError);
  expect(refused).not.toThrow(token);
});
