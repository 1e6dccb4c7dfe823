import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { type LicencePolicy, usualLicencePolicy } from '../../../src/protocol/licences/policy.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

/** Which licence an imported model has, and which the policy refuses. */

let workshop: Workshop;
let path: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  path = await workshop.copyOf('bert');
  await writeFile(join(path, 'README.md'), '---\nlicense: cc-by-nc-4.0\n---\n# A card\n');
});
afterAll(() => workshop?.close());

const policy = (changed: Partial<LicencePolicy>): LicencePolicy => ({ ...usualLicencePolicy, ...changed });

async function outcome(licence: string | null, licencePolicy: LicencePolicy, of = path) {
  return importModel({ ...fromFolder(of), licence, licencePolicy }, workshop.tools).then(
    ({ manifest }) => manifest.licence,
    (error: { problem?: object }) => error.problem ?? error,
  );
}

test('a model whose card names a denied licence is refused, and leaves nothing', async () => {
  const before = await workshop.stored();
  expect(await outcome(null, policy({ deny: ['CC-*-NC-*'] }))).toEqual({
    path: ['source'],
    code: 'LICENCE_DENIED',
    message:
      "The project's licence policy refuses the model. “CC-BY-NC-4.0” matches “CC-*-NC-*” in the project's list of licences that are denied.",
    hint: "The project's owners decide which licences it takes (setLicencePolicy).",
  });
  expect(await workshop.stored()).toEqual(before);
});

test('naming another licence does not get it in', async () => {
  expect(await outcome('mit', policy({ deny: ['CC-*-NC-*'] }))).toMatchObject({ code: 'LICENCE_DENIED' });
  expect(await outcome('gpl-3.0', policy({ deny: ['GPL-*'] }))).toMatchObject({
    path: ['licence'],
    code: 'LICENCE_DENIED',
  });
  expect(await outcome('mit', policy({ warn: ['CC-*-NC-*'] }))).toBe('mit');
});

test('where unknown licences are denied, it has to be named', async () => {
  const bare = fileURLToPath(modelFolder('bert'));
  expect(await outcome(null, policy({ unknown: 'DENY' }), bare)).toMatchObject({
    code: 'LICENCE_DENIED',
    hint: expect.stringContaining('Name its licence in the import'),
  });
  expect(await outcome('Apache-2.0', policy({ unknown: 'DENY' }), bare)).toBe('Apache-2.0');
});

test('an export names the licence that was set', async () => {
  const { digest } = await importModel({ ...fromFolder(path), licence: null }, workshop.tools);
  const card = async (job: object) =>
    readFile(join(await workshop.exported(digest, 'huggingFace', job), 'README.md'), 'utf8');
  expect(await card({})).toContain('license: "cc-by-nc-4.0"');
  expect(await card({ licence: 'MIT' })).toContain('license: "MIT"');
});
