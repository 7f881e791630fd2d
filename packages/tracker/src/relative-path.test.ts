import { describe, expect, it } from 'vitest';
import { fileName, PathTree, pathFault } from './relative-path.ts';

describe('pathFault', () => {
  it.each([
    'a',
    'a/b.txt',
    'weights/best.bin',
    '.hidden/x',
    'läuft "schnell" 🚀.txt',
    'a..b/c',
    '靴'.repeat(85),
    '12:30.txt',
  ])('takes %s', (path) => expect(pathFault(path)).toBeUndefined());

  it.each([
    ['', 'is empty'],
    ['..', 'part ".."'],
    ['a/../../b', 'part ".."'],
    ['./a', 'part "."'],
    ['/etc/passwd', 'absolute'],
    ['C:x', 'drive letter'],
    ['a\\b', 'backslash'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\u202eb', 'control'],
    ['a\ud800', 'control'],
    ['a//b', 'empty part'],
    ['a/', 'empty part'],
    ['a /b', 'dot or a blank'],
    ['.../x', 'dot or a blank'],
    ['con/x', 'device'],
    ['x/Lpt1.txt', 'device'],
    ['靴'.repeat(86), '255 bytes'],
    [`${'a/'.repeat(600)}b`, '1024 bytes'],
  ])('refuses %j', (path, reason) => expect(pathFault(path)).toContain(reason));
});

describe('a tree of paths', () => {
  it('has no name that is a file and a folder', () => {
    const tree = new PathTree();
    tree.add('d');
    tree.add('e/f/g');
    expect(['d', 'd/x', 'e', 'e/f', 'e/f/g'].map((path) => tree.isFree(path))).toEqual(Array(5).fill(false));
    expect(['c', 'e/x', 'e/f/h', 'dd/x'].every((path) => tree.isFree(path))).toBe(true);
  });
});

describe('fileName', () => {
  it.each([
    ['läuft "schnell"/1', 'läuft _schnell__1'],
    ['..', '_'],
    ['', '_'],
    ['nul.txt', '_nul.txt'],
    ['a\nb\x1b[2J', 'a_b_[2J'],
  ])('makes %j into %j', (text, name) => expect(fileName(text)).toBe(name));

  it('cuts by bytes, at whole characters', () => {
    expect(fileName('靴'.repeat(90))).toBe('靴'.repeat(50));
    expect(pathFault(fileName('🚀'.repeat(90), 255))).toBeUndefined();
  });
});
