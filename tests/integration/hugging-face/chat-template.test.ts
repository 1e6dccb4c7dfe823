import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { createChatSources } from '../../../src/models/chat-sources.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { fromFolder, openWorkshop } from './import-tools.js';

/** A folder of links would do; copies may be written to. */
async function copyOfLlama(root: string): Promise<string> {
  const folder = join(root, 'chat');
  await mkdir(folder);
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']) {
    await writeFile(join(folder, name), await readFile(fileURLToPath(new URL(name, decoderFolder('llama')))));
  }
  return folder;
}

test('chat templates come in with a model, say how it is talked to, and go out as they were', async () => {
  const workshop = await openWorkshop();
  try {
    const folder = await copyOfLlama(workshop.root);
    const chatSources = createChatSources(workshop.store);
    const configFile = join(folder, 'tokenizer_config.json');
    const config = JSON.parse(await readFile(configFile, 'utf8'));

    const bare = await importModel(fromFolder(folder), workshop.tools);
    expect((await chatSources.of(bare.manifest.files)).template).toBeNull();

    const inConfig = `${JSON.stringify({ ...config, eos_token: '</s>', chat_template: '{{ "in the file" }}' })}\n`;
    await writeFile(configFile, inConfig);
    const withKey = await importModel(fromFolder(folder), workshop.tools);
    expect(await chatSources.of(withKey.manifest.files)).toMatchObject({
      template: '{{ "in the file" }}',
      specialTokens: { eos_token: '</s>' },
    });

    const templates = {
      'chat_template.jinja': '{%- for message in messages %}\n{{ message.content }}\n{%- endfor %}\n\n',
      'additional_chat_templates/tool_use.jinja': '{{ tools }}',
    };
    for (const [name, text] of Object.entries(templates)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const withFiles = await importModel(fromFolder(folder), workshop.tools);
    expect((await chatSources.of(withFiles.manifest.files)).template).toBe(templates['chat_template.jinja']);
    const exported = await workshop.exported(withFiles.digest, 'huggingFace');
    for (const [name, text] of Object.entries({ ...templates, 'tokenizer_config.json': inConfig })) {
      expect(await readFile(join(exported, name), 'utf8')).toBe(text);
    }
  } finally {
    await workshop.close();
  }
});

test('a model whose file is none, or is gone, is a problem', async () => {
  const workshop = await openWorkshop();
  try {
    const chatSources = createChatSources(workshop.store);
    const { digest, sizeBytes } = await workshop.store.write(Buffer.from('{"chat_template": 1}'));
    const files = [{ name: 'tokenizer_config.json', digest, sizeBytes }];
    await expect(chatSources.of(files)).rejects.toMatchObject({ problems: [{ code: 'INVALID_MODEL' }] });
    await workshop.store.remove(digest);
    await expect(chatSources.of(files)).rejects.toMatchObject({ problems: [{ code: 'MISSING_ARTIFACT' }] });
  } finally {
    await workshop.close();
  }
});
