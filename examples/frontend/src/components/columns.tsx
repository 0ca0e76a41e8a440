import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { packageAddress } from '../address';
import { formatNumber } from '../format';
import { graphql } from '../gql';
import type { Columns_PackageFragment as Package } from '../gql/graphql';
import { Age, Ago } from './Age';
import { AlternativesButton } from './AlternativesButton';
import { PackageLinks } from './PackageLinks';
import { Sparkline } from './Sparkline';

export const Columns_package = graphql(`
  fragment Columns_package on Package {
    slug
    title
    repoDescription
    repoWatchers
    repoForks
    lastUpdated
    commitsLastYear
    commitsOver52
    pypiVersion
    created
    category {
      title
    }
    ...Sparkline_package
    ...PackageLinks_package
    ...AlternativesButton_package
  }
`);

/** What the packages of a grid reach at most; `updated` is in milliseconds since 1970. */
export interface Most {
  stars: number;
  forks: number;
  updated: number;
  commits: number;
  commitsInAWeek: number;
}

export interface Column {
  /** What the address calls it. */
  name: string;
  label: string;
  cell: (shown: Package, most: Most) => ReactNode;
  /** What rows are ordered by; a column without it has no order. What is not known is null. */
  key?: (shown: Package) => number | string | null;
  /** Shown only to those who choose it. */
  extra?: boolean;
}

const time = (text: string | null | undefined) => (text ? Date.parse(text) : null);
const UNKNOWN = <span className="unknown">–</span>;

/** All that a table can show of a package, from left to right; the first is always shown. */
export const COLUMNS: [Column, ...Column[]] = [
  {
    name: 'title',
    label: 'Package',
    cell: ({ slug, title }) => <Link href={packageAddress(slug)}>{title}</Link>,
    key: ({ title }) => title,
  },
  {
    name: 'description',
    label: 'Description',
    cell: ({ repoDescription }) => <span title={repoDescription}>{repoDescription}</span>,
  },
  {
    name: 'stars',
    label: 'Stars',
    cell: ({ repoWatchers }, most) => (
      <Value leads={repoWatchers > 0 && repoWatchers === most.stars}>{formatNumber(repoWatchers)}</Value>
    ),
    key: ({ repoWatchers }) => repoWatchers,
  },
  {
    name: 'forks',
    label: 'Forks',
    cell: ({ repoForks }, most) => (
      <Value leads={repoForks > 0 && repoForks === most.forks}>{formatNumber(repoForks)}</Value>
    ),
    key: ({ repoForks }) => repoForks,
  },
  {
    name: 'updated',
    label: 'Last commit',
    cell: ({ lastUpdated }, most) => (
      <Value leads={time(lastUpdated) === most.updated}>
        <Age time={lastUpdated} />
      </Value>
    ),
    key: ({ lastUpdated }) => time(lastUpdated),
  },
  {
    name: 'commits',
    label: 'Commits, 52 weeks',
    cell: (shown, most) =>
      shown.commitsOver52.length ? (
        <>
          <Value leads={shown.commitsLastYear > 0 && shown.commitsLastYear === most.commits}>
            {formatNumber(shown.commitsLastYear)}
          </Value>
          <Sparkline package={shown} ceiling={most.commitsInAWeek} />
        </>
      ) : (
        UNKNOWN
      ),
    key: ({ commitsLastYear, commitsOver52 }) => (commitsOver52.length ? commitsLastYear : null),
  },
  {
    name: 'release',
    label: 'Release',
    cell: ({ pypiVersion }) => (pypiVersion ? <span title={pypiVersion}>{pypiVersion}</span> : UNKNOWN),
  },
  {
    name: 'category',
    label: 'Category',
    cell: ({ category }) => category?.title ?? UNKNOWN,
    key: ({ category }) => category?.title ?? null,
  },
  {
    name: 'added',
    label: 'Added',
    cell: ({ created }) => <Ago time={created} />,
    key: ({ created }) => time(created),
    extra: true,
  },
  { name: 'links', label: 'Links', cell: shown => <PackageLinks package={shown} /> },
  { name: 'alternatives', label: 'Alternatives', cell: shown => <AlternativesButton package={shown} /> },
];

/** A value that may be the grid's best. */
function Value({ leads, children }: { leads: boolean; children: ReactNode }) {
  if (!leads) return <span className="value">{children}</span>;
  return (
    <span className="value leads">
      {children}
      <span className="unseen"> (the best of this grid)</span>
    </span>
  );
}

export function mostOf(packages: readonly Package[]): Most {
  return {
    stars: Math.max(...packages.map(each => each.repoWatchers)),
    forks: Math.max(...packages.map(each => each.repoForks)),
    updated: Math.max(...packages.map(each => time(each.lastUpdated) ?? 0)),
    commits: Math.max(...packages.map(each => each.commitsLastYear)),
    commitsInAWeek: Math.max(1, ...packages.flatMap(each => each.commitsOver52)),
  };
}

/** Sorts by a column, up or down; what is not known comes last either way. */
export function sortBy({ key }: Column, down: boolean): (one: Package, other: Package) => number {
  const way = down ? -1 : 1;
  return (one, other) => {
    const [left, right] = [key?.(one) ?? null, key?.(other) ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'string' && typeof right === 'string') return way * left.localeCompare(right, 'en');
    return way * (Number(left) - Number(right));
  };
}
