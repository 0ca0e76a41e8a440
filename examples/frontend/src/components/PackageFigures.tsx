import './PackageFigures.css';
import type { ReactNode } from 'react';
import { formatNumber } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import { Age } from './Age';

const PackageFigures_package = graphql(`
  fragment PackageFigures_package on Package {
    repoWatchers
    repoForks
    lastUpdated
    commitsLastYear
    pypiVersion
  }
`);

/** What people ask of a package first. */
export function PackageFigures(props: { package: FragmentType<typeof PackageFigures_package> }) {
  const shown = unmask(PackageFigures_package, props.package);
  return (
    <dl className="figures">
      <Figure label="Stars">{formatNumber(shown.repoWatchers)}</Figure>
      <Figure label="Forks">{formatNumber(shown.repoForks)}</Figure>
      <Figure label="Last commit">
        <Age time={shown.lastUpdated} />
      </Figure>
      <Figure label="Commits in 52 weeks">{formatNumber(shown.commitsLastYear)}</Figure>
      <Figure label="Release on PyPI">{shown.pypiVersion ?? <span className="unknown">None</span>}</Figure>
    </dl>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
