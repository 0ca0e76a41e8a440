// The lists in an answer, as tables. No browser is needed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listsOf } from '../../web/graphiql/src/rows.js';

const table = ({ path, columns, rows }) => [path, columns, ...rows.map(row => columns.map(column => row[column]))];
const tables = data => listsOf(data).map(table);

test('a connection is a table of its nodes or edges', () => {
  assert.deepEqual(tables({ search: { totalCount: 1, edges: [{ score: 2, node: { slug: 'a' } }] } }), [
    ['search.edges', ['score', 'node.slug'], [2, 'a']],
  ]);
});

test('lists in lists are one list, after what their row says of itself', () => {
  const grids = [
    { title: 'A', packages: [{ slug: 'x', forks: 1 }, { slug: 'y', forks: 2 }] },
    { title: 'B', packages: [{ slug: 'x', forks: 1 }] },
  ];
  assert.deepEqual(tables({ package: { grids } })[0], [
    'package.grids.packages',
    ['grids.title', 'slug', 'forks'],
    ['A', 'x', 1],
    ['A', 'y', 2],
    ['B', 'x', 1],
  ]);
});

test('short lists in a row are one text, an object that is null is no column of its own', () => {
  const rows = [
    { slug: 'a', weeks: [0, 1], people: [{ login: 'p' }, { login: 'q' }], category: null },
    { slug: 'b', weeks: [], people: [], category: { title: 'Apps' } },
  ];
  assert.deepEqual(tables({ rows })[0], [
    'rows',
    ['slug', 'weeks', 'people.login', 'category.title'],
    ['a', '0, 1', 'p, q', undefined],
    ['b', '', undefined, 'Apps'],
  ]);
});

test('an item that failed is left out; what holds no objects is no list', () => {
  assert.deepEqual(tables({ rows: [null, { slug: 'a' }] }), [['rows', ['slug'], ['a']]]);
  for (const data of [null, undefined, {}, { a: [1, 2] }, { a: [] }, { a: { b: null } }, { a: [null] }]) {
    assert.deepEqual(tables(data), []);
  }
});
