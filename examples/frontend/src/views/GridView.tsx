import './GridView.css';
import { stringifyDocument, useQuery } from 'urql';
import { Link } from 'wouter';
import { useAddress } from '../address';
import { ComparisonTable } from '../components/ComparisonTable';
import { Notice, Problem } from '../components/Notice';
import { counted } from '../format';
import { graphql } from '../gql';
import { AlternativesView } from './AlternativesView';

const CompareGrid = graphql(`
  query CompareGrid($slug: String!) {
    grid(slug: $slug) {
      title
      description
      webUrl
      packages {
        ...ComparisonTable_package
      }
    }
  }
`);

/** A grid: its packages side by side. */
export function GridView({ slug }: { slug: string }) {
  const [{ data, error, fetching }, execute] = useQuery({ query: CompareGrid, variables: { slug } });
  const retry = () => execute({ requestPolicy: 'network-only' });
  const { alternatives } = useAddress();
  const grid = data?.grid;

  if (fetching && !data) return <TableLoading />;
  if (error && !grid) return <Problem error={error} retry={retry} />;
  if (!grid) return <NoSuchGrid slug={slug} />;
  const packages = (grid.packages ?? []).filter(each => each !== null);
  return (
    <>
      <title>{`${grid.title}: ${counted(packages.length, 'package')} side by side`}</title>
      <section className="intro">
        <p className="crumb">
          <Link href="/">All grids</Link>
        </p>
        <h1>{grid.title}</h1>
        <p>
          {grid.description || `${counted(packages.length, 'package')}, side by side.`}
        </p>
      </section>
      {error && <Problem error={error} retry={retry} />}
      {packages.length > 0 && <ComparisonTable packages={packages} />}
      {packages.length === 0 && !error && <Notice title="Nobody has put a package into this grid yet" />}
      {alternatives && <AlternativesView key={alternatives} slug={alternatives} />}
      <p className="sources">
        <a href={grid.webUrl}>This grid on Django Packages</a>
        <a href={graphiqlAddress(slug)}>The query behind this page, in GraphiQL</a>
      </p>
    </>
  );
}

function NoSuchGrid({ slug }: { slug: string }) {
  return (
    <Notice title={`No grid is called “${slug}”`}>
      <p>
        Find another one above, or choose from <Link href="/">all grids</Link>.
      </p>
    </Notice>
  );
}

function TableLoading() {
  return (
    <div className="loading" role="status" aria-label="Loading the grid">
      <div className="placeholder" />
      {Array.from({ length: 5 }, (_, index) => (
        <div key={index} className="placeholder row" />
      ))}
    </div>
  );
}

function graphiqlAddress(slug: string): string {
  const variables = JSON.stringify({ slug }, null, 2);
  return `../graphql?${new URLSearchParams({ query: stringifyDocument(CompareGrid), variables })}`;
}
