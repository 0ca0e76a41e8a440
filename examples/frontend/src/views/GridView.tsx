import './GridView.css';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { GridPackages } from '../components/GridPackages';
import { Notice, Problem } from '../components/Notice';
import { Prose } from '../components/Prose';
import { Sources } from '../components/Sources';
import { counted, present } from '../format';
import { graphql } from '../gql';

const CompareGrid = graphql(`
  query CompareGrid($slug: String!) {
    grid(slug: $slug) {
      title
      description
      webUrl
      packages {
        ...GridPackages_package
      }
    }
  }
`);

/** A grid: its packages side by side. */
export function GridView({ slug }: { slug: string }) {
  const [{ data, error, fetching }, execute] = useQuery({ query: CompareGrid, variables: { slug } });
  const retry = () => execute({ requestPolicy: 'network-only' });
  const grid = data?.grid;

  if (fetching && !data) return <TableLoading />;
  if (error && !grid) return <Problem alone error={error} retry={retry} />;
  if (!grid) return <NoSuchGrid slug={slug} />;
  const packages = present(grid.packages);
  return (
    <>
      <title>{`${grid.title}: ${counted(packages.length, 'package')} side by side`}</title>
      <section className="intro">
        <p className="crumb">
          <Link href="/">All grids</Link>
        </p>
        <h1>{grid.title}</h1>
        <Prose text={grid.description} />
      </section>
      {error && <Problem error={error} retry={retry} />}
      {packages.length > 0 && <GridPackages slug={slug} title={grid.title} packages={packages} />}
      {packages.length === 0 && !error && <Notice title="Nobody has put a package into this grid yet" />}
      <Sources webUrl={grid.webUrl} thing="grid" query={CompareGrid} variables={{ slug }} />
    </>
  );
}

function NoSuchGrid({ slug }: { slug: string }) {
  return (
    <Notice alone title={`No grid is called “${slug}”`}>
      <title>{`No grid “${slug}”`}</title>
      <p>
        Find another one above, or choose from <Link href="/">all grids</Link>.
      </p>
    </Notice>
  );
}

function TableLoading() {
  return (
    <div className="loading" role="status">
      <h1 className="unseen">Loading the grid</h1>
      <div className="placeholder" />
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} className="placeholder row" />
      ))}
    </div>
  );
}
