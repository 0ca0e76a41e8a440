import './ComparisonTable.css';
import { useAddress, useChange } from '../address';
import { type FragmentType, graphql, unmask } from '../gql';
import type { ComparisonTable_PackageFragment as Package } from '../gql/graphql';
import { PackageRow } from './PackageRow';

const ComparisonTable_package = graphql(`
  fragment ComparisonTable_package on Package {
    slug
    title
    repoWatchers
    repoForks
    lastUpdated
    commitsLastYear
    commitsOver52
    ...PackageRow_package
  }
`);

const time = ({ lastUpdated }: Package) => (lastUpdated ? Date.parse(lastUpdated) : 0);

interface Column {
  name: string;
  label: string;
  /** The order that a first click gives; a column without one has no order. */
  compare?: (one: Package, other: Package) => number;
}

const COLUMNS: Column[] = [
  { name: 'title', label: 'Package', compare: (one, other) => one.title.localeCompare(other.title, 'en') },
  { name: 'stars', label: 'Stars', compare: (one, other) => other.repoWatchers - one.repoWatchers },
  { name: 'forks', label: 'Forks', compare: (one, other) => other.repoForks - one.repoForks },
  { name: 'updated', label: 'Last commit', compare: (one, other) => time(other) - time(one) },
  { name: 'commits', label: 'Commits in 52 weeks', compare: (one, other) => other.commitsLastYear - one.commitsLastYear },
  { name: 'pypi', label: 'PyPI' },
  { name: 'category', label: 'Category' },
  { name: 'alternatives', label: 'Alternatives' },
];
const SORTABLE = COLUMNS.filter(({ compare }) => compare);

/** Packages side by side, a row each; a row becomes a card where the screen is narrow. */
export function ComparisonTable(props: { packages: FragmentType<typeof ComparisonTable_package>[] }) {
  const packages = unmask(ComparisonTable_package, props.packages);
  const { highlighted, sort } = useAddress();
  const change = useChange();

  const reversed = sort?.startsWith('-') ?? false;
  const sorted = SORTABLE.find(({ name }) => name === sort?.replace('-', '')) ?? SORTABLE[1];
  const compare = sorted?.compare ?? (() => 0);
  const rows = packages.toSorted((one, other) => (reversed ? compare(other, one) : compare(one, other)));
  const sortBy = (name: string) =>
    change({ sort: name === sorted?.name && !reversed ? `-${name}` : name }, { replace: true });

  const most = {
    stars: Math.max(...packages.map(each => each.repoWatchers)),
    forks: Math.max(...packages.map(each => each.repoForks)),
    updated: Math.max(...packages.map(time)),
    commits: Math.max(...packages.map(each => each.commitsLastYear)),
    commitsInAWeek: Math.max(1, ...packages.flatMap(each => each.commitsOver52)),
  };
  return (
    <>
      <label className="sort">
        Sort by{' '}
        <select value={sorted?.name} onChange={event => change({ sort: event.target.value }, { replace: true })}>
          {SORTABLE.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {/* The roles are said again: a row that is laid out as a card would lose its own. */}
      <table role="table" className="comparison">
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map(column => (
              <th
                key={column.name}
                scope="col"
                role="columnheader"
                className={column.name}
                aria-sort={column === sorted ? direction(column, reversed) : undefined}
              >
                {column.compare ? (
                  <button type="button" onClick={() => sortBy(column.name)}>
                    {column.label}
                  </button>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(each => (
            <PackageRow key={each.slug} package={each} most={most} highlighted={each.slug === highlighted} />
          ))}
        </tbody>
      </table>
    </>
  );
}

// Names come from A to Z first, all else the most first.
function direction({ name }: Column, reversed: boolean): 'ascending' | 'descending' {
  return (name === 'title') === reversed ? 'descending' : 'ascending';
}
