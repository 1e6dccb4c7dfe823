import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { readWorkerEnv } from '../../../gpu-worker/env.js';
import { EnvironmentError } from '../../../src/protocol/environment.js';

const needed = { DATABASE_URL: 'postgres://localhost/attune', ATTUNE_HOME: '/srv/attune' };
const read = (source: Record<string, string>) => readWorkerEnv({ ...needed, ...source });

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

test.each(['hub.example', 'ftp://hub.example', 'https://user:password@hub.example'])('%s is no hub', (endpoint) => {
  const token = 'hf_secret';
  const refused = () => read({ HF_ENDPOINT: endpoint, HF_TOKEN: token });
  expect(refused).toThrow(EnvironmentError);
  expect(refused).not.toThrow(token);
});
