import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';

/**
 * The imports that break a layout, one sentence each: `<file>:<line> imports <target>: <rule>`. An import is whatever
 * names a module: types, `export … from`, `import()`, and `declare module` too. The rules:
 *
 *   - a room imports only rooms that are listed below it
 *   - a house imports of what lies outside of it only what is listed as shared
 *   - no files import one another in a circle, and no folders that stand side by side in a room
 *   - every room is in the list, and every room of the list is there
 *
 * @param root the folder that the houses are in
 */
export async function checkLayout(root, houses) {
  const files = new Map();
  for (const house of houses) {
    for (const path of await sourcesIn(root, house.folder)) {
      files.set(path, { house, room: roomOf(house, path), imports: [] });
    }
  }
  for (const [path, file] of files) {
    const source = await readFile(join(root, path), 'utf8');
    file.imports = importsOf(path, source).map(({ specifier, line }) => ({ line, target: targetOf(path, specifier) }));
  }
  return [...unknownRooms(houses, files), ...wrongImports(files), ...circles(files), ...folderCircles(files)];
}

/** Paths from the root, with `/`, of what a person wrote: neither generated code nor declarations of it. */
async function sourcesIn(root, folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The first part of a path within its house: a folder, or a file that stands beside the folders. */
function roomOf(house, path) {
  return path.slice(house.folder.length + 1).split('/')[0];
}

/** The modules that a source names by relative paths, and on which lines. */
function importsOf(path, source) {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} can't be read: ${errors[0].message}`);
  const found = [];
  const add = (node) => {
    if (node?.type !== 'Literal' || typeof node.value !== 'string' || !node.value.startsWith('.')) return;
    found.push({ specifier: node.value, line: source.slice(0, node.start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSModuleDeclaration: (node) => add(node.id),
  }).visit(program);
  return found;
}

/** `./x.js` is written for what is compiled from x.ts. */
function targetOf(path, specifier) {
  return posix.join(dirname(path), specifier).replace(/\.js$/, '.ts');
}

function unknownRooms(houses, files) {
  const present = new Map(houses.map((house) => [house, new Set()]));
  for (const { house, room } of files.values()) present.get(house).add(room);
  return houses.flatMap((house) => {
    const listed = new Set(house.rooms);
    const list = 'scripts/layers.mjs';
    return [
      ...[...present.get(house)]
        .filter((room) => !listed.has(room))
        .map((room) => `${house.folder}/${room} has no place in ${list}.`),
      ...house.rooms
        .filter((room) => !present.get(house).has(room))
        .map((room) => `${house.folder}/${room} has a place in ${list}, and is not there.`),
    ];
  });
}

function wrongImports(files) {
  const problems = [];
  for (const [path, { house, room, imports }] of files) {
    for (const { line, target } of imports) {
      const rule = ruleBroken(house, room, target);
      if (rule !== null) problems.push(`${path}:${line} imports ${target}: ${rule}`);
    }
  }
  return problems;
}

function ruleBroken(house, room, target) {
  if (!target.startsWith(`${house.folder}/`)) {
    const isShared = house.shared.some((shared) => target.startsWith(`${shared}/`));
    if (isShared) return null;
    const allowed = house.shared.length === 0 ? 'nothing' : `${house.shared.join(', ')} alone`;
    return `of what lies outside of ${house.folder}, it may import ${allowed}.`;
  }
  const other = roomOf(house, target);
  const [from, to] = [house.rooms.indexOf(room), house.rooms.indexOf(other)];
  // A room without a place is a problem of its own.
  if (room === other || from === -1 || to === -1 || from < to) return null;
  return `${room} stands below ${other}, and what it imports must stand below it.`;
}

/**
 * A circle through each file that is in none of those before. Imports that break another rule are named by that one
 * alone: a single import that goes up would close a circle with most of what it passes.
 */
function circles(files) {
  const targets = (path) => {
    const { house, room, imports } = files.get(path);
    return imports
      .map(({ target }) => target)
      .filter((target) => files.has(target) && ruleBroken(house, room, target) === null);
  };
  const seen = new Set();
  const problems = [];
  for (const path of files.keys()) {
    if (seen.has(path)) continue;
    const circle = circleThrough(path, targets);
    if (circle === null) continue;
    for (const each of circle) seen.add(each);
    problems.push(`${[...circle, path].join(' imports ')}: files must not import one another in a circle.`);
  }
  return problems;
}

/** A circle through each folder that is in none of those before, of folders that stand side by side in a room. */
function folderCircles(files) {
  /** By folder: the folders beside it that its files import from, and the first file that does. */
  const imported = new Map();
  for (const [path, { house, room, imports }] of files) {
    for (const { target } of imports) {
      if (!files.has(target) || !target.startsWith(`${house.folder}/${room}/`)) continue;
      const beside = foldersBeside(path, target);
      if (beside === null) continue;
      const [from, to] = beside;
      if (!imported.has(from)) imported.set(from, new Map());
      if (!imported.get(from).has(to)) imported.get(from).set(to, path);
    }
  }
  const seen = new Set();
  const problems = [];
  for (const folder of imported.keys()) {
    if (seen.has(folder)) continue;
    const circle = circleThrough(folder, (each) => [...(imported.get(each)?.keys() ?? [])]);
    if (circle === null) continue;
    for (const each of circle) seen.add(each);
    const steps = circle.map((from, i) => {
      const to = circle[(i + 1) % circle.length];
      return `${from} imports ${to} (${posix.relative(from, imported.get(from).get(to))})`;
    });
    problems.push(`${steps.join(', ')}: folders side by side must not import one another in a circle.`);
  }
  return problems;
}

/** Where the ways to two files part: a folder on either side, or null where one of the files stands there itself. */
function foldersBeside(path, target) {
  const [one, other] = [path.split('/'), target.split('/')];
  const depth = one.findIndex((part, i) => part !== other[i]);
  if (depth === -1 || depth >= one.length - 1 || depth >= other.length - 1) return null;
  return [one.slice(0, depth + 1).join('/'), other.slice(0, depth + 1).join('/')];
}

/** The files or folders from `start` back to it; null when there is no way back. Breadth first: O(files + imports). */
function circleThrough(start, targets) {
  const cameFrom = new Map();
  const waiting = [start];
  for (const path of waiting) {
    for (const target of targets(path)) {
      if (target === start) {
        const circle = [];
        for (let at = path; at !== undefined; at = cameFrom.get(at)) circle.unshift(at);
        return circle;
      }
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      waiting.push(target);
    }
  }
  return null;
}
