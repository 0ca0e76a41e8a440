import './Alternatives.css';
import { Link } from 'wouter';
import { gridAddress, useAddress, useChange } from '../address';
import { counted, formatNumber } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';

const SHOWN = 3;

const Alternatives_package = graphql(`
  fragment Alternatives_package on Package {
    slug
    title
    grids {
      slug
    }
    alternatives(first: 10) {
      totalCount
      edges {
        sharedGrids
        node {
          slug
          title
          grids {
            slug
            title
          }
        }
      }
    }
  }
`);

/** The closest alternatives to a package that the rows around it do not tell of, and a way to see all. */
export function Alternatives(props: { package: FragmentType<typeof Alternatives_package> }) {
  const { slug, title, alternatives, grids } = unmask(Alternatives_package, props.package);
  const { grid: here } = useAddress();
  const change = useChange();
  if (!alternatives) return <span className="unknown">Unknown</span>;
  if (!alternatives.totalCount) return <span className="unknown">None</span>;

  const own = new Set(grids?.map(grid => grid?.slug));
  const telling = alternatives.edges.flatMap(({ node, sharedGrids }) => {
    const shared = node?.grids?.filter(grid => grid !== null).filter(grid => own.has(grid.slug)) ?? [];
    const where = shared.find(grid => grid.slug === here) ?? shared[0];
    if (!node || !where || (where.slug === here && sharedGrids === 1)) return [];
    const detail = sharedGrids > 1 ? counted(sharedGrids, 'shared grid') : `in ${where.title}`;
    return [{ ...node, detail, address: gridAddress(where.slug, node.slug) }];
  });
  return (
    <div className="closest">
      {telling.length === 0 ? (
        <span className="unknown">The others of this grid</span>
      ) : (
        <ul>
          {telling.slice(0, SHOWN).map(other => (
            <li key={other.slug}>
              <Link href={other.address}>{other.title}</Link> <small>{other.detail}</small>
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={() => change({ alternatives: slug })}>
        All {formatNumber(alternatives.totalCount)} <span className="unseen">alternatives to {title}</span>
      </button>
    </div>
  );
}
