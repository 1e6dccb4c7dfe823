import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { licenceIn } from '../../../gpu-worker/hugging-face/kept-files.js';
import { licenceOfText } from '../../../gpu-worker/hugging-face/licence-text.js';

const texts = createRequire(import.meta.url)('spdx-license-list/full') as Record<string, { licenseText: string }>;
const textOf = (id: string) => texts[id]!.licenseText;

const mit = `MIT License

Copyright (c) 2023-2025 The Example Authors and their friends, all over the world

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;

test('a licence is told by its text, whoever holds the rights and however lines are broken', async () => {
  expect(await licenceOfText(mit)).toBe('MIT');
  expect(await licenceOfText(mit.replace(/\n/g, '\r\n').toUpperCase())).toBe('MIT');
  const named = ['Apache-2.0', 'BSD-3-Clause', 'BSD-2-Clause', 'CC-BY-4.0', 'CC-BY-NC-4.0', 'GPL-3.0-only', 'MPL-2.0'];
  for (const id of named) expect(await licenceOfText(textOf(id)), id).toBe(id);
});

test('by its tag, too', async () => {
  expect(await licenceOfText('# SPDX-License-Identifier: apache-2.0 OR mit\nAs you like.')).toBe('Apache-2.0 OR MIT');
});

test('a text that is changed in its terms, or is none, is not told', async () => {
  const half = mit.slice(0, mit.indexOf('THE SOFTWARE IS PROVIDED'));
  const forbidding = mit.replace(
    'subject to the following conditions:',
    `but only ${'for purposes that are not commercial and never for money, '.repeat(3)} subject to:`,
  );
  // Commons Clause, version 1.0.
  const commons = `"Commons Clause" License Condition v1.0

The Software is provided to you by the Licensor under the License, as defined below, subject to the following
condition. Without limiting other conditions in the License, the grant of rights under the License will not include, and
the License does not grant to you, the right to Sell the Software. For purposes of the foregoing, "Sell" means practicing
any or all of the rights granted to you under the License to provide to third parties, for a fee or other consideration
(including without limitation fees for hosting or consulting/ support services related to the Software), a product or
service whose value derives, entirely or substantially, from the functionality of the Software.\n\n${textOf('Apache-2.0')}`;
  for (const text of [
    half,
    forbidding,
    commons,
    '',
    'All rights reserved.',
    'a '.repeat(100_000),
    'x'.repeat(300_000),
  ]) {
    expect(await licenceOfText(text), text.slice(0, 40)).toBeNull();
  }
});

test('the card counts more than the file beside it, unless it names no licence', async () => {
  const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
  const card = (licence: string) => file('README.md', `---\nlicense: ${licence}\n---\n`);
  expect(await licenceIn([card('gemma'), file('LICENSE', mit)])).toBe('gemma');
  expect(await licenceIn([card('other'), file('LICENSE.txt', mit)])).toBe('MIT');
  expect(await licenceIn([file('licence.md', mit)])).toBe('MIT');
  expect(await licenceIn([card('other'), file('NOTICE', mit)])).toBe('other');
  expect(await licenceIn([])).toBeNull();
});
