import './PackageRow.css';
import { type ReactNode, useEffect, useRef } from 'react';
import { activity, formatAge, formatDate, formatNumber } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import { Alternatives } from './Alternatives';
import { ExternalLink } from './ExternalLink';
import { Sparkline } from './Sparkline';

const PackageRow_package = graphql(`
  fragment PackageRow_package on Package {
    slug
    title
    repoDescription
    repoUrl
    documentationUrl
    pypiName
    pypiVersion
    webUrl
    repoWatchers
    repoForks
    lastUpdated
    commitsLastYear
    category {
      title
    }
    ...Sparkline_package
    ...Alternatives_package
  }
`);

/** What the grid's packages reach at most; `updated` is in milliseconds since 1970. */
export interface Most {
  stars: number;
  forks: number;
  updated: number;
  commits: number;
  commitsInAWeek: number;
}

interface Props {
  package: FragmentType<typeof PackageRow_package>;
  most: Most;
  highlighted: boolean;
}

/** A package of a grid. */
export function PackageRow({ most, highlighted, ...props }: Props) {
  const shown = unmask(PackageRow_package, props.package);
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (!highlighted) return;
    row.current?.scrollIntoView({ block: 'center' });
    row.current?.focus({ preventScroll: true });
  }, [highlighted]);

  return (
    <tr role="row" ref={row} tabIndex={-1} className={highlighted ? 'highlighted' : undefined} data-package={shown.slug}>
      <th scope="row" role="rowheader" className="title">
        <ExternalLink url={shown.webUrl}>{shown.title}</ExternalLink>
        {shown.repoDescription && <p>{shown.repoDescription}</p>}
        <Links repository={shown.repoUrl} documentation={shown.documentationUrl} />
      </th>
      <td role="cell" className="stars" data-label="Stars">
        <Leading leads={shown.repoWatchers > 0 && shown.repoWatchers === most.stars}>
          {formatNumber(shown.repoWatchers)}
        </Leading>
      </td>
      <td role="cell" className="forks" data-label="Forks">
        <Leading leads={shown.repoForks > 0 && shown.repoForks === most.forks}>{formatNumber(shown.repoForks)}</Leading>
      </td>
      <td role="cell" className="updated" data-label="Last commit">
        <LastCommit time={shown.lastUpdated} newest={most.updated} />
      </td>
      <td role="cell" className="commits" data-label="Commits in 52 weeks">
        <Leading leads={shown.commitsLastYear > 0 && shown.commitsLastYear === most.commits}>
          {formatNumber(shown.commitsLastYear)}
        </Leading>
        <Sparkline package={shown} ceiling={most.commitsInAWeek} />
      </td>
      <td role="cell" className="pypi" data-label="PyPI">
        <Release name={shown.pypiName} version={shown.pypiVersion} />
      </td>
      <td role="cell" className="category" data-label="Category">
        {shown.category?.title ?? <span className="unknown">Unknown</span>}
      </td>
      <td role="cell" className="alternatives" data-label="Alternatives">
        <Alternatives package={shown} />
      </td>
    </tr>
  );
}

/** A value that may be the grid's best. */
function Leading({ leads, children }: { leads: boolean; children: ReactNode }) {
  if (!leads) return <span className="value">{children}</span>;
  return (
    <span className="value leads">
      {children}
      <span className="unseen"> (the best of this grid)</span>
    </span>
  );
}

function LastCommit({ time, newest }: { time: string | null | undefined; newest: number }) {
  if (!time) return <span className="unknown">Unknown</span>;
  return (
    <span className={`age ${activity(time)}`}>
      <Leading leads={Date.parse(time) === newest}>
        <time dateTime={time} title={formatDate(time)}>
          {formatAge(time)}
        </time>
      </Leading>
    </span>
  );
}

function Release({ name, version }: { name: string | null | undefined; version: string | null | undefined }) {
  if (!version) return <span className="unknown">No release</span>;
  if (!name) return version;
  return <ExternalLink url={`https://pypi.org/project/${encodeURIComponent(name)}/`}>{version}</ExternalLink>;
}

function Links(props: { repository: string | null | undefined; documentation: string | null | undefined }) {
  return (
    <p className="links">
      {props.repository && <ExternalLink url={props.repository}>Repository</ExternalLink>}
      {props.documentation && <ExternalLink url={props.documentation}>Documentation</ExternalLink>}
    </p>
  );
}
