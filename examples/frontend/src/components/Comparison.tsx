import './Comparison.css';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { packageAddress } from '../address';
import { formatNumber } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import type { Comparison_PackageFragment as Package } from '../gql/graphql';
import { Age, Ago } from './Age';
import { busiestWeek, CommitChart } from './CommitChart';
import { Icon } from './Icon';
import { PackageLinks } from './PackageLinks';

const Comparison_package = graphql(`
  fragment Comparison_package on Package {
    slug
    title
    repoDescription
    repoWatchers
    repoForks
    lastUpdated
    commitsLastYear
    pypiVersion
    created
    category {
      title
    }
    ...CommitChart_package
    ...PackageLinks_package
  }
`);

const UNKNOWN = <span className="unknown">Unknown</span>;

interface Fact {
  label: string;
  show: (each: Package) => ReactNode;
  /** A number to draw a bar for. */
  count?: (each: Package) => number;
}

const NUMBERS: Fact[] = [
  { label: 'Stars', show: each => formatNumber(each.repoWatchers), count: each => each.repoWatchers },
  { label: 'Forks', show: each => formatNumber(each.repoForks), count: each => each.repoForks },
  { label: 'Commits in 52 weeks', show: each => formatNumber(each.commitsLastYear), count: each => each.commitsLastYear },
];

const FACTS: Fact[] = [
  { label: 'Last commit', show: each => <Age time={each.lastUpdated} /> },
  { label: 'Release on PyPI', show: each => each.pypiVersion ?? <span className="unknown">None</span> },
  { label: 'Category', show: each => each.category?.title ?? UNKNOWN },
  { label: 'Added', show: each => <Ago time={each.created} /> },
  { label: 'About', show: each => each.repoDescription || UNKNOWN },
  { label: 'Links', show: each => <PackageLinks package={each} /> },
];

interface Props {
  packages: readonly FragmentType<typeof Comparison_package>[];
  /** Takes the package of a slug out. */
  onDrop: (slug: string) => void;
}

/** A few packages, a column each: numbers beside numbers, charts on one scale; where it is narrow, fact by fact. */
export function Comparison(props: Props) {
  const packages = unmask(Comparison_package, props.packages);
  const most = busiestWeek(packages);
  const weeks: Fact = { label: 'Commits a week', show: each => <CommitChart package={each} most={most} /> };
  return (
    <table role="table" className="comparison">
      <caption className="unseen">Packages side by side</caption>
      <thead role="rowgroup">
        <tr role="row">
          <td role="cell" />
          {packages.map(({ slug, title }) => (
            <th key={slug} scope="col" role="columnheader">
              <div>
                <Link href={packageAddress(slug)}>{title}</Link>
                <button type="button" className="bare" aria-label={`Drop ${title}`} onClick={() => props.onDrop(slug)}>
                  <Icon name="close" />
                </button>
              </div>
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {[...NUMBERS, weeks, ...FACTS].map(fact => (
          <Row key={fact.label} fact={fact} packages={packages} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ fact: { label, show, count }, packages }: { fact: Fact; packages: readonly Package[] }) {
  const most = count && Math.max(1, ...packages.map(count));
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {label}
      </th>
      {packages.map(each => (
        <td key={each.slug} role="cell" data-package={each.title}>
          {show(each)}
          {count && most && <Bar share={count(each) / most} />}
        </td>
      ))}
    </tr>
  );
}

/** A share of the most, as a length. */
function Bar({ share }: { share: number }) {
  return (
    <svg className="share" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width={share} height={1} />
    </svg>
  );
}
