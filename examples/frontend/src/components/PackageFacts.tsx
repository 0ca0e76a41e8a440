import './PackageFacts.css';
import type { ReactNode } from 'react';
import { formatDate } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import { ExternalLink } from './ExternalLink';

const PackageFacts_package = graphql(`
  fragment PackageFacts_package on Package {
    id
    slug
    repoUrl
    documentationUrl
    pypiUrl
    pypiName
    pypiVersion
    lastUpdated
    lastFetched
    created
    modified
    category {
      titlePlural
      description
    }
  }
`);

/** The rest of what the catalogue has of a package. */
export function PackageFacts(props: { package: FragmentType<typeof PackageFacts_package> }) {
  const shown = unmask(PackageFacts_package, props.package);
  return (
    <dl className="package-facts">
      <Fact label="Category">
        {shown.category && <span title={shown.category.description}>{shown.category.titlePlural}</span>}
      </Fact>
      <Fact label="Repository">{link(shown.repoUrl)}</Fact>
      <Fact label="Documentation">{link(shown.documentationUrl)}</Fact>
      <Fact label="PyPI page">{link(shown.pypiUrl)}</Fact>
      <Fact label="Name on PyPI">{shown.pypiName}</Fact>
      <Fact label="Newest release">{shown.pypiVersion}</Fact>
      <Fact label="Last commit">{date(shown.lastUpdated)}</Fact>
      <Fact label="Repository last read">{date(shown.lastFetched)}</Fact>
      <Fact label="Added">{date(shown.created)}</Fact>
      <Fact label="Entry changed">{date(shown.modified)}</Fact>
      <Fact label="Slug">
        <code>{shown.slug}</code>
      </Fact>
      <Fact label="Id">{shown.id}</Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children || <span className="unknown">None</span>}</dd>
    </div>
  );
}

const link = (url: string | null | undefined) =>
  url && <ExternalLink url={url}>{url.replace(/^https?:\/\//i, '').replace(/\/$/, '')}</ExternalLink>;

const date = (time: string | null | undefined) => time && <time dateTime={time}>{formatDate(time)}</time>;
