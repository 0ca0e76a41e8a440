import './Alternatives.css';
import { Link } from 'wouter';
import { gridAddress, useAddress, useChange } from '../address';
import { counted } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';

const Alternatives_package = graphql(`
  fragment Alternatives_package on Package {
    slug
    title
    alternatives(first: 3) {
      totalCount
      edges {
        sharedGrids
        node {
          slug
          title
          grids {
            slug
          }
        }
      }
    }
    grids {
      slug
    }
  }
`);

/** The closest alternatives to a package, each a link to a grid that compares both: this one if it does. */
export function Alternatives(props: { package: FragmentType<typeof Alternatives_package> }) {
  const { slug, title, alternatives, grids } = unmask(Alternatives_package, props.package);
  const { grid: here } = useAddress();
  const change = useChange();
  if (!alternatives) return <span className="unknown">Unknown</span>;
  if (!alternatives.totalCount) return <span className="unknown">None</span>;

  const own = new Set(grids?.map(grid => grid?.slug));
  const addressOf = (other: { slug: string; grids: ({ slug: string } | null)[] | null }) => {
    const shared = other.grids?.flatMap(grid => (grid && own.has(grid.slug) ? [grid.slug] : [])) ?? [];
    return gridAddress(shared.find(grid => grid === here) ?? shared[0] ?? '', other.slug);
  };
  return (
    <div className="closest">
      <ul>
        {alternatives.edges.map(
          ({ node, sharedGrids }) =>
            node && (
              <li key={node.slug}>
                <Link href={addressOf(node)}>{node.title}</Link>
                {sharedGrids > 1 && <small> {counted(sharedGrids, 'shared grid')}</small>}
              </li>
            ),
        )}
      </ul>
      <button type="button" aria-label={`All alternatives to ${title}`} onClick={() => change({ alternatives: slug })}>
        {alternatives.totalCount > alternatives.edges.length ? `All ${alternatives.totalCount}` : 'Details'}
      </button>
    </div>
  );
}
