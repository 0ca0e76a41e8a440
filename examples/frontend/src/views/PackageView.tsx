import './PackageView.css';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { searchAddress, useAddress, useChange } from '../address';
import { Alternative } from '../components/Alternative';
import { CommitChart } from '../components/CommitChart';
import { Misunderstood } from '../components/Misunderstood';
import { Notice, Problem } from '../components/Notice';
import { PackageFacts } from '../components/PackageFacts';
import { PackageFigures } from '../components/PackageFigures';
import { PackageGrids } from '../components/PackageGrids';
import { PackageLinks } from '../components/PackageLinks';
import { Participants } from '../components/Participants';
import { Prose } from '../components/Prose';
import { Sources } from '../components/Sources';
import { formatNumber, present } from '../format';
import { graphql } from '../gql';
import type { ShowPackageQuery } from '../gql/graphql';

const ShowPackage = graphql(`
  query ShowPackage($slug: String!) {
    package(slug: $slug) {
      slug
      title
      repoDescription
      webUrl
      ...PackageLinks_package
      ...PackageFigures_package
      ...CommitChart_package
      ...PackageFacts_package
      ...PackageGrids_package
      ...Participants_package
      grids {
        slug
      }
      alternatives(first: 6) {
        totalCount
        nodes {
          slug
          ...Alternative_package
        }
      }
    }
  }
`);

type Package = NonNullable<ShowPackageQuery['package']>;

/** All that the catalogue knows of a package. */
export function PackageView({ slug }: { slug: string }) {
  const [{ data, error, fetching }, execute] = useQuery({ query: ShowPackage, variables: { slug } });
  const { misunderstood } = useAddress();
  const retry = () => execute({ requestPolicy: 'network-only' });
  const shown = data?.package;

  if (fetching && !data) return <PackageLoading />;
  if (error && !shown) return <Problem alone error={error} retry={retry} />;
  if (!shown) return <NoSuchPackage slug={slug} />;
  return (
    <article className="package">
      <title>{`${shown.title}: a Django package`}</title>
      <Misunderstood sentences={misunderstood} />
      {error && <Problem error={error} retry={retry} />}
      <header className="intro">
        <p className="crumb">
          <Link href="/">All grids</Link>
        </p>
        <h1>{shown.title}</h1>
        <Prose text={shown.repoDescription} />
        <PackageLinks package={shown} named />
      </header>
      <PackageFigures package={shown} />
      <div className="body">
        <section>
          <h2>Commits a week</h2>
          <CommitChart package={shown} />
        </section>
        <section>
          <h2>Facts</h2>
          <PackageFacts package={shown} />
        </section>
        <section>
          <h2>Participants</h2>
          <Participants package={shown} />
        </section>
      </div>
      <div className="aside">
        <section>
          <h2>Grids</h2>
          <PackageGrids package={shown} />
        </section>
        <Alternatives package={shown} />
      </div>
      <Sources webUrl={shown.webUrl} thing="package" query={ShowPackage} variables={{ slug }} />
    </article>
  );
}

function Alternatives({ package: { slug, grids, alternatives } }: { package: Package }) {
  const change = useChange();
  const nodes = present(alternatives?.nodes);
  const total = alternatives?.totalCount ?? 0;
  const own = new Set(present(grids).map(grid => grid.slug));
  return (
    <section className="closest">
      <h2>Alternatives</h2>
      {!alternatives && <p className="unknown">They could not be read.</p>}
      {alternatives && total === 0 && <p className="unknown">No grid compares it with another package.</p>}
      <ul>
        {nodes.map(each => (
          <Alternative key={each.slug} package={each} to={slug} grids={own} />
        ))}
      </ul>
      {total > nodes.length && (
        <button type="button" onClick={() => change({ alternatives: slug })}>
          All {formatNumber(total)} alternatives
        </button>
      )}
    </section>
  );
}

function NoSuchPackage({ slug }: { slug: string }) {
  return (
    <Notice alone title={`No package is called “${slug}”`}>
      <title>{`No package “${slug}”`}</title>
      <p>
        <Link href={searchAddress(slug.replaceAll(/[-_]/g, ' '))}>Search the catalogue for it</Link>, or choose from{' '}
        <Link href="/">all grids</Link>.
      </p>
    </Notice>
  );
}

function PackageLoading() {
  return (
    <div className="loading" role="status">
      <h1 className="unseen">Loading the package</h1>
      <div className="placeholder" />
      <div className="placeholder figures" />
      <div className="placeholder chart" />
    </div>
  );
}
