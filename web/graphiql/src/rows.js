/** The lists of objects in an answer's `data`, each as a table: `{path, columns, rows}`, those that say most of an object
 * first, of them the longest.
 *
 * A list inside the rows of another is one list of all of them, after what their row says of itself: each package of
 * `package.grids.packages` has its `grids.title`. An object in a row is parted into its fields (`category.title`), and
 * a short list in it is written as one text. */
export function listsOf(data) {
  const found = new Map();
  collect(data, [], {}, found);
  return [...found]
    .map(([path, { rows, facts }]) => ({ path, rows, facts, columns: columnsOf(rows) }))
    .sort((a, b) => b.facts - a.facts || b.rows.length - a.rows.length);
}

function collect(value, path, above, found) {
  if (Array.isArray(value)) {
    for (const item of value.filter(isObject)) addRow(item, path, above, found);
  } else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) collect(inner, [...path, name], above, found);
  }
}

function addRow(item, path, above, found) {
  const key = path.join('.');
  const list = found.get(key) ?? { rows: [], facts: 0 };
  found.set(key, list);
  list.rows.push({ ...above, ...Object.fromEntries(cellsOf(item)) });
  list.facts = Math.max(list.facts, countScalars(item));
  const scalars = Object.entries(item).filter(([, value]) => !isObject(value) && !Array.isArray(value));
  const inherited = Object.fromEntries(scalars.map(([name, value]) => [`${path.at(-1)}.${name}`, value]));
  for (const [name, inner] of Object.entries(item)) collect(inner, [...path, name], { ...above, ...inherited }, found);
}

function cellsOf(item, prefix = '') {
  return Object.entries(item).flatMap(([name, value]) => {
    const column = prefix + name;
    if (isObject(value)) return cellsOf(value, `${column}.`);
    if (!Array.isArray(value)) return [[column, value]];
    const objects = value.filter(isObject);
    if (!objects.length) return [[column, value.join(', ')]];
    // Lists in lists are tables of their own.
    const names = Object.keys(objects[0]).filter(field => objects.every(each => !(each[field] instanceof Object)));
    return names.map(field => [`${column}.${field}`, objects.map(each => each[field] ?? '').join(', ')]);
  });
}

/** All columns of all rows; `category`, being nothing or empty, is none where another row has `category.title`. */
function columnsOf(rows) {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  return columns.filter(
    column => !columns.some(other => other.startsWith(`${column}.`)) || rows.some(row => (row[column] ?? '') !== ''),
  );
}

const countScalars = item =>
  Object.values(item).reduce((sum, value) => sum + (isObject(value) ? countScalars(value) : Number(!Array.isArray(value))), 0);

const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);
